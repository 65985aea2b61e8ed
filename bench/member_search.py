"""How long a search for a caller takes among 100,000 members, as somebody types.

    python -m bench.member_search [MEMBERS] [DATABASE_URL]

Without an address: an SQLite file of its own, and a PostgreSQL server of its own where its
programs are installed. Each query is every beginning of a word (from two characters on), as the
page sends it.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Engine, insert, text

from actions.domain.tables import MemberRow
from bot.clock import utc_now
from bot.database import create_engine, migrate, session_factory
from bot.lookup.search import MemberSearch
from bot.lookup.tables import MemberSearchRow
from bot.lookup.words import search_words
from bot.settings import Settings

MEMBERS = 100_000
FAMILY = (("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("山本", "ヤマモト"))
GIVEN = (("一郎", "イチロウ"), ("花子", "ハナコ"), ("健一", "ケンイチ"), ("誠", "マコト"))
QUERIES = (
    "山本 健一",
    "やまもとけんいち",
    "ﾔﾏﾓﾄ",
    "099999",
    "m54321@clinic.example.jp",
    "03-1234-5678",
    "5678",
    "見つからない名前",
)


def main() -> None:
    """Fill, search, print."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS
    if len(sys.argv) > 2:
        _measure(sys.argv[2], members)
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(f"sqlite:///{Path(folder) / 'navi.db'}", members)
    from tests import postgres

    if sentence := postgres.missing():
        print(sentence)
        return
    with postgres.Cluster.start() as cluster:
        _measure(cluster.url("postgres"), members)


def _measure(url: str, members: int) -> None:
    settings = Settings(database_url=url)
    migrate(settings)
    engine = create_engine(settings.resolved_database_url())
    _fill(engine, members)
    search = MemberSearch(session_factory(engine))
    search.find("warm")
    times = {query: [_timed(search, part) for part in _typed(query)] for query in QUERIES}
    every = sorted(ms for found in times.values() for ms in found)
    print(f"{engine.dialect.name}, {members:,} members")
    for query, found in times.items():
        print(f"  {query}: median {statistics.median(found):.1f} ms, worst {max(found):.1f} ms")
    at_95 = every[int(len(every) * 0.95)]
    print(f"  all {len(every)}: median {statistics.median(every):.1f} ms, p95 {at_95:.1f} ms")
    engine.dispose()


def _typed(query: str) -> Iterator[str]:
    for length in range(2, len(query) + 1):
        yield from [query[:length]] * 3


def _timed(search: MemberSearch, query: str) -> float:
    started = time.perf_counter()
    search.find(query)
    return (time.perf_counter() - started) * 1000


def _fill(engine: Engine, members: int) -> None:
    now, chance = utc_now(), random.Random(4)
    common = {"as_of": now, "demo": False, "created_at": now, "updated_at": now}
    with engine.begin() as connection:
        for start in range(0, members, 10_000):
            rows = [_member(n, chance) for n in range(start, min(start + 10_000, members))]
            words = [
                {"number": row["number"]} | asdict(search_words(*list(row.values())[:5]))
                for row in rows
            ]
            kinds = [row | {"kind": "individual"} | common for row in rows]
            connection.execute(insert(MemberRow), kinds)
            connection.execute(insert(MemberSearchRow), words)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _member(n: int, chance: random.Random) -> dict[str, str]:
    family, given = chance.choice(FAMILY), chance.choice(GIVEN)
    return {
        "number": f"{n:06}",
        "name": f"{family[0]} {given[0]}",
        "kana": f"{family[1]} {given[1]}",
        "email": f"m{n}@clinic.example.jp",
        "phone": f"03-{chance.randrange(10_000):04}-{chance.randrange(10_000):04}",
    }


if __name__ == "__main__":
    main()

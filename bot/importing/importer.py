"""One import: read every file, stage, swap in. All or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from actions.domain.tables import READ_ONLY
from bot.database import DEFERRED
from bot.importing import jsonl, sheets
from bot.importing.differences import Differences
from bot.importing.records import ImportFailed, NamedFile, Place, Problems, Reading
from bot.importing.staging import Staging, newest_import, record_import, swap_in
from bot.registry_events.apply import MemberStates
from bot.registry_events.intake import events_since

Progress = Callable[[int, int], None]
"""Called with the bytes read and the bytes there are."""


@dataclass(frozen=True)
class ImportSummary:
    """What an import brought; `as_of` is the instant of its members' state (its start).

    `nobody`: lines that said that there is no such member.
    `swap_seconds`: how long the transaction lasted that others could wait for.
    `differences`: where the stored state was another one.
    """

    members: int
    applications: int
    nobody: int
    as_of: datetime
    seconds: float
    swap_seconds: float
    differences: Differences = field(default_factory=Differences)


def import_files(
    engine: Engine,
    files: Sequence[Path],
    progress: Progress = lambda done, total: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ImportSummary:
    """Import JSON Lines and CSV sheets into a migrated database, as one import.

    Raises ImportFailed with every reason found (at most 20); nothing is written then.
    """
    started_at = clock()
    named = _named(files)
    problems = Problems()
    before = _newest(engine)
    with _private_connection(engine) as connection:
        staging = Staging(connection)
        staging.create()
        nobody = _stage(named, staging, problems, progress)
        problems.raise_if_any()
        if not staging.members and not nobody:
            raise ImportFailed([f"{', '.join(f.name for f in named)}: no members in there"])
        with connection.execution_options(**DEFERRED).begin():
            differed = staging.differences()
        swap_from = clock()
        with _swapping(connection) as transaction:
            if newest_import(transaction) != before:
                raise ImportFailed(["another import finished meanwhile; run this one again"])
            swap_in(transaction, started_at)
            source = ", ".join(file.name for file in named)
            record_import(transaction, started_at, clock(), source, staging)
            _take_later_events(transaction, started_at, clock())
        finished_at = clock()
    return ImportSummary(
        members=staging.members,
        applications=staging.applications,
        nobody=nobody,
        as_of=started_at,
        seconds=(finished_at - started_at).total_seconds(),
        swap_seconds=(finished_at - swap_from).total_seconds(),
        differences=differed,
    )


def _take_later_events(connection: Connection, since: datetime, now: datetime) -> None:
    """Events that were reported while the files were read are newer than what they say."""
    with Session(bind=connection) as session:
        events = events_since(session, since)
        MemberStates(session, (event.number for event in events)).apply(events, now)


def _stage(
    files: Sequence[NamedFile], staging: Staging, problems: Problems, progress: Progress
) -> int:
    """Read everything into staging. Returns how many lines said that there is no member."""
    total = sum(file.path.stat().st_size for file in files)
    seen: dict[str, Place] = {}
    done = nobody = 0
    for count, read in enumerate(_read_all(files, problems)):
        done += read.consumed
        nobody += read.nobody
        if read.member is None:
            pass
        elif read.member.number in seen:
            first = seen[read.member.number]
            problems.add(read.place, f"number {read.member.number} is in {first} already")
        else:
            seen[read.member.number] = read.place
            if not problems:  # once a line is bad, the rest is only read for further reasons
                staging.add(read.member)
        if count % 500 == 0:
            progress(min(done, total), total)
    if not problems:
        staging.flush()
    progress(total, total)
    return nobody


def _read_all(files: Sequence[NamedFile], problems: Problems) -> Reading:
    tables = []
    for file in files:
        if _is_json_lines(file.path):
            yield from jsonl.read(file, problems)
        else:
            tables.append(file)
    # Sheets refer to each other, so they are read together.
    yield from sheets.read(tables, problems)


def _named(files: Sequence[Path]) -> list[NamedFile]:
    """The files by their names; by their paths where two have the same name."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise ImportFailed([f"{file}: no such file" for file in missing])
    names = [file.name for file in files]
    return [
        NamedFile(file, file.name if names.count(file.name) == 1 else str(file)) for file in files
    ]


def _is_json_lines(file: Path) -> bool:
    with file.open("rb") as content:
        start = content.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") or file.suffix.lower() in (".jsonl", ".ndjson", ".json")


@contextmanager
def _private_connection(engine: Engine) -> Iterator[Connection]:
    """A connection outside the pool: closed afterwards, and its temporary tables with it."""
    with engine.connect().execution_options(**DEFERRED) as connection:
        connection.detach()
        yield connection


def _newest(engine: Engine) -> int:
    with engine.connect().execution_options(**READ_ONLY) as connection:
        return newest_import(connection)


@contextmanager
def _swapping(connection: Connection) -> Iterator[Connection]:
    """The writing transaction: alone among imports, and long enough for large ones."""
    writer = connection.execution_options(navi_begin="immediate")
    with writer.begin():
        if writer.dialect.name == "postgresql":
            writer.execute(text("SET LOCAL statement_timeout = 0"))
            writer.execute(text("SET LOCAL lock_timeout = '60s'"))
            writer.execute(text("LOCK TABLE registry_import IN EXCLUSIVE MODE"))
        yield writer

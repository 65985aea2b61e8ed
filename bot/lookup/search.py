"""The search for callers: any part of a number, name, kana, mail address or telephone number.

A scan of one narrow table (`member_search`): any part of a word is found, on SQLite and on
PostgreSQL alike, without an extension that a server may not have. `python -m bench.member_search`
measures it with 100,000 members.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.database import reading
from bot.lookup.tables import MemberSearchRow as Searched
from bot.lookup.words import FIELD, terms

MOST_HITS = 20
MOST_TIED = 5
SHORTEST = 2
SHORTEST_DIGITS = 3


@dataclass(frozen=True)
class Hit:
    """A member that was found, with what tells callers apart and no more."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    kana: str = field(repr=False)
    kind: str | None

    @property
    def ending(self) -> str:
        """The number's last two digits; the others are for the caller to say."""
        return self.number[-2:]


@dataclass(frozen=True)
class Group:
    """Numbers that one mailbox or telephone ties together; mostly one alone.

    `tied` were not searched for: the other membership of the same doctor, or a colleague.
    """

    found: tuple[Hit, ...]
    tied: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Found:
    """The result: `more` hits than are shown; `too_short` to search with."""

    groups: tuple[Group, ...] = ()
    more: bool = False
    too_short: bool = False

    @property
    def count(self) -> int:
        """Members found."""
        return sum(len(group.found) for group in self.groups)


class MemberSearch:
    """Searches through sessions that only read."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def find(self, query: str) -> Found:
        """Members that contain every word of `query`; those that begin with one come first."""
        wanted = terms(query)
        if not any(_long_enough(term) for term in wanted):
            return Found(too_short=True)
        with reading(self._sessions) as session:
            rows = session.execute(_matching(wanted, session.get_bind().dialect.name)).all()
            shown = rows[:MOST_HITS]
            tied = session.execute(_tied(shown)).all() if shown else []
        return Found(tuple(_groups(shown, tied)), more=len(rows) > MOST_HITS)

    def tied_to(self, number: str) -> Group:
        """A member with the numbers of the same mailbox or telephone."""
        with reading(self._sessions) as session:
            rows = session.execute(_columns().where(Searched.number == number)).all()
            tied = session.execute(_tied(rows)).all() if rows else []
        return next(iter(_groups(rows, tied)), Group(()))


def _long_enough(term: str) -> bool:
    return len(term) >= (SHORTEST_DIGITS if term.isdigit() else SHORTEST)


def _columns() -> Select[str, str, str, str | None, str, str]:
    return select(
        MemberRow.number,
        MemberRow.name,
        MemberRow.kana,
        MemberRow.kind,
        Searched.mailbox,
        Searched.phone,
    ).join_from(Searched, MemberRow, MemberRow.number == Searched.number)


AnyRow = Row[str, str, str, str | None, str, str]


def _matching(wanted: Sequence[str], dialect: str) -> Select[str, str, str, str | None, str, str]:
    # Not LIKE: these compare bytes, which is what the normalised words are for.
    place = func.instr if dialect == "sqlite" else func.strpos
    longest_first = sorted(wanted, key=len, reverse=True)
    holds = and_(*(place(Searched.words, term) > 0 for term in longest_first))
    begins: ColumnElement[int] = case(
        (place(Searched.words, f"{FIELD}{wanted[0]}") > 0, 0), else_=1
    )
    best = (
        select(Searched.number, begins.label("begins"))
        .where(holds)
        .order_by("begins", Searched.number)
        .limit(MOST_HITS + 1)
        .subquery()
    )
    joined = _columns().join(best, best.c.number == Searched.number)
    return joined.order_by(best.c.begins, Searched.number)


def _tied(shown: Sequence[AnyRow]) -> Select[str, str, str, str | None, str, str]:
    mailboxes = {row.mailbox for row in shown if row.mailbox}
    phones = {row.phone for row in shown if row.phone}
    same = or_(Searched.mailbox.in_(mailboxes), Searched.phone.in_(phones))
    others = Searched.number.not_in([row.number for row in shown])
    limit = MOST_TIED * len(shown)
    return _columns().where(same, others).order_by(Searched.number).limit(limit)


def _groups(shown: Sequence[AnyRow], others: Sequence[AnyRow]) -> Iterable[Group]:
    left = list(shown)
    while left:
        first = left.pop(0)
        together = [first, *(row for row in left if _same_contact(first, row))]
        left = [row for row in left if row not in together]
        tied = (o for o in others if any(_same_contact(o, row) for row in together))
        yield Group(
            tuple(_hit(row) for row in together),
            tuple(_hit(row) for row in islice(tied, MOST_TIED)),
        )


def _same_contact(a: AnyRow, b: AnyRow) -> bool:
    same_mailbox = bool(a.mailbox) and a.mailbox == b.mailbox
    return same_mailbox or (bool(a.phone) and a.phone == b.phone)


def _hit(row: AnyRow) -> Hit:
    return Hit(row.number, row.name, row.kana, row.kind)

"""The list of cases: searched, filtered, what is promised for today first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import tokyo_date
from bot.cases.records import Case, CaseState, case_of
from bot.clock import Clock
from bot.database import reading
from bot.lookup.tables import MemberSearchRow
from bot.lookup.words import terms
from bot.store.case_tables import CaseCheckRow, CaseRow

PAGE = 50
_EXPORT_CHUNK = 500


@dataclass(frozen=True)
class Wanted:
    """What the list is to show; `person` is a staff id, `due` only what is promised by today."""

    text: str = ""
    state: CaseState | None = None
    person: str = ""
    due: bool = False


@dataclass(frozen=True)
class Check:
    """An answer of the caller as it was judged."""

    item: str
    matched: bool
    at: datetime


class CaseList:
    """Reads cases."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def find(self, wanted: Wanted, page: int = 0) -> tuple[list[Case], bool]:
        """One page (from 0) of cases, and whether there is another."""
        query = self._query(wanted).limit(PAGE + 1).offset(page * PAGE)
        with reading(self._sessions) as session:
            rows = session.scalars(query).all()
        return [case_of(row) for row in rows[:PAGE]], len(rows) > PAGE

    def to_go_on_with(self, staff_id: str, most: int = 5) -> list[Case]:
        """A person's own open and paused cases, and what anybody promised for today."""
        mine = and_(CaseRow.staff_id == staff_id, CaseRow.state != CaseState.closed)
        today = tokyo_date(self._clock())
        query = _in_order(select(CaseRow).where(or_(mine, _is_due(today))), today).limit(most)
        with reading(self._sessions) as session:
            return [case_of(row) for row in session.scalars(query)]

    def people(self) -> list[tuple[str, str]]:
        """Id and name of everyone who has a case."""
        query = select(CaseRow.staff_id, func.max(CaseRow.staff_name)).group_by(CaseRow.staff_id)
        with reading(self._sessions) as session:
            return sorted((row[0], row[1]) for row in session.execute(query))

    def checks(self, case_id: str) -> list[Check]:
        """What the caller of a case was asked, in that order."""
        query = select(CaseCheckRow).where(CaseCheckRow.case_id == case_id)
        with reading(self._sessions) as session:
            rows = session.scalars(query.order_by(CaseCheckRow.id))
            return [Check(row.item, row.matched, row.at) for row in rows]

    def noted(self, case_id: str) -> str:
        """The text of a case's notes."""
        with reading(self._sessions) as session:
            return session.scalar(select(CaseRow.noted).where(CaseRow.id == case_id)) or ""

    def all(self, wanted: Wanted) -> Iterator[tuple[Case, str]]:
        """Every case with the text of its notes, in chunks of one snapshot."""
        with reading(self._sessions) as session:
            rows = session.scalars(self._query(wanted).execution_options(yield_per=_EXPORT_CHUNK))
            for row in rows:
                yield case_of(row), row.noted

    def _query(self, wanted: Wanted) -> Select[CaseRow]:
        today = tokyo_date(self._clock())
        query = select(CaseRow)
        for word in wanted.text.split()[:4]:
            query = query.where(_holds(word))
        if wanted.state is not None:
            query = query.where(CaseRow.state == wanted.state)
        if wanted.person:
            query = query.where(CaseRow.staff_id == wanted.person)
        if wanted.due:
            query = query.where(_is_due(today))
        return _in_order(query, today)


def _holds(word: str) -> ColumnElement[bool]:
    """The word stands in a text of the case, or the case's member is found by it."""
    texts = (
        CaseRow.member_name,
        CaseRow.caller,
        CaseRow.phone,
        CaseRow.agreed,
        CaseRow.noted,
    )
    found: Sequence[ColumnElement[bool]] = [
        column.icontains(word, autoescape=True) for column in texts
    ]
    members = [
        CaseRow.number.in_(
            select(MemberSearchRow.number).where(
                MemberSearchRow.words.contains(term, autoescape=True)
            )
        )
        for term in terms(word)
    ]
    return or_(*found, *members)


def _is_due(today: date) -> ColumnElement[bool]:
    return and_(CaseRow.follow_up_on <= today, CaseRow.follow_up_done_at.is_(None))


def _in_order(query: Select[CaseRow], today: date) -> Select[CaseRow]:
    promised = case((_is_due(today), CaseRow.follow_up_on), else_=None)
    return query.order_by(
        case((_is_due(today), 0), else_=1), promised, CaseRow.updated_at.desc(), CaseRow.id
    )

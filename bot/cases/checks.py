"""The checklist of a case as it is kept: each answer once judged, too many wrong ones refused."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.cases.checklist import NOT_ON_LABEL, TICKED, Item, OnRecord, Policy, is_enough, same_answer
from bot.cases.records import (
    Case,
    CaseConflict,
    CaseNotFound,
    CaseState,
    VerifiedHow,
    case_of,
)
from bot.clock import Clock
from bot.database import reading
from bot.staff.members import StaffMember
from bot.store.case_tables import CaseCheckRow, CaseRow
from bot.wording import staff_members

_COUNTED = timedelta(hours=24)


@dataclass(frozen=True)
class Judged:
    """What came of an answer: the case as it is now; None where it was not judged (refused)."""

    case: Case
    matched: bool | None


class Checks:
    """Judges the answers of callers. Wrong ones are counted by number, over all cases."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, policy: Policy) -> None:
        self._sessions = sessions
        self._clock = clock
        self.policy = policy

    def tries_left(self, number: str) -> int:
        """Wrong answers that the number still allows today."""
        with reading(self._sessions) as session:
            return max(0, self.policy.tries - self._wrong(session, number))

    def answer(
        self, case_id: str, person: StaffMember, item: Item, said: str, ticked: bool | None = None
    ) -> Judged:
        """Judge one answer: `said` is compared, `ticked` is the clerk's own comparison.

        Raises CaseNotFound, and CaseConflict for a case that is not open or has no number.
        """
        if item in TICKED and ticked is None:
            raise CaseConflict(staff_members("problems")["not_ticked"])
        now = self._clock()
        with self._sessions.begin() as session:
            row, member = self._locked(session, case_id)
            if self._wrong(session, member.number) >= self.policy.tries:
                row.refused_at = row.refused_at or now
                return Judged(case_of(row), None)
            record = _on_record(member)
            if item not in record.items():
                raise CaseConflict(staff_members("problems")["not_on_record"])
            matched = bool(ticked) if item in TICKED else same_answer(item, said, record)
            self._keep(session, row, person, item.value, matched)
            if matched:
                self._take(row, item)
            else:
                row.verified_items = [i for i in row.verified_items if i != item]
                if self._wrong(session, member.number) >= self.policy.tries:
                    row.refused_at, row.verified_until = now, None
            row.updated_at = now
            session.flush()
            return Judged(case_of(row), matched)

    def found_by_number(self, case_id: str, person: StaffMember) -> Case:
        """The caller was found by the whole number: this question is answered.

        A telephone number is not taken over like this: it may come from the display of the
        telephone, which can be forged.
        """
        with self._sessions.begin() as session:
            row, member = self._locked(session, case_id)
            if self._wrong(session, member.number) < self.policy.tries:
                self._keep(session, row, person, Item.number.value, True)
                self._take(row, Item.number)
            session.flush()
            return case_of(row)

    def called_back(self, case_id: str, person: StaffMember) -> Case:
        """The office called the registered telephone and spoke to the member there."""
        now = self._clock()
        with self._sessions.begin() as session:
            row, _ = self._locked(session, case_id)
            self._keep(session, row, person, VerifiedHow.callback.value, True)
            row.verified_items = [VerifiedHow.callback.value]
            self._verify(row, VerifiedHow.callback)
            row.updated_at = now
            session.flush()
            return case_of(row)

    def choose_number(self, case_id: str, person: StaffMember, number: str) -> Case:
        """Give a case its number, or go on with another number of the same contact.

        Answers that are the same for both numbers stay answered. Raises CaseConflict where the
        two numbers share neither mailbox nor telephone.
        """
        with self._sessions.begin() as session:
            row = session.get(CaseRow, case_id, with_for_update=True)
            member = session.get(MemberRow, number, with_for_update=True)
            if row is None or member is None:
                raise CaseNotFound(staff_members("problems")["no_member"])
            if row.state != CaseState.open:
                raise CaseConflict(staff_members("problems")["not_open"])
            before = session.get(MemberRow, row.number) if row.number else None
            kept = _shared(before, member, row.verified_items) if before else []
            row.number, row.member_name = member.number, member.name
            row.verified_until, row.verified_items = None, []
            if self._wrong(session, number) < self.policy.tries:
                for item in kept:
                    self._take(row, item)
            row.staff_id, row.staff_name = person.id, person.name[:100]
            row.updated_at = self._clock()
            session.flush()
            return case_of(row)

    def _locked(self, session: Session, case_id: str) -> tuple[CaseRow, MemberRow]:
        row = session.get(CaseRow, case_id, with_for_update=True)
        if row is None:
            raise CaseNotFound(staff_members("problems")["no_case"])
        if row.state != CaseState.open or row.number is None:
            raise CaseConflict(staff_members("problems")["not_open"])
        # The member's row is the lock of the count: parallel answers in two cases wait here.
        member = session.get(MemberRow, row.number, with_for_update=True)
        if member is None:
            raise CaseNotFound(staff_members("problems")["no_member"])
        return row, member

    def _keep(
        self, session: Session, row: CaseRow, person: StaffMember, item: str, matched: bool
    ) -> None:
        session.add(
            CaseCheckRow(
                case_id=row.id,
                number=row.number,
                item=item,
                matched=matched,
                staff_id=person.id,
                at=self._clock(),
            )
        )
        session.flush()

    def _take(self, row: CaseRow, item: Item) -> None:
        row.verified_items = [*(i for i in row.verified_items if i != item), item.value]
        matched = [Item(i) for i in row.verified_items if i in list(Item)]
        if is_enough(matched, self.policy.needed):
            self._verify(row, VerifiedHow.checklist)

    def _verify(self, row: CaseRow, how: VerifiedHow) -> None:
        now = self._clock()
        row.verified_at, row.verified_how, row.refused_at = now, how.value, None
        row.verified_until = now + timedelta(minutes=self.policy.minutes)

    def _wrong(self, session: Session, number: str) -> int:
        since = self._clock() - _COUNTED
        query = select(func.count()).where(
            CaseCheckRow.number == number,
            CaseCheckRow.at > since,
            CaseCheckRow.matched.is_(False),
        )
        return session.scalar(query) or 0


def _on_record(member: MemberRow) -> OnRecord:
    return OnRecord(member.number, member.name, member.phone or "", member.email)


def _shared(before: MemberRow, member: MemberRow, answered: list[str]) -> list[Item]:
    """Answers that hold for the other number too; the two must be tied by a contact."""
    old, new = _on_record(before), _on_record(member)
    same = [i for i in new.items() if same_answer(i, getattr(old, i.value), new)]
    if NOT_ON_LABEL.isdisjoint(same):
        raise CaseConflict(staff_members("problems")["not_tied"])
    return [item for item in same if item in answered]

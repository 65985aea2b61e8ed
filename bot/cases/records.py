"""A telephone case as a value."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.errors import NaviError
from bot.store.case_tables import CaseRow


class CaseState(StrEnum):
    """Where a case stands; closed ones stay searchable."""

    open = "open"
    paused = "paused"
    closed = "closed"


class VerifiedHow(StrEnum):
    """What made the caller known: the checklist, or calling back the registered telephone."""

    checklist = "checklist"
    callback = "callback"


class CaseNotFound(NaviError, slug="case-not-found", status=404):
    """No such case."""


class CaseConflict(NaviError, slug="case-conflict", status=409):
    """The case does not allow this (any more)."""


class CaseOvertaken(CaseConflict, slug="case-overtaken", status=409):
    """Another clerk has written or closed it since this one's form was opened."""


class InvalidCase(NaviError, slug="case-invalid", status=422):
    """A value that a case cannot take."""


@dataclass(frozen=True)
class Case:
    """One call. Instants are UTC, `follow_up_on` is a civil date in Asia/Tokyo.

    Names, telephone and texts are kept out of `repr`, hence out of logs.
    """

    id: str
    number: str | None = field(repr=False)
    member_name: str = field(repr=False)
    caller: str = field(repr=False)
    phone: str = field(repr=False)
    staff_id: str
    staff_name: str
    conversation_id: str | None
    verified_at: datetime | None
    verified_until: datetime | None
    verified_how: VerifiedHow | None
    verified_items: tuple[str, ...]
    refused_at: datetime | None
    state: CaseState
    outcome: str | None
    topic: str | None
    agreed: str = field(repr=False)
    follow_up_on: date | None
    follow_up_done_at: datetime | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None

    def is_verified(self, now: datetime) -> bool:
        """Whether the state of `number` may be shown and spoken of at this instant."""
        open_ = self.state is CaseState.open
        return open_ and self.verified_until is not None and now < self.verified_until

    def may_be_told(self, now: datetime) -> bool:
        """Whether what came of the call may be shown to a clerk whose caller is on the line.

        What was told to a verified caller is the registry's: it waits until this one is verified.
        """
        return self.verified_at is None or self.is_verified(now)

    def follow_up_is_due(self, today: date) -> bool:
        """Whether somebody promised to come back to the caller by `today`."""
        waiting = self.follow_up_on is not None and self.follow_up_done_at is None
        return waiting and self.follow_up_on is not None and self.follow_up_on <= today


def case_of(row: CaseRow) -> Case:
    """The row as a value."""
    return Case(
        id=row.id,
        number=row.number,
        member_name=row.member_name,
        caller=row.caller,
        phone=row.phone,
        staff_id=row.staff_id,
        staff_name=row.staff_name,
        conversation_id=row.conversation_id,
        verified_at=row.verified_at,
        verified_until=row.verified_until,
        verified_how=VerifiedHow(row.verified_how) if row.verified_how else None,
        verified_items=tuple(row.verified_items),
        refused_at=row.refused_at,
        state=CaseState(row.state),
        outcome=row.outcome,
        topic=row.topic,
        agreed=row.agreed,
        follow_up_on=row.follow_up_on,
        follow_up_done_at=row.follow_up_done_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
    )

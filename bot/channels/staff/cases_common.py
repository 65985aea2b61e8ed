"""What the pages on callers and cases share: parts, audit, dates, labels."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import anyio
from fastapi import Depends, Form, Request
from fastapi.responses import RedirectResponse

from actions.domain.calendar import tokyo_date
from actions.domain.japanese import say_date
from bot.cases import overtaken
from bot.cases.picture import say_moment
from bot.cases.records import Case
from bot.staff.members import Role, StaffMember
from bot.staff.parts import StaffParts
from bot.wording import labels, staff_members

T = TypeVar("T")


def parts(request: Request) -> StaffParts:
    """The console's parts."""
    found: StaffParts = request.app.state.staff
    return found


async def in_thread(act: Callable[..., T], *values: Any) -> T:
    """Run what waits for the database without holding up everybody else."""
    return await anyio.to_thread.run_sync(lambda: act(*values))


async def noted(
    request: Request,
    event: str,
    person: StaffMember,
    number: str | None = None,
    conversation_id: str | None = None,
    detail: str | None = None,
) -> None:
    """Into the audit trail; what cannot be noted must not be shown (raises SQLAlchemyError)."""
    audit = parts(request).audit
    await in_thread(audit.note, event, person, number, conversation_id, detail)


def go(path: str) -> RedirectResponse:
    """To another page after a form."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _written(
    seen: Annotated[str, Form(max_length=64)] = "", joins: Annotated[str, Form(max_length=2)] = ""
) -> overtaken.Form:
    return overtaken.Form(seen, joins == "on")


Written = Annotated[overtaken.Form, Depends(_written)]
"""What a form on a case was opened with."""


def told_to(person: StaffMember, now: datetime) -> Callable[[Case], bool]:
    """Whether the person may read what came of a case; supervisors see any registration."""
    return lambda case: person.role is Role.supervisor or case.may_be_told(now)


def common(request: Request) -> dict[str, Any]:
    """What the templates of these pages say dates and outcomes with."""
    now = parts(request).clock()
    outcomes = staff_members("registration")["outcomes"]
    topics = labels()

    def moment(instant: datetime) -> str:
        return say_moment(instant, now)

    def day(d: date) -> str:
        return say_date(d, tokyo_date(now))

    return {
        "now": now,
        "today": tokyo_date(now),
        "moment": moment,
        "day": day,
        "outcome_label": lambda key: outcomes[key]["headline"] if key in outcomes else key,
        "topic_label": lambda key: topics.get(key, key),
    }

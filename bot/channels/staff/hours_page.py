"""/staff/hours: the office hours, special days and closures, for supervisors."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import TOKYO, BusinessCalendar
from actions.domain.japanese import say_date
from actions.domain.registry import Registry
from actions.domain.tables import ClosureRow
from bot.channels.staff.access import Supervisor
from bot.channels.staff.pages import page
from bot.handover.hours import OfficeHours, Shift, SpecialDay, read_shifts, write_shifts
from bot.handover.hours_store import HoursStore
from bot.handover.words import say_moment, say_time
from bot.staff.members import StaffMember
from bot.staff.parts import StaffParts
from bot.staff.words import staff_words

Line = Annotated[str, Form(max_length=200)]
router = APIRouter(prefix="/hours")


class _Unusable(Exception):
    """What was written cannot be used; the message is the sentence for it."""


@router.get("")
async def hours(request: Request, person: Supervisor, done: bool = False) -> Response:
    """What holds now."""
    return await _show(request, person, done=done)


@router.post("/week")
async def week(request: Request, person: Supervisor) -> Response:
    """The times of the whole week: fields `day_0` (Monday) to `day_6`."""
    form = await request.form()
    given = {day: str(form.get(f"day_{day}", "")) for day in range(7)}
    return await _change(request, person, lambda: _set_week(request, given), "week", given)


@router.post("/special")
async def special(
    request: Request, person: Supervisor, day: Line = "", shifts: Line = "", reason: Line = ""
) -> Response:
    """A day with its own times, or without any."""

    def act() -> None:
        found = SpecialDay(_day(day), _shifts(shifts), _one_line(reason))
        _store(request).set_special(found)

    return await _change(request, person, act, f"special {day}")


@router.post("/special/remove")
async def remove_special(request: Request, person: Supervisor, day: Line = "") -> Response:
    """An ordinary day again."""
    act = lambda: _store(request).remove_special(_day(day))  # noqa: E731
    return await _change(request, person, act, f"special {day} removed")


@router.post("/closure")
async def closure(
    request: Request, person: Supervisor, day: Line = "", reason: Line = ""
) -> Response:
    """The office is closed that day, for business days too."""
    act = partial(_set_closure, request, day, reason)
    return await _change(request, person, act, f"closure {day}")


@router.post("/closure/remove")
async def remove_closure(request: Request, person: Supervisor, day: Line = "") -> Response:
    """An ordinary day again."""
    act = partial(_set_closure, request, day, None)
    return await _change(request, person, act, f"closure {day} removed")


async def _change(
    request: Request,
    person: StaffMember,
    act: Callable[[], object],
    detail: str,
    given: Mapping[int, str] | None = None,
) -> Response:
    parts: StaffParts = request.app.state.staff
    try:
        await anyio.to_thread.run_sync(act)
    except _Unusable as unusable:
        return await _show(request, person, problem=str(unusable), given=given)
    note = partial(parts.audit.note, "hours_changed", person, detail=detail)
    await anyio.to_thread.run_sync(note)
    return RedirectResponse("/staff/hours?done=true", 303)


async def _show(
    request: Request,
    person: StaffMember,
    problem: str = "",
    given: Mapping[int, str] | None = None,
    done: bool = False,
) -> Response:
    words, registry = staff_words("staff_hours"), _registry(request)
    now: datetime = request.app.state.clock()
    closures = await anyio.to_thread.run_sync(registry.closures)
    # What was saved a moment ago holds on this page at once; elsewhere within seconds.
    calendar = BusinessCalendar(frozenset(closure.day for closure in closures))
    stored = await anyio.to_thread.run_sync(_store(request).hours)
    found = replace(stored, calendar=calendar)
    today = now.astimezone(TOKYO).date()
    return page(
        request,
        "hours.html",
        person,
        422 if problem else 200,
        w=words,
        problem=problem,
        done=words["saved"] if done else "",
        now=now_lines(found, now),
        is_default=found.is_default,
        days=[
            {"name": name, "value": (given or {}).get(i, write_shifts(found.week.get(i, ())))}
            for i, name in enumerate(words["days"])
        ],
        special=[
            _row(day.day, _said(day.shifts), day.reason, today)
            for day in sorted(found.special.values(), key=lambda special: special.day)
            if day.day >= today
        ],
        closures=[_row(c.day, "", c.reason, today) for c in closures if c.day >= today],
    )


def now_lines(hours: OfficeHours, now: datetime) -> list[str]:
    """「ただいま受付時間内です」 until when, or when the next opening is."""
    words = staff_words("staff_hours")
    closes = hours.closing(now)
    if closes is not None:
        local = closes.astimezone(TOKYO)
        minutes = local.hour * 60 + local.minute or 24 * 60
        return [words["now_open"], words["now_open_until"].format(time=say_time(minutes))]
    opens = hours.next_opening(now)
    if opens is None:
        return [words["now_closed"], words["never"]]
    today = now.astimezone(TOKYO).date()
    return [words["now_closed"], words["next_opening"].format(when=say_moment(opens, today))]


def _said(shifts: tuple[Shift, ...]) -> str:
    closed = str(staff_words("staff_hours")["closed"])
    return write_shifts(shifts).replace(",", "、").replace("-", "〜") or closed


def _row(day: date, hours: str, reason: str, today: date) -> dict[str, Any]:
    return {"day": day.isoformat(), "said": say_date(day, today), "hours": hours, "reason": reason}


def _set_week(request: Request, given: Mapping[int, str]) -> None:
    found = {day: _shifts(text) for day, text in given.items()}
    if not any(found.values()):
        raise _Unusable(staff_words("staff_hours")["errors"]["empty"])
    _store(request).set_week(found)


def _set_closure(request: Request, day: str, reason: str | None) -> None:
    sessions: sessionmaker[Session] = request.app.state.sessions
    found = _day(day)
    with sessions.begin() as session:
        if reason is not None:
            session.merge(ClosureRow(day=found, reason=_one_line(reason)))
        elif row := session.get(ClosureRow, found):
            session.delete(row)


def _shifts(text: str) -> tuple[Shift, ...]:
    try:
        return read_shifts(text)
    except ValueError:
        raise _Unusable(
            staff_words("staff_hours")["errors"]["format"].format(text=_one_line(text))
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unusable(staff_words("staff_hours")["errors"]["date"]) from None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def _store(request: Request) -> HoursStore:
    store: HoursStore = request.app.state.handover.hours
    return store


def _registry(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry

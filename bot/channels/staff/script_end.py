"""The end of a call: what was agreed, when to come back, and a text for the member."""

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.cases.records import Case, CaseConflict, CaseState
from bot.channels.staff.access import SignedIn
from bot.channels.staff.cases_common import common, go, in_thread, noted, parts
from bot.channels.staff.pages import page
from bot.channels.staff.script import ClientId, script
from bot.channels.staff.script_sending import NotSent, line_source, send_by_line, send_by_mail
from bot.errors import InvalidRequest
from bot.script.screen import outcome_words
from bot.script.words import words

router = APIRouter()

Text = Annotated[str, Form(max_length=4000)]
Day = Annotated[str, Form(max_length=10)]


@router.get("/script/{case_id}/end")
async def ending(request: Request, person: SignedIn, case_id: str, sent: str = "") -> Response:
    """The form, filled in from what the call came to."""
    return await _page(request, person, case_id, sent=sent if sent in words()["sent"] else "")


@router.post("/script/{case_id}/end")
async def end(
    request: Request,
    person: SignedIn,
    case_id: str,
    agreed: Text = "",
    follow_up_on: Day = "",
    other_day: Day = "",
) -> Response:
    """Close the case; it stays searchable with its path."""
    text = agreed.strip()
    try:
        day = _day(follow_up_on, other_day)
    except InvalidRequest as refused:
        return await _day_refused(request, person, case_id, text, refused)

    def close() -> Case:
        return parts(request).cases.close(case_id, agreed=text, follow_up_on=day)

    case = await in_thread(close)
    await noted(request, "case_close", person, case.number, case.conversation_id, case.id)
    return go(f"/staff/cases/{case_id}")


@router.post("/script/{case_id}/send")
async def send(
    request: Request,
    person: SignedIn,
    case_id: str,
    client_message_id: ClientId,
    how: Annotated[str, Form(pattern="^(mail|line)$")],
    agreed: Text = "",
    follow_up_on: Day = "",
    other_day: Day = "",
) -> Response:
    """Send the text to a verified member, once however often the form is sent."""
    text = agreed.strip()
    if not text:
        raise InvalidRequest(_problem("empty_text"))
    try:
        day = _day(follow_up_on, other_day)
    except InvalidRequest as refused:
        return await _day_refused(request, person, case_id, text, refused)

    def keep() -> Case:
        return parts(request).cases.change(case_id, agreed=text, follow_up_on=day)

    case = await in_thread(keep)
    if case.number is None or not case.is_verified(parts(request).clock()):
        raise CaseConflict(_problem("not_verified"))
    # First the trail: what cannot be noted does not go out.
    await noted(request, f"sent_{how}", person, case.number, case.conversation_id, case.id)
    key = str(client_message_id)
    try:
        if how == "mail":
            await send_by_mail(request, case.number, case_id, key, text)
        else:
            await send_by_line(request, case.number, key, text)
    except NotSent as failed:
        return await _page(request, person, case_id, problem=failed.sentence, status=502)
    await script(request).add_note(case_id, key, 0, str(words()["sent"][how]), person.name)
    return go(f"/staff/script/{case_id}/end?sent={how}")


async def _day_refused(
    request: Request, person: SignedIn, case_id: str, text: str, refused: InvalidRequest
) -> Response:
    """The form again, with what was written in it."""
    await in_thread(lambda: parts(request).cases.change(case_id, agreed=text))
    return await _page(request, person, case_id, problem=refused.sentence, status=422)


async def _page(
    request: Request,
    person: SignedIn,
    case_id: str,
    sent: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    case, filled = await script(request).ending(case_id)
    if case.state is CaseState.closed:
        return go(f"/staff/cases/{case_id}")
    verified = case.number is not None and case.is_verified(parts(request).clock())
    state = request.app.state
    by_mail = verified and state.identity.mailer is not None
    source = await in_thread(line_source, state.staff.sessions, case.number) if verified else None
    return page(
        request,
        "script_end.html",
        person,
        status,
        case=case,
        ending=filled,
        outcome=outcome_words(case.outcome, "label"),
        by_mail=by_mail,
        by_line=source is not None and hasattr(state, "line"),
        verified=verified,
        sent=words()["sent"].get(sent, ""),
        problem=problem,
        s=words()["page"],
        client_id=str(uuid.uuid4()),
        **common(request),
    )


def _day(chosen: str, other: str) -> date | None:
    """The chosen day, or the one that was typed beside it, which then has to be there."""
    text = other.strip() if chosen == "other" else chosen.strip()
    if not text and chosen != "other":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(_problem("bad_date")) from None


def _problem(key: str) -> str:
    return str(words()["problems"][key])

"""The end of a call: what was agreed, when to come back, and a text for the member."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.cases import overtaken
from bot.cases.records import CaseConflict, CaseOvertaken, CaseState
from bot.channels.staff.access import SignedIn
from bot.channels.staff.cases_common import (
    Written,
    common,
    go,
    in_thread,
    noted,
    parts,
    told_to,
)
from bot.channels.staff.pages import page
from bot.channels.staff.script import ClientId, script
from bot.channels.staff.script_sending import NotSent, line_source, send_by_line, send_by_mail
from bot.errors import InvalidRequest
from bot.script.screen import outcome_words
from bot.script.words import words
from bot.wording import staff_members

router = APIRouter()

Text = Annotated[str, Form(max_length=12_000)]
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
    form: Written,
    agreed: Text = "",
    follow_up_on: Day = "",
    other_day: Day = "",
) -> Response:
    """Close the case; it stays searchable with its path."""
    text, cases = agreed.strip(), parts(request).cases
    try:
        day = _day(follow_up_on, other_day)
    except InvalidRequest as refused:
        return await _day_refused(request, person, case_id, form, text, refused)
    try:
        case = await in_thread(lambda: cases.close(case_id, form, agreed=text, follow_up_on=day))
    except CaseOvertaken:
        return await _overtaken(request, person, case_id, text, day)
    await noted(request, "case_close", person, case.number, case.conversation_id, case.id)
    return go(f"/staff/cases/{case_id}")


@router.post("/script/{case_id}/send")
async def send(
    request: Request,
    person: SignedIn,
    case_id: str,
    client_message_id: ClientId,
    how: Annotated[str, Form(pattern="^(mail|line)$")],
    form: Written,
    agreed: Text = "",
    follow_up_on: Day = "",
    other_day: Day = "",
) -> Response:
    """Send the text to a verified member, once however often the form is sent."""
    text, cases = agreed.strip(), parts(request).cases
    if not text:
        raise InvalidRequest(_problem("empty_text"))
    try:
        day = _day(follow_up_on, other_day)
    except InvalidRequest as refused:
        return await _day_refused(request, person, case_id, form, text, refused)
    try:
        case = await in_thread(lambda: cases.keep(case_id, form, agreed=text, follow_up_on=day))
    except CaseOvertaken:
        return await _overtaken(request, person, case_id, text, day)
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
    request: Request,
    person: SignedIn,
    case_id: str,
    form: overtaken.Form,
    text: str,
    refused: InvalidRequest,
) -> Response:
    """The form again, with what was written in it."""
    try:
        await in_thread(lambda: parts(request).cases.keep(case_id, form, agreed=text))
    except CaseOvertaken:
        return await _overtaken(request, person, case_id, text, None)
    return await _page(request, person, case_id, problem=refused.sentence, status=422)


async def _overtaken(
    request: Request, person: SignedIn, case_id: str, text: str, day: date | None
) -> Response:
    """The form with the clerk's own text, and what another clerk has written meanwhile above it."""
    return await _page(request, person, case_id, status=409, own=(text, day))


async def _page(
    request: Request,
    person: SignedIn,
    case_id: str,
    sent: str = "",
    problem: str = "",
    status: int = 200,
    own: tuple[str, date | None] | None = None,
) -> Response:
    case, filled = await script(request).ending(case_id)
    if own is not None:
        text, day = own
        chosen = day or case.follow_up_on  # a day that the other one promised is not taken away
        filled = replace(filled, text=text, follow_up_on=chosen.isoformat() if chosen else "")
    elif case.state is CaseState.closed:
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
        seen=overtaken.marks(case),
        overtaken=own is not None,
        o=staff_members("cases")["overtaken"],
        hidden=staff_members("cases")["agreed_hidden"],
        told=told_to(person, parts(request).clock()),
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

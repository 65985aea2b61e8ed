"""The guided script: what to say now, the caller's answers, the path of the call, its notes."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import FileResponse, Response

from bot.cases.records import CaseState
from bot.channels.staff.access import SignedIn
from bot.channels.staff.callers_verify import verify_values
from bot.channels.staff.cases_common import common, go, in_thread, noted, parts
from bot.channels.staff.pages import page
from bot.script.engine import Script, Shown
from bot.script.words import palette, words
from bot.settings import PROJECT_ROOT
from bot.staff.members import StaffMember

router = APIRouter()

ClientId = Annotated[uuid.UUID, Form()]
_TREE = PROJECT_ROOT / "docs/tree.svg"


@router.get("/script/tree.svg")
async def tree(person: SignedIn) -> Response:
    """The printed tree, for when the dialogue cannot be reached."""
    return FileResponse(_TREE, media_type="image/svg+xml")


@router.get("/script/{case_id}")
async def call(request: Request, person: SignedIn, case_id: str, wrong: str = "") -> Response:
    """The call where it stands; a closed one with its path only."""
    shown = await script(request).shown(case_id)
    case = shown.case
    picture = None
    if shown.record is not None:
        # First the trail: what cannot be noted is not shown.
        await noted(request, "member_view", person, case.number, case.conversation_id, case.id)
        picture = await in_thread(parts(request).pictures.draw, shown.record)
    verify: dict[str, Any] = {}
    if case.number and case.state is CaseState.open:
        verify = await verify_values(request, case, wrong)
    values = {**common(request), **verify, **_values(shown)}
    return page(
        request, "script.html", person, picture=picture, palette=palette(), back="script", **values
    )


@router.post("/script/{case_id}/steps")
async def step(
    request: Request,
    person: SignedIn,
    case_id: str,
    client_message_id: ClientId,
    act: Annotated[str, Form(max_length=120)],
    text: Annotated[str, Form(max_length=2000)] = "",
    seen: Annotated[int | None, Form(ge=0)] = None,
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """One step of the call: a fragment for the page's script, else back to the page."""
    shown = await script(request).step(case_id, str(client_message_id), act, text, seen)
    if not x_fragment and not shown.screen.failed and not shown.overtaken:
        return go(f"/staff/script/{case_id}")
    return _fragment(request, person, shown, bool(x_fragment), act, text)


@router.post("/script/{case_id}/notes")
async def note(
    request: Request,
    person: SignedIn,
    case_id: str,
    client_message_id: ClientId,
    seq: Annotated[int, Form(ge=0)],
    text: Annotated[str, Form(max_length=2000)] = "",
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """A note on a step, or on the call."""
    shown = await script(request).add_note(case_id, str(client_message_id), seq, text, person.name)
    if not x_fragment:
        return go(f"/staff/script/{case_id}")
    return _fragment(request, person, shown, fragment=True)


def script(request: Request) -> Script:
    """The engine."""
    found: Script = request.app.state.script
    return found


def _fragment(
    request: Request,
    person: StaffMember,
    shown: Shown,
    fragment: bool,
    act: str = "",
    text: str = "",
) -> Response:
    """The part that changes; without a script in the browser the whole page, nothing lost."""
    values = _values(shown)
    if shown.overtaken:
        values["retry_text"] = text
    elif shown.screen.failed:
        values |= {"retry_act": act, "retry_text": text}
    if fragment:
        return page(request, "_script_call.html", person, 409 if shown.overtaken else 200, **values)
    values |= {**common(request), "palette": palette(), "picture": None}
    return page(request, "script.html", person, 409 if shown.overtaken else 502, **values)


def _values(shown: Shown) -> dict[str, Any]:
    return {
        "case": shown.case,
        "screen": shown.screen,
        "overtaken": shown.overtaken,
        "verified": shown.record is not None,
        "s": words()["page"],
        "new_id": uuid.uuid4,
        "retry_act": "",
        "retry_text": "",
    }

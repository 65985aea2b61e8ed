"""The saved answers: a page to keep them in order, and the list for the reply box."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_list import inbox_words
from bot.channels.staff.pages import page
from bot.errors import NaviError
from bot.handover.desk import HandoverDesk
from bot.staff.members import Role, StaffMember

AnswerId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Title = Annotated[str, Form(max_length=400)]
Text = Annotated[str, Form(max_length=20_000)]
router = APIRouter()


@dataclass(frozen=True)
class Given:
    """What was written and refused: it stands in the page again. `id` 0: a new one."""

    id: int
    title: str
    text: str


NOTHING = Given(0, "", "")


@router.get("/answers")
async def answers(request: Request, person: SignedIn, done: str = "") -> Response:
    """One's own and everybody's."""
    return await _show(request, person, done=done)


@router.get("/answers.json")
async def as_json(request: Request, person: SignedIn) -> JSONResponse:
    """For the reply box, one's own first."""
    found = await _desk(request).saved_answers(person)
    rows = [
        {"title": answer.title, "text": answer.text, "shared": answer.shared}
        for answer in sorted(found, key=lambda answer: answer.shared)
    ]
    return JSONResponse({"answers": rows}, headers={"Cache-Control": "no-store"})


@router.post("/answers")
async def add(
    request: Request,
    person: SignedIn,
    title: Title = "",
    text: Text = "",
    shared: bool = Form(False),
) -> Response:
    """Keep a new one."""
    given = Given(0, title, _lines(text))
    act = partial(_desk(request).save_answer, person, title, given.text, shared)
    return await _act(request, person, "kept", act, given)


@router.post("/answers/{answer_id}")
async def change(
    request: Request,
    person: SignedIn,
    answer_id: AnswerId,
    title: Title = "",
    text: Text = "",
    shared: bool = Form(False),
) -> Response:
    """Change one."""
    given = Given(answer_id, title, _lines(text))
    act = partial(_desk(request).save_answer, person, title, given.text, shared, answer_id)
    return await _act(request, person, "kept", act, given)


@router.post("/answers/{answer_id}/remove")
async def remove(request: Request, person: SignedIn, answer_id: AnswerId) -> Response:
    """Take one away."""
    act = partial(_desk(request).delete_answer, person, answer_id)
    return await _act(request, person, "removed", act, NOTHING)


async def _act(
    request: Request,
    person: StaffMember,
    done: str,
    act: Callable[[], Awaitable[object]],
    given: Given,
) -> Response:
    try:
        await act()
    except NaviError as refusal:
        return await _show(request, person, refusal=refusal, given=given)
    return RedirectResponse(f"/staff/answers?done={done}", 303)


async def _show(
    request: Request,
    person: StaffMember,
    done: str = "",
    refusal: NaviError | None = None,
    given: Given = NOTHING,
) -> Response:
    found = await _desk(request).saved_answers(person)
    words = inbox_words()["saved"]
    may_share = person.role is Role.supervisor
    parts = [
        {
            "key": key,
            "title": words[key],
            "rows": [answer for answer in found if answer.shared is shared],
            "may_edit": may_share or not shared,
        }
        for key, shared in (("personal", False), ("shared", True))
    ]
    # What was to change an answer that is gone, or a colleague's, is offered as a new one.
    editable = {answer.id for answer in found if may_share or not answer.shared}
    return page(
        request,
        "answers.html",
        person,
        refusal.status if refusal else 200,
        parts=parts,
        given=given if given.id in editable else replace(given, id=0),
        may_share=may_share,
        done=words[done] if done in ("kept", "removed") else "",
        problem=refusal.sentence if refusal else "",
        w=words,
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _desk(request: Request) -> HandoverDesk:
    desk: HandoverDesk = request.app.state.handover
    return desk

"""The list of cases and one case: what was agreed, what is promised, pausing and resuming."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from bot.cases.cases import Changes
from bot.cases.finding import Wanted
from bot.cases.overtaken import marks, own_words
from bot.cases.records import Case, CaseOvertaken, CaseState, InvalidCase
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
from bot.script.unsent import unsent_notes
from bot.staff.members import StaffMember
from bot.wording import staff_members

router = APIRouter()


def wanted_from(q: str, state: str, person: str, due: str) -> Wanted:
    """The filter of a form; values that are none are left out."""
    chosen = CaseState(state) if state in list(CaseState) else None
    return Wanted(q.strip()[:200], chosen, person[:32], due == "on")


def searched(
    q: Annotated[str, Form(max_length=200)] = "",
    state: Annotated[str, Form(max_length=8)] = "",
    who: Annotated[str, Form(max_length=32)] = "",
    due: Annotated[str, Form(max_length=2)] = "",
) -> Wanted:
    """The filter of a posted form."""
    return wanted_from(q, state, who, due)


Searched = Annotated[Wanted, Depends(searched)]


@router.get("/cases")
async def cases(
    request: Request,
    person: SignedIn,
    state: str = "",
    who: str = "",
    due: str = "",
    page_number: int = 0,
) -> Response:
    """All cases, what is promised for today first."""
    return await _list(request, person, wanted_from("", state, who, due), page_number)


@router.post("/cases")
async def search(
    request: Request,
    person: SignedIn,
    wanted: Searched,
    page_number: Annotated[int, Form(ge=0, le=10_000)] = 0,
) -> Response:
    """The same, searched. By POST: what is searched for are names and telephone numbers."""
    return await _list(request, person, wanted, page_number)


@router.get("/cases/{case_id}")
async def one(request: Request, person: SignedIn, case_id: str, saved: str = "") -> Response:
    """One case."""
    case = await in_thread(parts(request).cases.get, case_id)
    await noted(request, "case_view", person, case.number, case.conversation_id, case.id)
    return await _one(request, person, case, saved=saved == "1")


async def _one(
    request: Request,
    person: StaffMember,
    case: Case,
    saved: bool = False,
    written: Case | None = None,
) -> Response:
    """The page; `written` is what a clerk's form said where another clerk was first."""
    own, case_id = parts(request), case.id
    return page(
        request,
        "cases_one.html",
        person,
        409 if written else 200,
        case=case,
        form=written or case,
        seen=marks(case),
        overtaken=written is not None,
        o=staff_members("cases")["overtaken"],
        hidden=staff_members("cases")["agreed_hidden"],
        checks=await in_thread(own.case_list.checks, case_id),
        notes=await in_thread(own.case_list.noted, case_id),
        unsent=await in_thread(unsent_notes, own.sessions, case_id),
        verified=case.is_verified(own.clock()),
        saved=saved,
        w=staff_members("cases"),
        told=told_to(person, own.clock()),
        items=staff_members("verify")["items"],
        check_words=staff_members("verify"),
        **common(request),
    )


@router.post("/cases/{case_id}")
async def save(
    request: Request,
    person: SignedIn,
    case_id: str,
    form: Written,
    caller: Annotated[str, Form(max_length=100)] = "",
    phone: Annotated[str, Form(max_length=40)] = "",
    agreed: Annotated[str, Form(max_length=12_000)] = "",
    follow_up_on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Keep what the form says, also of a closed case: a promise may move."""
    cases = parts(request).cases
    changes: Changes = {
        "caller": caller.strip(),
        "phone": phone.strip(),
        "agreed": agreed.strip(),
        "follow_up_on": _day(follow_up_on),
    }
    try:
        case = await in_thread(lambda: cases.amend(case_id, form, **changes))
    except CaseOvertaken:
        stands = await in_thread(cases.get, case_id)
        written = replace(stands, **own_words(changes, form))  # type: ignore[arg-type]
        return await _one(request, person, stands, written=written)
    await noted(request, "case_change", person, case.number, case.conversation_id, case.id)
    return go(f"/staff/cases/{case_id}?saved=1")


@router.post("/cases/{case_id}/pause")
async def pause(request: Request, person: SignedIn, case_id: str) -> Response:
    """Put it aside."""
    await in_thread(parts(request).cases.pause, case_id)
    return go("/staff/cases")


@router.post("/cases/{case_id}/resume")
async def resume(request: Request, person: SignedIn, case_id: str) -> Response:
    """Go on where it was, whoever had it."""
    case = await in_thread(parts(request).cases.resume, case_id, person)
    await noted(request, "case_resume", person, case.number, case.conversation_id, case.id)
    return go(f"/staff/script/{case_id}")


@router.post("/cases/{case_id}/close")
async def close(request: Request, person: SignedIn, case_id: str) -> Response:
    """End a case that needs no more words."""
    case = await in_thread(parts(request).cases.close, case_id)
    await noted(request, "case_close", person, case.number, case.conversation_id, case.id)
    return go(f"/staff/cases/{case_id}")


@router.post("/cases/{case_id}/followed-up")
async def followed_up(request: Request, person: SignedIn, case_id: str) -> Response:
    """The promise was kept."""
    case = await in_thread(parts(request).cases.followed_up, case_id)
    await noted(request, "case_change", person, case.number, case.conversation_id, case.id)
    return go("/staff/cases")


async def _list(request: Request, person: StaffMember, wanted: Wanted, number: int) -> Response:
    number = max(0, min(number, 10_000))
    own = parts(request)
    found, more = await in_thread(own.case_list.find, wanted, number)
    return page(
        request,
        "cases.html",
        person,
        cases=found,
        more=more,
        number=number,
        wanted=wanted,
        people=await in_thread(own.case_list.people),
        w=staff_members("cases"),
        told=told_to(person, own.clock()),
        **common(request),
    )


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidCase(staff_members("problems")["no_day"]) from None

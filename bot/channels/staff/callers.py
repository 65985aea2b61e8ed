"""The start of a call: find the caller as one types, or begin without a look-up."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Query, Request
from fastapi.responses import Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.cases_common import common, go, in_thread, noted, parts
from bot.channels.staff.pages import page
from bot.lookup.search import Found
from bot.lookup.words import terms
from bot.staff.members import StaffMember
from bot.wording import staff_members

router = APIRouter()

Searched = Annotated[str, Form(max_length=200)]
CaseId = Annotated[str, Query(max_length=32)]
Told = Annotated[str, Form(max_length=100)]


@router.get("/script")
async def start(request: Request, person: SignedIn, case: CaseId = "") -> Response:
    """The search field, and what is to be gone on with.

    With `case`: the caller of a call that began without a look-up is found now.
    """
    return await _start_page(request, person, case_id=case)


@router.post("/callers")
async def search(
    request: Request,
    person: SignedIn,
    q: Searched = "",
    case: Annotated[str, Form(max_length=32)] = "",
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """The members found: a fragment for the page's script, else the whole page.

    By POST: names and telephone numbers have no place in addresses, which are logged and kept.
    """
    own = parts(request)
    found = await in_thread(own.callers.find, q) if q.strip() else None
    if found and found.count and own.search_trail.is_due(person.id):
        await noted(request, "caller_search", person)
        own.search_trail.noted(person.id)
    if x_fragment:
        return page(request, "callers_results.html", person, **_results(request, q, found, case))
    return await _start_page(request, person, q, found, case)


@router.post("/script")
async def begin(
    request: Request,
    person: SignedIn,
    number: Annotated[str, Form(max_length=6)] = "",
    q: Searched = "",
    caller: Told = "",
    phone: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """A new case: for a member that was found, or without a look-up."""
    own = parts(request)
    case = await in_thread(own.cases.begin, person, number or None, caller.strip(), phone.strip())
    await noted(request, "case_begin", person, case.number, detail=case.id)
    if case.number is None:
        return go(f"/staff/script/{case.id}")
    if terms(q) == [case.number]:
        await in_thread(own.checks.found_by_number, case.id, person)
    return go(f"/staff/cases/{case.id}/verify")


async def _start_page(
    request: Request,
    person: StaffMember,
    q: str = "",
    found: Found | None = None,
    case_id: str = "",
) -> Response:
    own = parts(request)
    if case_id:
        await in_thread(own.cases.get, case_id)
    waiting = [] if case_id else await in_thread(own.case_list.to_go_on_with, person.id)
    values = _results(request, q, found, case_id)
    return page(request, "callers.html", person, waiting=waiting, **values)


def _results(request: Request, q: str, found: Found | None, case_id: str) -> dict[str, Any]:
    return {
        **common(request),
        "q": q,
        "case_id": case_id,
        "found": found,
        "w": staff_members("callers"),
        "kinds": staff_members("registration")["kinds"],
    }

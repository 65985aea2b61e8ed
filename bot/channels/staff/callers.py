"""The start of a call: find the caller as one types, or begin without a look-up."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.cases_common import common, go, in_thread, noted, parts
from bot.channels.staff.pages import page
from bot.lookup.search import Found
from bot.lookup.words import terms
from bot.staff.members import StaffMember
from bot.wording import staff_members

router = APIRouter()

Query = Annotated[str, Form(max_length=200)]
Told = Annotated[str, Form(max_length=100)]


@router.get("/script")
async def start(request: Request, person: SignedIn) -> Response:
    """The search field, and what is to be gone on with."""
    return await _start_page(request, person)


@router.post("/callers")
async def search(
    request: Request,
    person: SignedIn,
    q: Query = "",
    x_fragment: Annotated[str, Header()] = "",
) -> Response:
    """The members found: a fragment for the page's script, else the whole page.

    By POST: names and telephone numbers have no place in addresses, which are logged and kept.
    """
    found = await in_thread(parts(request).callers.find, q) if q.strip() else None
    if x_fragment:
        return page(request, "callers_results.html", person, **_results(request, q, found))
    return await _start_page(request, person, q, found)


@router.post("/script")
async def begin(
    request: Request,
    person: SignedIn,
    number: Annotated[str, Form(max_length=6)] = "",
    q: Query = "",
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
    request: Request, person: StaffMember, q: str = "", found: Found | None = None
) -> Response:
    waiting = await in_thread(parts(request).case_list.to_go_on_with, person.id)
    values = _results(request, q, found)
    return page(request, "callers.html", person, waiting=waiting, **values)


def _results(request: Request, q: str, found: Found | None) -> dict[str, Any]:
    return {
        **common(request),
        "q": q,
        "found": found,
        "w": staff_members("callers"),
        "kinds": staff_members("registration")["kinds"],
    }

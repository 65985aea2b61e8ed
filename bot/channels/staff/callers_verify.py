"""Verifying the caller, and the registration once that is done."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.cases.checklist import TICKED, Item, OnRecord, can_be_enough
from bot.cases.records import Case, CaseConflict, CaseNotFound
from bot.channels.staff.access import SignedIn, Supervisor
from bot.channels.staff.cases_common import common, go, in_thread, noted, parts
from bot.channels.staff.pages import page
from bot.errors import NaviError
from bot.lookup.search import Group
from bot.lookup.words import terms
from bot.staff.members import Role, StaffMember
from bot.wording import staff_members

router = APIRouter()


class NotVerified(NaviError, slug="caller-not-verified", status=409):
    """The state of a registration was asked for before the caller was verified."""


@router.get("/cases/{case_id}/verify")
async def checklist(request: Request, person: SignedIn, case_id: str, wrong: str = "") -> Response:
    """The checklist; with the registration beside it once it is done."""
    own = parts(request)
    case = await in_thread(own.cases.get, case_id)
    if case.number is None:
        return go(f"/staff/script/{case.id}")
    values = await verify_values(request, case, wrong)
    picture = None
    if case.is_verified(own.clock()):
        await noted(request, "member_view", person, case.number, case.conversation_id, case.id)
        picture = await in_thread(own.pictures.of, case.number)
    return page(request, "callers_verify.html", person, case=case, picture=picture, **values)


@router.post("/cases/{case_id}/check")
async def check(
    request: Request,
    person: SignedIn,
    case_id: str,
    item: Annotated[Item, Form()],
    said: Annotated[str, Form(max_length=320)] = "",
    tick: Annotated[str, Form(max_length=3)] = "",
    back: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """One answer of the caller. What comes back is only whether it was right."""
    ticked = tick == "yes" if tick in ("yes", "no") else None
    if item not in TICKED and not said.strip():
        return go(_return_to(case_id, back))
    checks = parts(request).checks
    judged = await in_thread(checks.answer, case_id, person, item, said, ticked)
    result = {True: "right", False: "wrong", None: "refused"}[judged.matched]
    case = judged.case
    detail = f"{case.id} {item.value} {result}"
    await noted(request, "caller_check", person, case.number, case.conversation_id, detail)
    wrong = f"?wrong={item.value}" if judged.matched is False else ""
    return go(_return_to(case_id, back) + wrong)


@router.post("/cases/{case_id}/called-back")
async def called_back(
    request: Request,
    person: Supervisor,
    case_id: str,
    back: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """A supervisor vouches: the registered telephone was called."""
    case = await in_thread(parts(request).checks.called_back, case_id, person)
    detail = f"{case.id} callback"
    await noted(request, "caller_check", person, case.number, case.conversation_id, detail)
    return go(_return_to(case_id, back))


@router.post("/cases/{case_id}/number")
async def choose_number(
    request: Request,
    person: SignedIn,
    case_id: str,
    number: Annotated[str, Form(max_length=6)],
    q: Annotated[str, Form(max_length=200)] = "",
    back: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Go on with another number of the same contact, or give the case its first one."""
    checks = parts(request).checks
    case = await in_thread(checks.choose_number, case_id, person, number)
    await noted(request, "case_number", person, case.number, case.conversation_id, case.id)
    if terms(q) == [case.number]:
        await in_thread(checks.found_by_number, case.id, person)
    return go(_return_to(case_id, back))


@router.get("/members/{number}")
async def member(request: Request, person: SignedIn, number: str, case: str = "") -> Response:
    """A registration: from a verified case of that number, or for a supervisor."""
    own = parts(request)
    if not await _may_see(request, person, number, case):
        raise NotVerified(staff_members("problems")["not_verified"])
    await noted(request, "member_view", person, number, detail=case or "supervisor")
    picture = await in_thread(own.pictures.of, number)
    if picture is None:
        raise CaseNotFound(staff_members("problems")["no_member"])
    return page(request, "callers_member.html", person, picture=picture, **common(request))


async def verify_values(request: Request, case: Case, wrong: str = "") -> dict[str, Any]:
    """What `_verify.html` needs. Raises SQLAlchemyError; CaseNotFound without a member."""
    own = parts(request)
    assert case.number is not None
    record = await in_thread(own.pictures.registry.look_up, case.number)
    if record is None:
        raise CaseNotFound(staff_members("problems")["no_member"])
    on_record = OnRecord.of(record)
    kind = record.registration.kind
    group: Group = await in_thread(own.callers.tied_to, case.number)
    return {
        **common(request),
        "w": staff_members("verify"),
        "vw": staff_members("verify"),  # under a name that the script's page does not use
        "callers_words": staff_members("callers"),
        "kinds": staff_members("registration")["kinds"],
        "member": {"name": record.name, "kana": record.kana, "kind": kind and kind.value},
        "items": on_record.items(),
        "ticked": TICKED,
        "possible": can_be_enough(on_record, own.checks.policy.needed),
        "needed": own.checks.policy.needed,
        "tries_left": await in_thread(own.checks.tries_left, case.number),
        "verified": case.is_verified(own.clock()),
        "wrong": wrong if wrong in list(Item) else "",
        "tied": group.tied,
        "supervisor": Role.supervisor,
    }


async def _may_see(request: Request, person: StaffMember, number: str, case_id: str) -> bool:
    if person.role is Role.supervisor:
        return True
    try:
        case = await in_thread(parts(request).cases.get, case_id)
    except (CaseNotFound, CaseConflict):
        return False
    return case.number == number and case.is_verified(parts(request).clock())


def _return_to(case_id: str, back: str) -> str:
    return f"/staff/script/{case_id}" if back == "script" else f"/staff/cases/{case_id}/verify"

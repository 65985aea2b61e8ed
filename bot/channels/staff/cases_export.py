"""Cases as a CSV file for a spreadsheet: for supervisors, noted in the audit trail."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from actions.domain.calendar import TOKYO, tokyo_date
from bot.cases.finding import Wanted
from bot.cases.records import Case
from bot.channels.staff.access import Supervisor
from bot.channels.staff.cases import Searched
from bot.channels.staff.cases_common import in_thread, noted, parts
from bot.staff.sheets import csv_text
from bot.wording import labels, staff_members

router = APIRouter()


@router.post("/cases/export")
async def export(request: Request, person: Supervisor, wanted: Searched) -> Response:
    """Every case that the filter of the list shows."""
    await noted(request, "case_export", person, detail=wanted.state)
    content = await in_thread(_file, request, wanted)
    day = tokyo_date(parts(request).clock())
    name = f"{staff_members('csv')['file']}-{day:%Y%m%d}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _file(request: Request, wanted: Wanted) -> str:
    cases = parts(request).case_list.all(wanted)
    rows = (list(_cells(case, notes)) for case, notes in cases)
    return csv_text(staff_members("csv")["columns"], rows)


def _cells(case: Case, notes: str) -> Iterator[str]:
    words = staff_members("cases")
    outcomes = staff_members("registration")["outcomes"]
    verified = {"checklist": words["verified"], "callback": words["callback"]}
    yield case.id
    yield _moment(case.created_at)
    yield _moment(case.closed_at)
    yield words["states"][case.state.value]
    yield case.staff_name
    yield case.number or ""
    yield case.member_name
    yield case.caller
    yield case.phone
    yield verified[case.verified_how.value] if case.verified_how else words["not_verified"]
    yield outcomes[case.outcome]["headline"] if case.outcome in outcomes else case.outcome or ""
    yield labels().get(case.topic or "", case.topic or "")
    yield case.agreed
    yield case.follow_up_on.isoformat() if case.follow_up_on else ""
    yield _moment(case.follow_up_done_at)
    yield notes


def _moment(instant: datetime | None) -> str:
    return f"{instant.astimezone(TOKYO):%Y-%m-%d %H:%M}" if instant else ""

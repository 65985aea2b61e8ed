"""The audit trail for supervisors: filter, pages, export."""

import re
import unicodedata
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

import anyio.to_thread
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from bot.channels.staff.access import Supervisor
from bot.channels.staff.pages import local_time, page
from bot.staff.audit import PAGE, AuditFilter, Entry, StaffAudit
from bot.staff.audit_words import told
from bot.staff.sheets import csv_text
from bot.staff.words import audit_labels, staff_words

MOST_EXPORTED = 20_000
_Text = Annotated[str, Query(max_length=40)]
_Field = Annotated[str, Form(max_length=40)]

router = APIRouter()


@router.get("/audit")
async def audit(
    request: Request,
    person: Supervisor,
    who: _Text = "",
    number: _Text = "",
    event: _Text = "",
    since: _Text = "",
    until: _Text = "",
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Response:
    """The newest entries that the filter leaves."""
    trail: StaffAudit = request.app.state.staff.audit
    wanted = audit_filter(who, number, event, since, until)
    entries = await anyio.to_thread.run_sync(partial(trail.entries, wanted, before, PAGE + 1))
    people = await anyio.to_thread.run_sync(trail.people)
    query = {"who": who, "number": number, "event": event, "since": since, "until": until}
    kept = {name: value for name, value in query.items() if value}
    return page(
        request,
        "audit.html",
        person,
        entries=entries[:PAGE],
        older=urlencode({**kept, "before": entries[PAGE - 1].id}) if len(entries) > PAGE else "",
        newest=urlencode(kept) if before else "",
        people=people,
        labels=audit_labels(),
        paths=staff_words()["identity_paths"],
        query=query,
        most=MOST_EXPORTED,
        told=told,
    )


@router.post("/audit/export")
async def export(
    request: Request,
    person: Supervisor,
    who: _Field = "",
    number: _Field = "",
    event: _Field = "",
    since: _Field = "",
    until: _Field = "",
) -> Response:
    """What the filter leaves as a CSV file; taking it is an entry itself."""
    trail: StaffAudit = request.app.state.staff.audit
    wanted = audit_filter(who, number, event, since, until)
    entries = await anyio.to_thread.run_sync(partial(trail.entries, wanted, None, MOST_EXPORTED))
    said = f"{len(entries)} {since or '…'}–{until or '…'}"
    note = partial(trail.note, "audit_exported", person, wanted.number or None, None, said)
    await anyio.to_thread.run_sync(note)
    header = list(staff_words()["audit"]["columns"].values())
    rows = (_cells(entry) for entry in entries)
    return Response(
        csv_text(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def audit_filter(who: str, number: str, event: str, since: str, until: str) -> AuditFilter:
    """The filter as typed; what cannot be read does not filter."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    return AuditFilter(who, digits[:6], event, _day(since), _day(until))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _cells(entry: Entry) -> list[str]:
    paths = staff_words()["identity_paths"]
    added = told(entry.detail)
    return [
        local_time(entry.at),
        audit_labels().get(entry.event, entry.event),
        entry.person,
        paths.get(entry.identity_path, entry.identity_path),
        entry.number,
        entry.conversation_id,
        f"{added.case_id} {added.words}".strip(),
    ]

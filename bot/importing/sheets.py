"""CSV sheets as an office exports them: members, applications and mails, or one wide sheet.

Sheets of one import belong together: mails name their application, applications their
member. So they are read together, members first, whatever the order on the command line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from actions.domain.registration import MailKind
from bot.importing import columns, values
from bot.importing.columns import APPLICATIONS, MAILS, MEMBERS, WIDE
from bot.importing.records import (
    ApplicationValues,
    ImportFailed,
    MailValues,
    MemberValues,
    NamedFile,
    Place,
    Problems,
    Read,
    Reading,
)
from bot.importing.table import Line, Sheet, open_sheet
from bot.importing.values import BadValue

_ORDER = (MEMBERS, WIDE, APPLICATIONS, MAILS)


@dataclass
class _Gathered:
    """What the lines read so far say, by registration number and by application."""

    members: dict[str, MemberValues] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    by_id: dict[str, ApplicationValues] = field(default_factory=dict)
    by_time: dict[tuple[str, datetime], ApplicationValues | Literal["two"]] = field(
        default_factory=dict
    )


def read(files: Sequence[NamedFile], problems: Problems) -> Reading:
    """The members of all sheets, each with its applications; bad lines go to `problems`."""
    sheets = _opened(files, problems)
    problems.raise_if_any()  # without a sheet, what refers to it would seem wrong too
    if not sheets:
        return
    _complete(sheets)
    gathered = _Gathered()
    for sheet in sorted(sheets, key=lambda s: _ORDER.index(s.kind)):
        yield from _gather(sheet, gathered, problems)
    for number, member in gathered.members.items():
        yield Read(member, gathered.places[number], 0)


def _opened(files: Sequence[NamedFile], problems: Problems) -> list[Sheet]:
    sheets = []
    for file in files:
        try:
            sheets.append(open_sheet(file))
        except BadValue as error:
            problems.add(Place(file.name, 1), str(error))
    return sheets


def _complete(sheets: Sequence[Sheet]) -> None:
    """A members sheet alone would take every application away: the three come together."""
    kinds = {sheet.kind.name for sheet in sheets} - {WIDE.name}
    absent = {MEMBERS.name, APPLICATIONS.name, MAILS.name} - kinds
    if kinds and absent:
        raise ImportFailed(
            [
                f"{', '.join(sheet.file.name for sheet in sheets)}: the members, applications "
                "and mails sheets belong to one command (with only their header where they "
                f"are empty); missing: {', '.join(sorted(absent))}"
            ]
        )


def _gather(sheet: Sheet, gathered: _Gathered, problems: Problems) -> Iterator[Read]:
    take = {
        MEMBERS.name: _take_member,
        APPLICATIONS.name: _take_application,
        MAILS.name: _take_mail,
        WIDE.name: _take_wide,
    }[sheet.kind.name]
    for line in sheet.lines(problems):
        try:
            take(line, gathered)
        except BadValue as error:
            problems.add(line.place, str(error))
        yield Read(None, line.place, line.consumed)


def _take_member(line: Line, gathered: _Gathered) -> None:
    member = _member(line)
    if member.number in gathered.members:
        first = gathered.places[member.number]
        raise BadValue(f"number {member.number} is in {first} already")
    gathered.members[member.number] = member
    gathered.places[member.number] = line.place


def _take_application(line: Line, gathered: _Gathered) -> None:
    number = line.number()
    application = _application(line)
    _add(application, number, line.cell("application_id"), gathered)


def _take_mail(line: Line, gathered: _Gathered) -> None:
    application = _application_of(line, gathered)
    status = values.choice(
        values.sheet_cell(line.cell("status")), "状態 (status)", columns.STATUS_WORDS
    )
    sent_at = values.sheet_instant(line.cell("sent_at"), "sent_at")
    application.mails.append(MailValues(columns.mail_kind(line.cell("mail_kind")), status, sent_at))


def _take_wide(line: Line, gathered: _Gathered) -> None:
    """A wide sheet has a line for each application, the member's columns repeated."""
    member = _member(line)
    known = gathered.members.get(member.number)
    if known is None:
        gathered.members[member.number] = member
        gathered.places[member.number] = line.place
    elif known._replace(applications=[]) != member:
        first = gathered.places[member.number]
        raise BadValue(f"says other things of member {member.number} than {first}")
    mails = [mail for kind in MailKind if (mail := _wide_mail(line, kind))]
    if line.cell("applied_at"):
        application = _application(line)
        application.mails.extend(mails)
        _add(application, member.number, line.cell("application_id"), gathered)
    elif mails or line.cell("url_clicked_at") or line.cell("opened_at"):
        raise BadValue("has mails or later steps, but no 申込日時 (applied_at)")


def _member(line: Line) -> MemberValues:
    kind = values.sheet_cell(line.cell("kind"))
    return MemberValues(
        number=line.number(),
        kind=values.choice(kind, "会員種別 (kind)", columns.KIND_WORDS) if kind else None,
        name=values.text(line.cell("name"), "name", 200),
        kana=values.text(line.cell("kana"), "kana", 200),
        email=values.text(line.cell("email"), "email", 320),
        phone=values.text(line.cell("phone"), "phone", 40) or None,
        web_registered_on=values.sheet_date(line.cell("web_registered_on"), "web_registered_on"),
        applications=[],
    )


def _application(line: Line) -> ApplicationValues:
    applied_at = values.sheet_instant(line.cell("applied_at"), "applied_at")
    if applied_at is None:
        raise BadValue("申込日時 (applied_at) is missing")
    return ApplicationValues(
        applied_at,
        values.sheet_instant(line.cell("url_clicked_at"), "url_clicked_at"),
        values.sheet_instant(line.cell("opened_at"), "opened_at"),
        [],
    )


def _wide_mail(line: Line, kind: MailKind) -> MailValues | None:
    name = columns.wide_column(kind, "status")
    status = values.sheet_cell(line.cell(name))
    sent_at = values.sheet_instant(
        line.cell(columns.wide_column(kind, "sent_at")), columns.wide_column(kind, "sent_at")
    )
    if not status:
        if sent_at:
            raise BadValue(f"{name} is missing, though the mail has a time")
        return None
    return MailValues(kind, values.choice(status, name, columns.STATUS_WORDS), sent_at)


def _add(application: ApplicationValues, number: str, own_id: str, gathered: _Gathered) -> None:
    member = gathered.members.get(number)
    if member is None:
        raise BadValue(f"number {number} is in no members sheet of this import")
    if own_id:
        if own_id in gathered.by_id:
            raise BadValue(f"application_id {own_id[:40]!r} is there already")
        gathered.by_id[own_id] = application
    at = (number, application.applied_at)
    gathered.by_time[at] = "two" if at in gathered.by_time else application
    member.applications.append(application)


def _application_of(line: Line, gathered: _Gathered) -> ApplicationValues:
    own_id = line.cell("application_id")
    if own_id:
        by_id = gathered.by_id.get(own_id)
        if by_id is None:
            raise BadValue(f"application_id {own_id[:40]!r} is in no applications sheet")
        return by_id
    number = line.number()
    applied_at = values.sheet_instant(line.cell("applied_at"), "applied_at")
    if applied_at is None:
        raise BadValue("says neither application_id nor applied_at of its application")
    found = gathered.by_time.get((number, applied_at))
    if found is None:
        raise BadValue(f"number {number} has no application of that time")
    if found == "two":
        raise BadValue(f"number {number} has two applications of that time: use application_id")
    return found

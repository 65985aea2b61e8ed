"""One reported event, read strictly: a wrong guess would be a wrong answer later."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from actions.domain.registration import MailKind, MemberKind
from bot.importing import values
from bot.importing.values import BadValue

MOST_EVENTS = 500
# Clocks differ a little; an event of tomorrow is a mistake.
_AHEAD = timedelta(minutes=5)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


class EventKind(StrEnum):
    """What can be reported."""

    web_registered = "web_registered"
    applied = "applied"
    mail_queued = "mail_queued"
    mail_delivered = "mail_delivered"
    mail_bounced = "mail_bounced"
    url_clicked = "url_clicked"
    opened = "opened"


_MAILS = {EventKind.mail_queued, EventKind.mail_delivered, EventKind.mail_bounced}
_KINDS = {kind.value: kind for kind in EventKind}
_ALWAYS = {"id", "kind", "number", "at"}
_MAY = {
    EventKind.web_registered: {"member_kind"},
    EventKind.applied: {"member_kind"},
    **{kind: {"applied_at", "mail"} for kind in _MAILS},
    EventKind.url_clicked: {"applied_at"},
    EventKind.opened: {"applied_at"},
}


@dataclass(frozen=True)
class Event:
    """`at` is the instant at which it happened, `applied_at` names the application."""

    id: str
    kind: EventKind
    number: str
    at: datetime
    applied_at: datetime | None = None
    mail: MailKind | None = None
    member_kind: MemberKind | None = None
    digest: str = ""

    def body(self) -> dict[str, Any]:
        """As it is stored, and read back by `event_of`."""
        named = self.applied_at and self.kind is not EventKind.applied
        given = {
            "id": self.id,
            "kind": self.kind.value,
            "number": self.number,
            "at": self.at.isoformat(),
            "applied_at": self.applied_at.isoformat() if self.applied_at and named else None,
            "mail": self.mail.value if self.mail else None,
            "member_kind": self.member_kind.value if self.member_kind else None,
        }
        return {key: value for key, value in given.items() if value is not None}


def event_of(value: Any, now: datetime) -> Event:
    """The event of a parsed object. Raises BadValue with the reason."""
    if not isinstance(value, dict):
        raise BadValue("an object is needed")
    kind = values.choice(value.get("kind"), "kind", _KINDS)
    _known_keys(value, kind)
    at = _instant(value, "at", now)
    of_application = kind not in (EventKind.web_registered, EventKind.applied)
    applied_at = _instant(value, "applied_at", now) if of_application else None
    if applied_at is not None and applied_at > at:
        raise BadValue("applied_at is after at")
    member_kind = value.get("member_kind")
    return Event(
        id=_id(value.get("id")),
        kind=kind,
        number=values.number(value.get("number")),
        at=at,
        applied_at=at if kind is EventKind.applied else applied_at,
        mail=values.choice(value.get("mail"), "mail", values.MAIL_KINDS)
        if kind in _MAILS
        else None,
        member_kind=None
        if member_kind is None
        else values.choice(member_kind, "member_kind", values.MEMBER_KINDS),
        digest=_digest(value),
    )


def shown_id(value: Any) -> str | None:
    """The id of an event that may be bad, for naming it."""
    given = value.get("id") if isinstance(value, dict) else None
    return given if isinstance(given, str) and _ID.fullmatch(given) else None


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadValue("id: 1 to 64 letters, digits and . _ : - are needed")
    return value


def _instant(value: dict[str, Any], key: str, now: datetime) -> datetime:
    found = values.instant(value.get(key), key)
    if found is None:
        raise BadValue(f"{key} is missing")
    if found > now + _AHEAD:
        raise BadValue(f"{key} lies in the future")
    return found


def _known_keys(value: dict[str, Any], kind: EventKind) -> None:
    for key in value:
        if key not in _ALWAYS | _MAY[kind]:
            raise BadValue(f"{kind} has no key {key[:40]!r}")


def _digest(value: dict[str, Any]) -> str:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

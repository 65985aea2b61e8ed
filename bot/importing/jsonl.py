"""JSON Lines: one member a line, as in the specification's tables (spec/api.md)."""

import json
from collections.abc import Iterable
from typing import Any

from bot.importing import values
from bot.importing.records import (
    ApplicationValues,
    MailValues,
    MemberValues,
    NamedFile,
    Place,
    Problems,
    Read,
    Reading,
)
from bot.importing.values import BadValue

_MEMBER_KEYS = frozenset(
    {"kind", "name", "kana", "email", "phone", "web_registered_on", "applications"}
)
# `as_of` stands in what `navi registry show --json` prints.
_IGNORED_KEYS = frozenset({"id", "now", "as_of"})
_LINE_KEYS = _MEMBER_KEYS | _IGNORED_KEYS | {"asked_number", "member"}
_APPLICATION_KEYS = frozenset({"applied_at", "url_clicked_at", "opened_at", "mails"})
_MAIL_KEYS = frozenset({"kind", "status", "sent_at"})
_BOM = b"\xef\xbb\xbf"


def read(file: NamedFile, problems: Problems) -> Reading:
    """The members of a file, line by line; bad lines go to `problems`."""
    with file.path.open("rb") as lines:
        for count, raw in enumerate(lines, 1):
            place = Place(file.name, count)
            line = raw.removeprefix(_BOM) if count == 1 else raw
            member, nobody = None, False
            if line.strip():
                try:
                    member = member_of(_parse(line))
                    nobody = member is None
                except BadValue as error:
                    problems.add(place, str(error))
            yield Read(member, place, len(raw), nobody)


def member_of(line: Any) -> MemberValues | None:
    """The member of one parsed line, None where the line says there is none.

    Raises BadValue with the reason.
    """
    _known_keys(line, _LINE_KEYS, "the line")
    member = line.get("member", {})
    if member is None:
        return None
    _known_keys(member, _MEMBER_KEYS | {"number"}, "member")
    fields = {key: _either(line, member, key) for key in _MEMBER_KEYS}
    kind = fields["kind"]
    return MemberValues(
        number=_number(line, member),
        kind=None if kind is None else values.choice(kind, "kind", values.MEMBER_KINDS),
        name=values.text(fields["name"], "name", 200),
        kana=values.text(fields["kana"], "kana", 200),
        email=values.text(fields["email"], "email", 320),
        phone=values.text(fields["phone"], "phone", 40) or None,
        web_registered_on=values.civil_date(fields["web_registered_on"], "web_registered_on"),
        applications=[
            _application(value, f"applications[{i}]")
            for i, value in enumerate(_list(fields["applications"], "applications"))
        ],
    )


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadValue("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadValue(f"is not JSON: {error.msg}, column {error.colno}") from None
    except (RecursionError, ValueError):
        raise BadValue("is not JSON that can be read") from None


def _number(line: dict[str, Any], member: dict[str, Any]) -> str:
    asked, own = line.get("asked_number"), member.get("number")
    if asked is None and own is None:
        raise BadValue("has neither member.number nor asked_number")
    if own is None:
        return values.number(asked, "asked_number")
    found = values.number(own, "member.number")
    if asked is not None and values.number(asked, "asked_number") != found:
        raise BadValue("asked_number and member.number differ")
    return found


def _application(value: Any, key: str) -> ApplicationValues:
    _known_keys(value, _APPLICATION_KEYS, key)
    applied_at = values.instant(value.get("applied_at"), f"{key}.applied_at")
    if applied_at is None:
        raise BadValue(f"{key}.applied_at is missing")
    return ApplicationValues(
        applied_at,
        values.instant(value.get("url_clicked_at"), f"{key}.url_clicked_at"),
        values.instant(value.get("opened_at"), f"{key}.opened_at"),
        [
            _mail(mail, f"{key}.mails[{i}]")
            for i, mail in enumerate(_list(value.get("mails"), f"{key}.mails"))
        ],
    )


def _mail(value: Any, key: str) -> MailValues:
    _known_keys(value, _MAIL_KEYS, key)
    return MailValues(
        values.choice(value.get("kind"), f"{key}.kind", values.MAIL_KINDS),
        values.choice(value.get("status"), f"{key}.status", values.MAIL_STATUSES),
        values.instant(value.get("sent_at"), f"{key}.sent_at"),
    )


def _either(line: dict[str, Any], member: dict[str, Any], key: str) -> Any:
    """The value of a key that may stand beside `member` or in it, but not in both."""
    if key in line and key in member:
        raise BadValue(f"{key} stands in the line and in member")
    return line.get(key, member.get(key))


def _list(value: Any, key: str) -> Iterable[Any]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadValue(f"{key}: a list is needed")
    return value


def _known_keys(value: Any, known: frozenset[str], key: str) -> None:
    """A misspelt key would silently drop a part of a member's state, so it is an error."""
    if not isinstance(value, dict):
        raise BadValue(f"{key}: an object is needed")
    for name in value:
        if name not in known and not name.startswith("expected_"):
            raise BadValue(f"{key} has an unknown key {name[:40]!r}")

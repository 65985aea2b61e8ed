"""What an entry of the audit trail adds, in words: the rows keep short marks of programs."""

import re
from dataclasses import dataclass

from bot.staff.words import staff_words

_CASE = re.compile(r"[A-Za-z0-9_-]{22}")
_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Told:
    """`words` for people; `case_id` of the call that it was about, or ""."""

    words: str
    case_id: str = ""


def told(detail: str) -> Told:
    """The detail of an entry. What has no word of its own stays as it is."""
    begin, _, rest = detail.partition(" ")
    case_id = begin if _CASE.fullmatch(begin) else ""
    names: dict[str, str] = staff_words()["audit_details"]
    parts = (rest if case_id else detail).split(" ")
    said = " ".join(names.get(part, _PERIOD.sub(r"\1〜\2", part)) for part in parts)
    return Told(said, case_id)

"""What every reader hands on: one member with all applications, and where it stood."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from actions.domain.registration import MailKind, MailStatus, MemberKind

MOST_ERRORS = 20


class MailValues(NamedTuple):
    """One mail; `sent_at` is an instant or None."""

    kind: MailKind
    status: MailStatus
    sent_at: datetime | None


class ApplicationValues(NamedTuple):
    """One application with its mails in their order; instants."""

    applied_at: datetime
    url_clicked_at: datetime | None
    opened_at: datetime | None
    mails: list[MailValues]


class MemberValues(NamedTuple):
    """One member as the import says it; `web_registered_on` is a civil date."""

    number: str
    kind: MemberKind | None
    name: str
    kana: str
    email: str
    phone: str | None
    web_registered_on: date | None
    applications: list[ApplicationValues]


@dataclass(frozen=True)
class Place:
    """Where something stands: file and line, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


class ImportFailed(Exception):
    """Nothing was written; `reasons` are sentences for operators, at most 20 and a count."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass
class Problems:
    """Collects what is wrong with the files, so that one try shows many lines at once."""

    reasons: list[str] = field(default_factory=list)
    more: bool = False

    def add(self, place: Place | str, reason: str) -> None:
        """Note a reason. Raises ImportFailed at the 21st: the rest need not be read."""
        if len(self.reasons) == MOST_ERRORS:
            self.more = True
            self.raise_if_any()
        self.reasons.append(f"{place}: {reason}")

    def raise_if_any(self) -> None:
        """Raise ImportFailed if anything was noted."""
        if self.reasons:
            raise ImportFailed(self.reasons + (["… and more"] if self.more else []))

    def __bool__(self) -> bool:
        return bool(self.reasons)


class Read(NamedTuple):
    """One step of reading: a whole member or None, and the bytes consumed.

    `nobody`: the line says that there is no member, which is well and skipped.
    """

    member: MemberValues | None
    place: Place
    consumed: int
    nobody: bool = False


Reading = Iterator[Read]


class NamedFile(NamedTuple):
    """A file to read and the name under which reasons mention it."""

    path: Path
    name: str

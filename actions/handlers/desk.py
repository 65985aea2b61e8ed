"""What the handlers are given: who speaks, the registry, the calendar, the office's words.

The composition root (`bot.app`) makes one; tests hand in a fake. No handler imports `bot`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from actions.domain.calendar import BusinessCalendar, tokyo_date
from actions.domain.procedure import Rules
from actions.domain.registry import RegistryRecord


class RegistryUnavailable(Exception):
    """The registry cannot be asked, or its data are too old to be told."""


@dataclass(frozen=True)
class Speaker:
    """Whose conversation it is: `number` only where identity is proven; `now` its rules' clock."""

    conversation_id: str
    number: str | None
    now: datetime
    channel: str = "web"
    # How the number was proven: site, mail or line.
    path: str | None = None
    # Whether accounts can be linked on LINE.
    links: bool = True

    @property
    def today(self) -> date:
        """The civil date in Tokyo."""
        return tokyo_date(self.now)

    def to_identify(self, response: str) -> str:
        """The response's name, or that of its words for LINE without the link of accounts.

        What cannot be done is not offered, and then refused.
        """
        return f"{response}_unlinked" if self.channel == "line" and not self.links else response

    @property
    def on_telephone(self) -> bool:
        """Whether staff lead this conversation with a caller."""
        return self.channel == "staff"


@dataclass(frozen=True)
class LookUp:
    """What the registry knows of a number, and the instant to which that belongs."""

    record: RegistryRecord | None
    as_of: datetime


@dataclass(frozen=True)
class NumberOption:
    """One of the speaker's own numbers, as it may be shown; `value` is opaque."""

    value: str
    label: str
    current: bool


class Identity(Protocol):
    """Proving a number by a mailed code; the numbers and codes themselves stay in the app."""

    @property
    def offered(self) -> bool:
        """Whether codes can be mailed."""

    async def ask_number(self, conversation_id: str) -> None:
        """Wait for a registration number in the member's next messages."""

    async def resend(self, conversation_id: str) -> str:
        """Mail another code; gives the step (`bot.identity.mailed_code.Step`), or number."""

    async def numbers(self, conversation_id: str) -> Sequence[NumberOption]:
        """The numbers that the speaker's proof opens; none for guests."""

    async def switch(self, conversation_id: str, value: str) -> bool:
        """Speak of another of these numbers; False where it is none of them."""


@dataclass(frozen=True)
class Promise:
    """What may be said of a person. `kind`: telephone (nobody uses the console), present (open and
    somebody is there; `ahead` wait before), absent (open, nobody there), closed (`opens` next).
    """

    kind: str
    ahead: int = 0
    opens: str = ""
    # Whether this conversation waits for a person already.
    waiting: bool = False


class Handover(Protocol):
    """Whether a person can be promised."""

    async def promise(self, conversation_id: str) -> Promise:
        """What may be said now."""


class Desk(Protocol):
    """The ports of the handlers."""

    @property
    def handover(self) -> Handover:
        """Whether a person can be promised."""

    @property
    def identity(self) -> Identity:
        """Who is speaking, and how it can be proven."""

    @property
    def rules(self) -> Rules:
        """The office's numbers of the procedure."""

    @property
    def update_day(self) -> int:
        """Day of the month about which bills are updated."""

    @property
    def contact(self) -> str:
        """How to reach a person, in a sentence."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Label of a topic in a clarification, by topic."""

    async def speaker(self, conversation_id: str) -> Speaker:
        """Whom the conversation belongs to."""

    async def look_up(self, speaker: Speaker) -> LookUp:
        """The speaker's own record. Raises RegistryUnavailable; never for a guest."""

    async def calendar(self) -> BusinessCalendar:
        """Business days with the office's closures; without them where the database is away."""

    async def cutoff_day(self, day: date) -> int:
        """The cut-off day of the month in which `day` lies."""

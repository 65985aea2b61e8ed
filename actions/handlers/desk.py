"""What the handlers are given: who speaks, the registry, the calendar, the office's words.

The composition root (`bot.app`) makes one; tests hand in a fake. No handler imports `bot`.
"""

from collections.abc import Mapping
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

    @property
    def today(self) -> date:
        """The civil date in Tokyo."""
        return tokyo_date(self.now)


@dataclass(frozen=True)
class LookUp:
    """What the registry knows of a number, and the instant to which that belongs."""

    record: RegistryRecord | None
    as_of: datetime


class Desk(Protocol):
    """The ports of the handlers."""

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

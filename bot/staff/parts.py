"""What the console needs, made once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.settings import Settings


@dataclass(frozen=True)
class StaffParts:
    """The console's parts; the app keeps them as `app.state.staff`."""

    sessions: sessionmaker[Session]
    clock: Clock


def create_staff(settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> StaffParts:
    """Make the parts."""
    return StaffParts(sessions, clock)


def console_in_use(staff: StaffParts) -> Callable[[], bool]:
    """Whether anybody can work with the console: else members are given the telephone."""
    return lambda: False

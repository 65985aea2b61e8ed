"""What the console needs, made once by the composition root."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.review.parts import ReviewParts, create_review
from bot.settings import Settings


@dataclass(frozen=True)
class StaffParts:
    """The console's parts; the app keeps them as `app.state.staff`."""

    sessions: sessionmaker[Session]
    clock: Clock
    review: ReviewParts


def create_staff(settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> StaffParts:
    """Make the parts."""
    return StaffParts(sessions, clock, create_review(sessions))

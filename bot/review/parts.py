"""What the review's pages need."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from bot.review.reading import Reading
from bot.review.unclear import Marks
from bot.review.words import intents


@dataclass(frozen=True)
class ReviewParts:
    """Made once by the composition root."""

    reading: Reading
    marks: Marks


def create_review(sessions: sessionmaker[Session]) -> ReviewParts:
    """Over the app's database."""
    return ReviewParts(Reading(sessions), Marks(sessions, list(intents())))

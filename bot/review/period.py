"""The days that are looked at."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import InvalidRequest
from bot.review.words import review_words

_TOKYO = ZoneInfo("Asia/Tokyo")
_USUAL_DAYS = 30
_MOST_DAYS = 366
CHANNELS = ("web", "line", "staff")


@dataclass(frozen=True)
class Period:
    """Civil days in Tokyo, both ends counted, and one channel or all (None)."""

    first: date
    last: date
    channel: str | None = None

    @property
    def begin(self) -> datetime:
        """The instant (UTC) at which it begins."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The instant (UTC) at which it is over."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        channel = f"&channel={self.channel}" if self.channel else ""
        return f"?from={self.first}&to={self.last}{channel}"


def read_period(first: str, last: str, channel: str, today: date) -> Period:
    """From a form's fields; empty ones mean the last 30 days and all channels.

    Raises InvalidRequest for what is no date, a wrong order, or more than 366 days.
    """
    try:
        until = date.fromisoformat(last) if last else today
        since = date.fromisoformat(first) if first else until - timedelta(days=_USUAL_DAYS - 1)
    except ValueError:
        raise InvalidRequest(review_words()["problems"]["period"]) from None
    if not 0 <= (until - since).days < _MOST_DAYS:
        raise InvalidRequest(review_words()["problems"]["period"])
    return Period(since, until, channel if channel in CHANNELS else None)


def tokyo_day(instant: datetime) -> date:
    """The civil date in Tokyo."""
    return instant.astimezone(_TOKYO).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _TOKYO).astimezone(UTC)

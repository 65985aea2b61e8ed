"""When a search goes into the audit trail: searching as one types would write a row a letter."""

from datetime import datetime, timedelta

from bot.clock import Clock

_ONCE_IN = timedelta(minutes=1)


class SearchTrail:
    """Whether a person's search is to be noted: the first, and one a minute while it goes on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    def is_due(self, staff_id: str) -> bool:
        """Whether a search of this person is to be noted now."""
        last = self._noted.get(staff_id)
        return last is None or self._clock() - last >= _ONCE_IN

    def noted(self, staff_id: str) -> None:
        """It was."""
        self._noted[staff_id] = self._clock()

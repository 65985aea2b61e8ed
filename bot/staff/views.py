"""Which views of members' data stand in the audit trail already."""

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.clock import Clock

_LATELY = timedelta(minutes=30)
_MOST = 2_000


class NotedViews:
    """A page that renews itself is one view: remembered for half an hour, in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def remember(self, staff_id: str, what: str) -> None:
        """The view was noted now."""
        self._noted[staff_id, what] = self._clock()
        self._noted.move_to_end((staff_id, what))
        while len(self._noted) > _MOST:
            self._noted.popitem(last=False)

    def seen_lately(self, staff_id: str, what: str) -> bool:
        """Whether it was noted within the last half hour."""
        at = self._noted.get((staff_id, what))
        return at is not None and self._clock() - at < _LATELY

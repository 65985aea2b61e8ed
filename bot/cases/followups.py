"""How many promises to come back to a caller are due, for the top bar of every page."""

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import tokyo_date
from bot.clock import Clock
from bot.database import reading
from bot.store.case_tables import CaseRow

_LOG = structlog.get_logger()
_SECONDS = 20.0


class FollowUps:
    """The count is never waited for: a page shows the last one while it is read again."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._monotonic = monotonic
        self._count = 0
        self._read_at: float | None = None
        self._reading = threading.Lock()

    def count(self) -> int:
        """Follow-ups due today or earlier, at most some seconds old."""
        old = self._read_at is None or self._monotonic() - self._read_at >= _SECONDS
        if old and not self._reading.locked():
            threading.Thread(target=self.read, daemon=True).start()
        return self._count

    def read(self) -> None:
        """Count now; blocks. A database that is away leaves the last count."""
        query = select(func.count()).where(
            CaseRow.follow_up_on <= tokyo_date(self._clock()),
            CaseRow.follow_up_done_at.is_(None),
        )
        with self._reading:  # one after the other: the last to begin has the last word
            try:
                with reading(self._sessions) as session:
                    self._count = session.scalar(query) or 0
            except SQLAlchemyError as error:
                _LOG.warning("follow-ups could not be counted", error=type(error).__name__)
            self._read_at = self._monotonic()

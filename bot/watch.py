"""What waits, and whether what the app needs is there: read when somebody asks for the metrics."""

from datetime import datetime

import anyio
import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from bot.channels.line.records import QUOTA_LATER
from bot.channels.line.tables import LineEventRow
from bot.clock import Clock
from bot.database import reading
from bot.dialogue import Dialogue
from bot.metrics import IMPORT_AS_OF, OLDEST_WAITING, UP, WAITING
from bot.store.handover_tables import HandoverRow
from bot.store.identity_tables import OutboxRow
from bot.store.tables import IS_PENDING, TurnRow

_LOG = structlog.get_logger()

Waiting = Select[int, datetime]

QUEUES: dict[str, Waiting] = {
    "turns": select(func.count(), func.min(TurnRow.created_at)).where(IS_PENDING),
    "mails": select(func.count(), func.min(OutboxRow.created_at)).where(
        OutboxRow.state == "waiting"
    ),
    "persons": select(func.count(), func.min(HandoverRow.requested_at)).where(
        HandoverRow.state == "waiting", HandoverRow.ended_at.is_(None)
    ),
    # Without what waits for the month's quota: no help is slow there, and it has its own alarm.
    "line": select(func.count(), func.min(LineEventRow.received_at)).where(
        LineEventRow.done_at.is_(None),
        func.coalesce(LineEventRow.delivery, "") != QUOTA_LATER,
    ),
}


class Watch:
    """Sets the gauges of `bot.metrics` that describe a state."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        registry: Registry,
        dialogue: Dialogue,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._registry = registry
        self._dialogue = dialogue
        self._clock = clock

    async def look(self) -> None:
        """Look at everything; what cannot be reached is told by `navi_up` and raises nothing."""
        UP.labels("dialogue").set(await self._dialogue.ready())
        try:
            await anyio.to_thread.run_sync(self._look_into_database)
        except SQLAlchemyError as error:
            UP.labels("database").set(0)
            _LOG.error("the database cannot be watched", error=type(error).__name__)

    def _look_into_database(self) -> None:
        now = self._clock()
        with reading(self._sessions) as session:
            for queue, query in QUEUES.items():
                count, oldest = session.execute(query).one()
                age = (now - oldest).total_seconds() if oldest else 0.0
                WAITING.labels(queue).set(count)
                OLDEST_WAITING.labels(queue).set(max(0.0, age))
        latest = self._registry.latest_import()
        IMPORT_AS_OF.set(latest.as_of.timestamp() if latest else 0)
        UP.labels("database").set(1)

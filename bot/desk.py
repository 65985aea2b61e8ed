"""What the action handlers are given in the running product (`actions.handlers.desk.Desk`)."""

from collections.abc import Callable
from datetime import date

import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.domain.calendar import BusinessCalendar
from actions.domain.procedure import Rules
from actions.domain.registry import Registry
from actions.handlers.desk import Handover, Identity, LookUp, RegistryUnavailable, Speaker
from bot.audit import Audit, AuditEvent
from bot.clock import Clock
from bot.metrics import REGISTRY_AS_OF, REGISTRY_REFUSALS
from bot.settings import Settings
from bot.store.records import Conversation
from bot.store.work import Work
from bot.wording import OfficeWords, labels

_LOG = structlog.get_logger()


class AppDesk:
    """Ports of the handlers over the app's database and settings."""

    def __init__(
        self,
        find: Callable[[str], Conversation | None],
        registry: Registry,
        settings: Settings,
        words: OfficeWords,
        clock: Clock,
        identity: Identity,
        audit: Audit,
        handover: Handover,
        work: Work | None = None,
        links: bool = False,
    ) -> None:
        """`links`: accounts can be linked on LINE."""
        self.identity = identity
        self.handover = handover
        self._work = work or Work()
        self._audit = audit
        self._links = links
        self._find = find
        self._registry = registry
        self._clock = clock
        self._max_age = settings.registry_max_age
        self._default_cutoff = settings.cutoff_day
        self._demo = settings.demo
        self.rules = Rules(
            settings.days_until_opening,
            settings.days_until_delayed,
            settings.days_until_mail_trouble,
        )
        self.update_day = settings.update_day
        self.contact = words.contact
        self.labels = labels()

    async def speaker(self, conversation_id: str) -> Speaker:
        """Whom the dialogue's conversation ("<id>~<epoch>") belongs to."""
        found = await self._work.read(self._find, conversation_id.partition("~")[0])
        if found is None:
            return Speaker(conversation_id, None, self._clock())
        now = found.demo_now or self._clock()
        until = found.identity_until
        if until is not None and until <= self._clock():
            return Speaker(conversation_id, None, now, found.channel, links=self._links)
        path = found.identity_path
        return Speaker(conversation_id, found.member_number, now, found.channel, path, self._links)

    async def look_up(self, speaker: Speaker) -> LookUp:
        """The speaker's record. Raises RegistryUnavailable where it is away or too old."""
        assert speaker.number is not None, "a guest has no record"
        try:
            # First the trail: what cannot be noted is not told. The answer's own commit makes it
            # durable, before anybody reads the answer.
            await self._work.put(self._note, speaker, speaker.number)
            found = await self._work.read(self._look_up, speaker.number)
        except SQLAlchemyError as error:
            raise self._refused("database", type(error).__name__) from None
        if found is None:
            raise self._refused("empty", "no import yet")
        if self._clock() - found.as_of > self._max_age:
            raise self._refused("stale", f"data of {found.as_of.isoformat()}")
        REGISTRY_AS_OF.set(found.as_of.timestamp())
        return found

    async def calendar(self) -> BusinessCalendar:
        """With the office's closures; the plain calendar where the database is away."""
        try:
            return await self._work.read(self._registry.calendar)
        except SQLAlchemyError:
            return BusinessCalendar()

    async def cutoff_day(self, day: date) -> int:
        """The office's day for that month, else the setting."""
        month = f"{day:%Y-%m}"
        try:
            return await self._work.read(self._registry.cutoff_day, month, self._default_cutoff)
        except SQLAlchemyError:
            return self._default_cutoff

    def _note(self, speaker: Speaker, number: str) -> None:
        conversation_id = speaker.conversation_id.partition("~")[0]
        path = speaker.path or "unknown"
        self._audit.note(AuditEvent.look_up, path, number, conversation_id, self._clock())

    def _look_up(self, number: str) -> LookUp | None:
        record = self._registry.look_up(number)
        if record is not None:
            return LookUp(record, record.as_of)
        # Whether a number is unknown is only as fresh as the latest import.
        latest = self._registry.latest_import()
        if latest is None and self._demo:
            return LookUp(None, self._clock())  # the invented members are always fresh
        return LookUp(None, latest.as_of) if latest else None

    @staticmethod
    def _refused(reason: str, detail: str) -> RegistryUnavailable:
        REGISTRY_REFUSALS.labels(reason).inc()
        _LOG.error("no state answer can be given", reason=reason, detail=detail)
        return RegistryUnavailable(reason)

"""`actions.handlers.desk.Handover` over the app's database: what a member may be promised."""

from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from actions.domain.calendar import tokyo_date
from actions.handlers.desk import Promise
from bot.clock import Clock
from bot.handover.hours_store import HoursStore
from bot.handover.inbox import InboxStore
from bot.handover.presence import Presence
from bot.handover.words import say_moment
from bot.store.records import Conversation
from bot.store.work import Work

_LOG = structlog.get_logger()


class AppHandover:
    """Asks presence and office hours at the moment of the promise."""

    def __init__(
        self,
        in_use: Callable[[], bool],
        hours: HoursStore,
        presence: Presence,
        lists: InboxStore,
        find: Callable[[str], Conversation | None],
        clock: Clock,
        work: Work | None = None,
    ) -> None:
        self._in_use = in_use
        self._hours = hours
        self._presence = presence
        self._lists = lists
        self._find = find
        self._clock = clock
        self._work = work or Work()

    async def promise(self, conversation_id: str) -> Promise:
        """What can be said truly now; the telephone where nobody uses the console."""
        own_id = conversation_id.partition("~")[0]
        try:
            return await self._work.read(self._promise, own_id)
        except SQLAlchemyError as error:
            _LOG.error("no promise can be made", error=type(error).__name__)
            return Promise("telephone")

    def _promise(self, conversation_id: str) -> Promise:
        found = self._find(conversation_id)
        # In a telephone call (channel staff) the caller talks to a person already.
        if (found is not None and found.channel == "staff") or not self._in_use():
            return Promise("telephone")
        now = self._clock()
        hours = self._hours.hours()
        waiting, ahead = self._lists.place_of(conversation_id, now)
        opens = None if hours.is_open(now) else hours.next_opening(now)
        if opens is not None:
            return Promise("closed", opens=say_moment(opens, tokyo_date(now)), waiting=waiting)
        there = any(present.accepting for present in self._presence.present(now))
        if there and hours.is_open(now):
            return Promise("present", ahead, waiting=waiting)
        return Promise("absent", waiting=waiting)

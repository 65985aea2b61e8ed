"""Conversations on LINE: which one an event belongs to, and the channel's own words in it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import anyio

from bot.channels.line.account import Account
from bot.channels.line.records import Json, Source, Waiting
from bot.channels.line.said import Said
from bot.channels.line.store import LineStore
from bot.channels.line.words import draft, words
from bot.clock import Clock
from bot.conversation import Conversations, Exchange
from bot.messages import Draft
from bot.store.records import Conversation
from bot.wording import OfficeWords

# A long conversation ends at the next pause, one that knows no pause ends at last.
_LONG, _LONGEST, _PAUSE = 200, 1000, timedelta(hours=1)
_NAMESPACE = uuid.UUID("0b7f1c9e-3c52-4d0a-8a44-51b1d2f0c7a5")


@dataclass(frozen=True)
class Answer:
    """What is said; `extra` are message objects that are in no journal (a link with a token)."""

    drafts: list[Draft] = field(default_factory=list)
    extra: list[Json] = field(default_factory=list)
    asks_feedback: bool = False


NOTHING = Answer()


class Talks:
    """Finds or begins an event's conversation; answers of the channel itself go through it."""

    def __init__(
        self,
        store: LineStore,
        said: Said,
        pipe: Conversations,
        account: Account,
        office: OfficeWords,
        clock: Clock,
        silence: timedelta,
    ) -> None:
        self._store = store
        self._said = said
        self._pipe = pipe
        self._account = account
        self._office = office
        self._clock = clock
        self._silence = silence

    async def own(
        self, event: Waiting, source: Source, said: str, drafts: Sequence[Draft]
    ) -> Answer:
        """An answer of the channel itself, kept in the journal like any other."""
        talk = await self.of(event, source)
        exchange = await self.again(event, talk)
        if exchange is None:
            kept = words()["said"][said]
            exchange = await self._pipe.say(talk, message_id(event.id), kept, drafts)
        return await self.told(talk, exchange)

    async def of(self, event: Waiting, source: Source) -> Conversation:
        """The event's conversation; a new one after a long silence, or where it is very long."""
        talk = None
        if event.conversation_id:
            talk = await self._pipe.find(event.conversation_id)
        elif source.conversation_id:
            talk = await self._pipe.find(source.conversation_id)
            # Who waits for a person, or talks to one, goes on there however long it took.
            if talk is not None and not talk.handover_id and not self._is_fresh(source):
                talk = None
            if talk is not None:
                await in_thread(self._store.assign, event, talk.id, self._clock())
        if talk is None:
            notice = [] if source.told else [self._office.system("notice")]
            kind = await self._account.kind(source.member_number)
            begun = await self._pipe.begin("line", source.member_number, kind, notice)
            talk = begun.conversation
            await in_thread(self._store.assign, event, talk.id, self._clock())
        return talk

    async def wants_person(self, source: Source) -> bool:
        """Whether a person is wanted, or answers, in the source's present conversation."""
        talk = await self._pipe.find(source.conversation_id or "")
        return talk is not None and talk.handover_id is not None

    async def again(self, event: Waiting, talk: Conversation) -> Exchange | None:
        """What a first attempt, cut off by a crash, has committed already."""
        if event.attempts < 2:
            return None
        return await self._pipe.taken(talk, message_id(event.id))

    async def told(self, talk: Conversation, exchange: Exchange) -> Answer:
        """An exchange as it goes out, with the notice before a conversation's first answer."""
        said = [message.draft for message in exchange.replies]
        # Nothing but the notice can stand before a conversation's first message (`of`).
        opening = [self._office.system("notice")] if exchange.accepted.seq == 2 else []
        asks = await self._asks_feedback(talk, exchange.accepted.seq, said)
        return Answer([*opening, *said], asks_feedback=asks)

    def menu(self, text: str, lead: bool = True) -> Draft:
        """A text with the topics under it."""
        whole = f"{text.strip()}\n\n{words()['menu_lead']}" if lead else text
        return draft(whole, self._office.menu())

    async def _asks_feedback(self, talk: Conversation, seq: int, said: Sequence[Draft]) -> bool:
        """After the first outcome and at the end, where nothing is asked and nobody has said."""
        if not said or said[-1].question:
            return False
        ends = said[-1].topic == "goodbye"
        if not ends and not any(d.outcome for d in said):
            return False
        if await in_thread(self._said.has_feedback, talk.id):
            return False
        return ends or not await in_thread(self._said.was_advised, talk.id, seq)

    def _is_fresh(self, source: Source) -> bool:
        """Whether the conversation goes on: who writes for years has many of them, not one."""
        if source.last_at is None or source.length >= _LONGEST:
            return False
        silent = self._clock() - source.last_at
        return silent < (self._silence if source.length < _LONG else min(_PAUSE, self._silence))


def message_id(event_id: str) -> str:
    """The pipe's id of an event's message: the same for each delivery and each try."""
    return str(uuid.uuid5(_NAMESPACE, event_id))


async def in_thread(call: Callable[..., Any], *args: Any, **values: Any) -> Any:
    """The database is synchronous; its waiting must not hold up other conversations."""
    return await anyio.to_thread.run_sync(lambda: call(*args, **values))

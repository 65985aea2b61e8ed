"""The inner half of the pipe: committed turn -> dialogue -> journal -> replies.

One turn at a time in each conversation, in the order in which the messages were committed. A
turn that was cut off by a crash is taken up with its own id, which the dialogue server knows.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog

from bot.clock import Clock
from bot.dialogue import Dialogue, DialogueFailure, TurnRequest
from bot.handover.requests import Requests
from bot.handover.wishes import wish_of
from bot.handover.words import said
from bot.identity.typed import SWITCH, asks_to_switch
from bot.live import STAFF, Live
from bot.locks import Locks
from bot.messages import Draft, Message
from bot.metrics import TURN_SECONDS, TURNS
from bot.rendering import render
from bot.store.journal import Journal
from bot.store.records import PENDING, WITHHELD, Accepted, Conversation, Offered, Turn
from bot.store.switches import Switches
from bot.store.work import Work
from bot.text import for_dialogue, same_words, was_masked
from bot.wording import OfficeWords

PERSON = "/handoff"
_LOG = structlog.get_logger()
_Replies = list[Message] | None


class Answering:
    """Answers turns that the journal holds."""

    def __init__(
        self,
        journal: Journal,
        dialogue: Dialogue,
        switches: Switches,
        words: OfficeWords,
        live: Live,
        clock: Clock,
        requests: Requests | None,
        locks: Locks,
        work: Work,
    ) -> None:
        self._journal = journal
        self._dialogue = dialogue
        self._switches = switches
        self._words = words
        self._live = live
        self._clock = clock
        self._requests = requests
        self._locks = locks
        self._work = work
        self._background: set[asyncio.Task[_Replies]] = set()

    async def answered(self, accepted: Accepted) -> list[Message]:
        """The replies to a turn; once committed it is finished even if the client hangs up."""
        if accepted.turn.status == PENDING:
            replies = await asyncio.shield(self._spawn(self._answer(accepted)))
            if replies is not None:
                return replies
        # Somebody else wrote what is told now, perhaps a moment ago; or it is a person's turn, and
        # the message itself is all that was written.
        await self._work.settled()
        return await self._work.read(self._journal.replies, accepted.turn.id)

    async def recover(self, before: datetime | None = None) -> None:
        """Answer what a crash left unanswered (`before`: what is older than that).

        Another process may be gone for good, so each looks for what is left. One conversation
        that cannot be answered now holds up no other. Raises SQLAlchemyError.
        """
        for left in await self._work.read(self._journal.conversations_with_pending_turns, before):
            try:
                async with self._locks.hold(left):
                    for turn in await self._work.read(self._journal.pending, left):
                        await self._run(turn)
            except Exception as error:  # whatever it was: the others wait for an answer too
                _LOG.error("an unanswered turn waits", error=type(error).__name__)

    async def finish(self, within_s: float) -> None:
        """Wait for the answers that are under way."""
        if self._background:
            await asyncio.wait(set(self._background), timeout=within_s)

    def tell(self, conversation_id: str, wanted: bool) -> None:
        """Wake the member's stream, and the consoles where a person is `wanted` or speaks."""
        self._live.notify(conversation_id)
        if wanted:
            self._live.notify(STAFF)

    async def _answer(self, accepted: Accepted) -> _Replies:
        """Run what waits up to this turn; its replies, None where somebody else ran it."""
        turn, replies = accepted.turn, None
        async with self._locks.hold(turn.conversation_id) as at_once:
            if at_once and accepted.conversation is not None and accepted.is_next:
                # Nobody was at work in between: what the commit read is still true.
                return await self._run(turn, accepted.conversation, accepted.offered)
            for waiting in await self._work.read(self._journal.pending, turn.conversation_id):
                if waiting.seq <= turn.seq:
                    ran = await self._run(waiting)
                    replies = ran if waiting.id == turn.id else replies
        return replies

    async def _run(
        self,
        turn: Turn,
        conversation: Conversation | None = None,
        offered: Offered | None = None,
    ) -> list[Message]:
        """Answer one turn; what is not given is read."""
        if conversation is None:
            conversation = await self._work.read(self._journal.find, turn.conversation_id)
        assert conversation is not None
        begun = time.perf_counter()
        drafts, failure = await self._drafts(conversation, turn, offered)
        beside = self._work.beside()  # it goes on while the answer is stored
        wishes = None
        if self._requests is not None and wish_of(drafts) is not None:
            wishes = await self._work.read(
                self._requests.noting, conversation.channel, turn, drafts
            )
        # Whether the bot may still speak is decided there, whatever stood here before.
        replies = await self._work.write_with(
            beside, self._journal.finish, turn, drafts, self._clock(), failure, wishes
        )
        TURN_SECONDS.labels(conversation.channel).observe(time.perf_counter() - begun)
        TURNS.labels(conversation.channel, failure or ("answered" if replies else WITHHELD)).inc()
        wanted = conversation.handover_id is not None or wishes is not None or not replies
        self.tell(turn.conversation_id, wanted)
        return replies

    async def _drafts(
        self, conversation: Conversation, turn: Turn, offered: Offered | None
    ) -> tuple[list[Draft], str | None]:
        if conversation.owner is not None or conversation.owner_version != turn.owner_version:
            return [], None
        if not await self._work.read(self._switches.bot_is_on):
            # Nobody but a person can answer it now.
            return [replace(self._words.system("bot_off"), desk={"reason": "off"})], "off"
        request = await self._request(conversation, turn, offered)
        try:
            drafts = render(await self._dialogue.turn(request), self._words.links)
        except DialogueFailure as failure:
            _LOG.error("turn failed", turn=turn.id, reason=failure.reason)
            return [await self._unavailable(turn)], failure.reason
        except Exception as error:
            # Whatever it was: a turn that stays open would block the conversation for good.
            _LOG.error("turn broke", turn=turn.id, error=type(error).__name__)
            return [await self._unavailable(turn)], "broken"
        if not drafts:
            return [await self._unavailable(turn)], "silent"
        if was_masked(str(turn.input["text"])):
            drafts.insert(0, replace(self._words.system("masked"), topic=drafts[0].topic))
        return drafts, None

    async def _unavailable(self, turn: Turn) -> Draft:
        """Nothing can be answered: a person reads it, and who asked for one is told so."""
        asked = turn.input.get("payload") == PERSON
        if asked and self._requests and await self._work.read(self._requests.in_use):
            text = said("noted_without_bot")
            return Draft("system", text, topic="handoff", desk={"reason": "asked"})
        return replace(self._words.system("unavailable"), desk={"reason": "failed"})

    async def _request(
        self, conversation: Conversation, turn: Turn, offered: Offered | None
    ) -> TurnRequest:
        text, payload = str(turn.input["text"]), turn.input.get("payload")
        if payload is None and offered is None:
            offered = await self._work.read(
                self._journal.offered_last, turn.conversation_id, turn.seq
            )
        if payload is None:
            payload = _typed_choice(text, offered or ())
        if payload is None and asks_to_switch(text):
            payload = SWITCH
        return TurnRequest(
            conversation.dialogue_id, turn.id, conversation.channel, for_dialogue(text), payload
        )

    def _spawn(self, work: Coroutine[Any, Any, _Replies]) -> asyncio.Task[_Replies]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _typed_choice(text: str, offered: Sequence[tuple[str, str]]) -> str | None:
    """The payload of the last offered choice whose label was typed word for word."""
    words = same_words(text) if offered else ""
    return next((payload for label, payload in offered if _label(label) == words), None)


@lru_cache(maxsize=512)
def _label(label: str) -> str:
    """Labels are the wording's own, and the same ones again and again."""
    return same_words(label)

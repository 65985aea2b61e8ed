"""Sending by LINE's rules: the free reply first, a push only where the reply cannot go out.

| what happened | what is done |
|---|---|
| reply token too old, or refused, and nothing sent yet | push with a retry key |
| reply timed out or 5xx | the same reply once more: the token blocks a double; then stop |
| 400 for the content | the same as plain text |
| push timed out or 5xx | again with the same key, with growing pauses; 409 is success |
| 429 for the pace, LINE not reached | the same later from the store: reply while the token lives |
| push still without an answer | the same with the same key later from the store |
| month's quota used up | push later: LINE is asked each hour, for a day (`quota.py`) |
| standby, blocked | stop; staff see it (`navi line status`) |
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import anyio
import structlog

from bot.channels.line.client import LineRefused, LineUncertain, LineUnreachable
from bot.channels.line.delivery import UNDELIVERED, Delivery, Sent, by_push, by_reply
from bot.channels.line.quota import Asked, Looks, Quota, next_look
from bot.channels.line.records import (
    PUSH,
    PUSH_LATER,
    QUOTA_LATER,
    REPLY,
    Json,
    Source,
    Waiting,
)
from bot.channels.line.render import plain
from bot.clock import Clock
from bot.metrics import LINE_DELIVERIES

_LOG = structlog.get_logger()
_NAMESPACE = uuid.UUID("6f2a2c0e-5f1b-4f53-9d5e-0f6c1f5d9a11")
# LINE promises a minute; the request itself takes some of it.
TOKEN_LIFE = timedelta(seconds=55)
_TOKEN_LATEST = timedelta(minutes=20)
_PUSH_TRIES = 4

Pause = Callable[[float], Awaitable[None]]


class Outgoing(Asked, Protocol):
    """What of LINE's API is needed to send."""

    async def reply(self, token: str, messages: Sequence[Json]) -> None:
        """Raises LineRefused, LineUncertain."""

    async def push(self, user_id: str, messages: Sequence[Json], retry_key: str) -> None:
        """Raises LineRefused, LineUncertain."""


class Notes(Protocol):
    """What of the store is needed to send."""

    def delivering(self, event_id: str, how: str) -> None:
        """An answer is about to go out that way."""


class Sender:
    """Sends the answer to an event, once."""

    def __init__(
        self, api: Outgoing, notes: Notes, looks: Looks, clock: Clock, pause: Pause = asyncio.sleep
    ) -> None:
        self._api = api
        self._notes = notes
        self._quota = Quota(api, looks, clock)
        self._clock = clock
        self._pause = pause

    async def send(self, event: Waiting, source: Source, messages: Sequence[Json]) -> Sent:
        """Deliver; whatever goes wrong is the result, never an exception of LINE's."""
        sent = await self._send(event, source, messages)
        LINE_DELIVERIES.labels(str(sent.delivery)).inc()
        if sent.delivery in UNDELIVERED:
            _LOG.error(
                "answer on LINE not delivered",
                webhook_event=event.id,
                result=str(sent.delivery),
                tried_again=sent.later is not None,
            )
        return sent

    async def _send(self, event: Waiting, source: Source, messages: Sequence[Json]) -> Sent:
        if not messages:
            return Sent(Delivery.nothing)
        if event.body.get("standby"):
            return Sent(Delivery.standby)
        # After a crash in mid-sending a dead token may mean that the answer is out.
        tried = event.delivery == REPLY
        token = event.body.get("reply_token")
        if (
            token
            and event.delivery not in (PUSH, PUSH_LATER, QUOTA_LATER)
            and (tried or self._lives(event))
        ):
            await self._note(event.id, REPLY)
            delivery = await self._reply(str(token), messages, tried)
            if delivery is not None:
                return by_reply(delivery)
        return await self._pushed(event, source, messages)

    def _lives(self, event: Waiting) -> bool:
        now = self._clock()
        happened = datetime.fromtimestamp(event.timestamp / 1000, now.tzinfo)
        return now - event.token_from < TOKEN_LIFE and now - happened < _TOKEN_LATEST

    async def _reply(
        self, token: str, messages: Sequence[Json], perhaps_sent: bool
    ) -> Delivery | None:
        """None where the token is dead and nothing was sent."""
        is_plain = False
        for pause in (0.5, 0.0):
            try:
                try:
                    await self._api.reply(token, messages)
                except LineRefused as refused:
                    if refused.status != 400 or refused.dead_token or is_plain:
                        raise
                    _LOG.error("LINE refused a message's form", said=refused.message[:200])
                    messages, is_plain = plain(messages), True
                    await self._api.reply(token, messages)
                return Delivery.replied
            except LineRefused as refused:
                if refused.dead_token:
                    return Delivery.replied if perhaps_sent else None
                ended = _refusal(refused)
                return Delivery.unsure if perhaps_sent and ended is Delivery.limited else ended
            except LineUncertain as error:
                perhaps_sent = perhaps_sent or not isinstance(error, LineUnreachable)
                if pause:
                    await self._pause(pause)
        return Delivery.unsure if perhaps_sent else Delivery.away

    async def _pushed(self, event: Waiting, source: Source, messages: Sequence[Json]) -> Sent:
        if event.body.get("group"):
            return Sent(Delivery.expired)
        if source.blocked:
            return Sent(Delivery.blocked)
        until = await self._quota.wait(event)
        if until is None:
            delivery = await self._push(event, messages)
            if delivery is not Delivery.quota:
                return by_push(delivery)
            until = next_look(self._clock())
        return Sent(Delivery.quota, QUOTA_LATER, until)

    async def _push(self, event: Waiting, messages: Sequence[Json]) -> Delivery:
        await self._note(event.id, PUSH)
        key, is_plain = _retry_key(event.id, "push"), False
        reached = False
        for attempt in range(_PUSH_TRIES):
            try:
                await self._api.push(event.source_id, messages, key)
                return Delivery.pushed
            except LineRefused as refused:
                if refused.status == 409:
                    return Delivery.pushed
                if refused.status != 400 or is_plain:
                    return _refusal(refused)
                messages, is_plain = plain(messages), True
                key = _retry_key(event.id, "plain")
            except LineUncertain as error:
                reached = reached or not isinstance(error, LineUnreachable)
                if attempt < _PUSH_TRIES - 1:
                    await self._pause(0.5 * 2**attempt)
        return Delivery.unsure if reached else Delivery.away

    async def _note(self, event_id: str, how: str) -> None:
        await _in_thread(self._notes.delivering, event_id, how)


def _refusal(refused: LineRefused) -> Delivery:
    if refused.quota_is_gone:
        return Delivery.quota
    if refused.status == 429:
        return Delivery.limited
    _LOG.error("LINE refused an answer", status=refused.status, said=refused.message[:200])
    return Delivery.refused


def _retry_key(event_id: str, purpose: str) -> str:
    """The same for each try, also after a crash."""
    return str(uuid.uuid5(_NAMESPACE, f"{purpose}:{event_id}"))


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))

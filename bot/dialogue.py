"""The only client of the dialogue server: one call a turn, one deadline, one kind of failure."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_never,
    wait_exponential_jitter,
)

from bot import payloads
from bot.fastjson import read, written
from bot.store.joined import in_event_loop
from wire import Begun, Reply, Wire

# A server may have been started anew meanwhile; a proxy in between closes idle connections.
_KEEPALIVE_S = 4.0
_KEEPALIVE_HERE_S = 600.0
_CONNECT_WITHIN_S = 2.0
_FIRST_PAUSE_S = 0.1
# A server that was away is asked again last, for so long.
_AWAY_S = 2.0
_R = TypeVar("_R")


class DialogueFailure(Exception):
    """No answer can be had. `reason` is silent, slow, refused or broken (for logs and metrics)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Unreachable(Exception):
    """The server is away or dropped the connection; the same turn may be sent again."""


@dataclass(frozen=True)
class TurnRequest:
    """What the dialogue is told. `turn_id` makes a repeated turn harmless."""

    dialogue_id: str
    turn_id: str
    channel: str
    text: str
    payload: str | None = None

    def body(self) -> dict[str, Any]:
        """The channel's JSON (rasa_components/channel.py)."""
        chosen = payloads.parse(self.payload) if self.payload else {}
        return {
            "conversation": self.dialogue_id,
            "turn": self.turn_id,
            "channel": self.channel,
            "text": self.text,
            **chosen,
        }


class Dialogue:
    """Calls the dialogue server at `url`, or those that stand there with commas between.

    `deadline` is in seconds. Each conversation has a server of its own, which holds it in memory;
    while that one is away the next one goes on from the database.
    """

    def __init__(self, url: str, secret: str, deadline: float) -> None:
        self._urls = [part.strip().rstrip("/") for part in url.split(",") if part.strip()]
        self._away: dict[str, float] = {}
        self._headers = {"X-Navi-Secret": secret}
        self._deadline = deadline
        self._session: aiohttp.ClientSession | None = None
        self._under_way = 0
        self._begun: tuple[str, Begun] | None = None
        # Turns go over a wire of their own: aiohttp would take a tenth of a turn's time.
        self._wires = {
            url: Wire(
                f"{url}/webhooks/navi/turn",
                self._headers,
                keep_s=_keepalive_s(url),
                connect_s=_CONNECT_WITHIN_S,
            )
            for url in self._urls
        }

    async def open(self) -> None:
        """Make the connection pool; needs a running event loop."""
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=_KEEPALIVE_S)
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_WITHIN_S),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        for wire in self._wires.values():
            wire.close()
        if self._session is not None:
            await self._session.close()

    async def turn(self, request: TurnRequest) -> list[dict[str, Any]]:
        """The bot's messages. Raises DialogueFailure, at the latest after the deadline."""
        self._under_way += 1
        try:
            return await self._asked(request.dialogue_id, lambda url: self._post(url, request))
        finally:
            self._under_way -= 1

    @contextmanager
    def expecting(self, said: Callable[[], str]) -> Iterator[Callable[[], None]]:
        """Let the dialogue understand what is `said` while the block stores it, before its turn.

        What the block is given sends the beginning of the turn's request, as soon as it is known
        that the bot is to answer; nothing happens to any conversation before the rest is sent.
        Only where a member is alone: else it is more work for the same. Called in a thread it
        does nothing.
        """
        mine: list[tuple[str, Begun]] = []

        def begin() -> None:
            if len(self._urls) != 1 or self._under_way or self._begun or not in_event_loop():
                return
            text = said()
            begun = self._wires[self._urls[0]].begun(written({"text": text}) + b"\n")
            if begun is not None:
                self._begun = (text, begun)
                mine.append(self._begun)

        try:
            yield begin
        finally:
            for sent in mine:
                if self._begun is sent:  # it came to no turn
                    self._begun = None
                    sent[1].close()

    async def forget(self, dialogue_ids: Sequence[str], turn_id: str) -> None:
        """Make a turn's words unreadable in the dialogue's memory. Raises DialogueFailure."""
        await self._asked(dialogue_ids[-1], lambda url: self._forget(url, dialogue_ids, turn_id))

    async def _asked(self, dialogue_id: str, ask: Callable[[str], Awaitable[_R]]) -> _R:
        try:
            async with asyncio.timeout(self._deadline):
                try:
                    return await self._at(dialogue_id, ask)
                except _Unreachable:
                    await asyncio.sleep(_FIRST_PAUSE_S)
                async for attempt in AsyncRetrying(
                    retry=retry_if_exception_type(_Unreachable),
                    wait=wait_exponential_jitter(multiplier=0.1, max=1.0),
                    stop=stop_never,
                ):
                    with attempt:
                        return await self._at(dialogue_id, ask)
        except TimeoutError:
            raise DialogueFailure("slow") from None
        raise AssertionError("tenacity either returns or raises")

    async def story(self, dialogue_id: str, name: str) -> str | None:
        """The conversation as one of Rasa's test stories (YAML); None where it knows none.

        Raises DialogueFailure.
        """
        assert self._session is not None
        body = {"conversation": dialogue_id, "name": name}
        timeout = aiohttp.ClientTimeout(total=self._deadline)
        try:
            async with self._session.post(
                f"{self._server(dialogue_id)}/webhooks/navi/story", json=body, timeout=timeout
            ) as response:
                if response.status == 404:
                    return None
                if response.status != 200:
                    raise DialogueFailure("broken")
                return str((await response.json())["yaml"])
        except (aiohttp.ClientError, TimeoutError):
            raise DialogueFailure("slow") from None

    async def ready(self) -> bool:
        """Whether a server runs and has its model."""
        return any(await asyncio.gather(*(self._is_ready(url) for url in self._urls)))

    async def _is_ready(self, url: str) -> bool:
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with self._session.get(f"{url}/webhooks/navi/ready", timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _server(self, dialogue_id: str) -> str:
        """The conversation's own server, or the next one while that is away."""
        if len(self._urls) == 1:
            return self._urls[0]
        now = time.monotonic()

        def place(url: str) -> tuple[float, bytes]:
            away = self._away.get(url, 0.0)
            own = hashlib.sha256(f"{url} {dialogue_id}".encode()).digest()
            return (away if away > now else 0.0, own)

        return min(self._urls, key=place)

    async def _at(self, dialogue_id: str, ask: Callable[[str], Awaitable[_R]]) -> _R:
        url = self._server(dialogue_id)
        try:
            return await ask(url)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, _Unreachable):
            self._away[url] = time.monotonic() + _AWAY_S
            raise _Unreachable from None

    async def _post(self, url: str, request: TurnRequest) -> list[dict[str, Any]]:
        body = written(request.body())
        if self._begun is not None and self._begun[0] == request.text:
            (_, begun), self._begun = self._begun, None
            reply = await begun.post(body)
            if reply.status != HTTPStatus.BAD_REQUEST:
                return _replies(reply)
            # A dialogue of the release before does not know requests in two lines.
        return _replies(await self._wires[url].post(body))

    async def _forget(self, url: str, dialogue_ids: Sequence[str], turn_id: str) -> None:
        assert self._session is not None
        body = {"conversations": list(dialogue_ids), "turn": turn_id}
        async with self._session.post(f"{url}/webhooks/navi/forget", json=body) as response:
            if response.status == 503:
                raise _Unreachable
            if response.status != 200:
                raise DialogueFailure("broken")


def _keepalive_s(url: str) -> float:
    """On this machine there is no proxy in between, and a server that ends says so at once."""
    here = urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
    return _KEEPALIVE_HERE_S if here else _KEEPALIVE_S


def _replies(response: Reply) -> list[dict[str, Any]]:
    if response.status == 503:  # starting: the model is not loaded yet
        raise _Unreachable
    if response.status == 502:
        raise DialogueFailure("silent")
    if response.status == 504:
        raise DialogueFailure("slow")
    if response.status != 200:
        raise DialogueFailure("broken")
    try:
        replies = read(response.body)["replies"]
    except (ValueError, KeyError, TypeError):
        raise DialogueFailure("broken") from None
    if not replies:
        raise DialogueFailure("silent")
    return list(replies)

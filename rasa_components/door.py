"""The dialogue's HTTP server: for one client, the app, and a handful of addresses.

Rasa serves with Sanic: router, middlewares for browsers of other origins, signals and an access
log that nobody reads, 0.4 ms CPU a request. Here Sanic's parser (httptools) reads the request and
the answer is written in one piece. Kept: one request after another on a connection that stays
open; who goes away has given up, so that the work for him is cancelled; on stopping, what runs
is finished.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import httptools

logger = logging.getLogger(__name__)

_LONGEST = 1 << 20
_LONGEST_PATH = 1 << 12
# The supervisor ends the process by force after ten seconds.
_GRACE_S = 8.0


@dataclass(frozen=True)
class Request:
    """What was asked: `secret` is the header X-Navi-Secret."""

    method: str
    path: str
    secret: bytes
    body: bytes


@dataclass(frozen=True)
class Answer:
    """Status and JSON."""

    status: int
    body: bytes


Handler = Callable[[Request], Awaitable[Answer]]
Early = Callable[[Request], None]


class Door:
    """Listens, and hands each request to `handler`."""

    def __init__(self, handler: Handler, early: Early | None = None) -> None:
        """Nothing is opened yet. An exception of `handler` is answered with 500.

        `early` is given a request whose body has begun with whole lines and is not yet complete,
        once; it may prepare for the rest, which need not come.
        """
        self.handler = handler
        self.early = early
        self.connections: set[_Connection] = set()
        self._server: asyncio.AbstractServer | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; gives the port (a free one for 0). Raises OSError where it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Take nothing new and finish what runs, for some seconds at the most."""
        if self._server is not None:
            self._server.close()
        running = [c.task for c in self.connections if c.task is not None]
        if running:
            await asyncio.wait(running, timeout=_GRACE_S)
        for connection in list(self.connections):
            connection.close()


class _Connection(asyncio.Protocol):
    """One client: its requests one after another."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no such class
        self._door.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.connections.discard(self)
        self._transport = None
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        if self._body.endswith(b"\n") and self.task is None and not self._told:
            self._told = True
            self._tell_early()

    def _tell_early(self) -> None:
        if self._door.early is None or self._transport is None or self._transport.is_closing():
            return
        try:
            self._door.early(self._request())
        except Exception as error:  # the request itself is still to come
            logger.error("preparing failed: %s", type(error).__name__)

    def on_message_begin(self) -> None:
        self._path, self._secret, self._body, self._told = b"", b"", b"", False

    def on_url(self, url: bytes) -> None:
        self._path += url
        if len(self._path) > _LONGEST_PATH:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"x-navi-secret":
            self._secret = value

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > _LONGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self.task is not None:  # nobody may ask again before the answer
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        work = self._answer(self._request(), self._parser.should_keep_alive())
        self._body = b""
        self.task = asyncio.get_running_loop().create_task(work)

    def close(self) -> None:
        """Let go of the client."""
        if self._transport is not None:
            self._transport.close()

    def _request(self) -> Request:
        method = self._parser.get_method().decode("latin-1")
        path = self._path.partition(b"?")[0].decode("latin-1")
        return Request(method, path, self._secret, self._body)

    async def _answer(self, request: Request, keep: bool) -> None:
        try:
            answer = await self._door.handler(request)
        except Exception as error:
            # Its type alone: the message may quote the member.
            logger.error("%s failed: %s", request.path, type(error).__name__)
            answer = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, b'{"error":"failed"}')
        self.task = None
        self._write(answer, keep)

    def _write(self, answer: Answer, keep: bool) -> None:
        if self._transport is None:
            return
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(answer.body)}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        )
        self._transport.write(head.encode() + answer.body)
        if not keep:
            self._transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._write(Answer(status, b'{"error":"refused"}'), keep=False)

"""A small HTTP client for one address, for the calls between app and dialogue.

Connections are kept, and a request is written in one piece, or in two where the other side may
begin to work on the first (`begun`).

aiohttp makes some twenty objects a call and sends head and body one after another, so that the
other process is woken twice. Kept of it: TLS for https, a connection that was lost is an
`aiohttp.ClientConnectionError`, one that nobody used for a while is not used again. Not kept:
redirects, cookies, compression, a reply that only the connection's end ends, and a timeout of
its own (whoever waits is cancelled by the turn's deadline, which closes the connection).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode, urlsplit

import aiohttp
import httptools

_ACKNOWLEDGED_MS = 3000


@dataclass(frozen=True)
class Reply:
    """Status, and the body as it came."""

    status: int
    body: bytes


class Wire:
    """Posts JSON to `url`; as many connections as there are calls at the same time."""

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        parameters: dict[str, str] | None = None,
        keep_s: float = 4.0,
        connect_s: float = 2.0,
    ) -> None:
        """Idle connections are used for `keep_s` seconds; one is made within `connect_s`.

        Raises ValueError for no http address.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"no address for HTTP: {parts.scheme}://{parts.hostname}")
        self._host, self._tls = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        query = "&".join(filter(None, (parts.query, urlencode(parameters or {}))))
        target = (parts.path or "/") + (f"?{query}" if query else "")
        told = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": "application/json"}
        lines = [f"{name}: {value}\r\n" for name, value in {**told, **headers}.items()]
        head = f"POST {target} HTTP/1.1\r\n{''.join(lines)}"
        self._head = f"{head}Content-Length: ".encode()
        self._beginning = f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        self._keep_s, self._connect_s = keep_s, connect_s
        self._idle: list[_Connection] = []

    async def post(self, body: bytes) -> Reply:
        """The reply, whatever its status. Raises aiohttp.ClientConnectionError."""
        connection = self._kept() or await self._made()
        return await self._asked(connection, self._head + b"%d\r\n\r\n" % len(body) + body)

    def begun(self, first: bytes) -> "Begun | None":
        """Send a request's `first` bytes; None where no connection is open and free."""
        connection = self._kept()
        if connection is None:
            return None
        connection.write(self._beginning + _chunk(first))
        return Begun(connection, self._asked)

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    async def _asked(self, connection: "_Connection", request: bytes) -> Reply:
        try:
            reply = await connection.ask(request)
        except BaseException:  # its answer may still come: nobody else must get it
            connection.close()
            raise
        if connection.usable:
            self._idle.append(connection)
            # The newest is used first: after many at once the oldest are not needed again.
            while connection.used_at - self._idle[0].used_at > self._keep_s:
                self._idle.pop(0).close()
        return reply

    def _kept(self) -> "_Connection | None":
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.used_at < self._keep_s:
                return connection
            connection.close()
        return None

    async def _made(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, made = await loop.create_connection(
                    _Connection, self._host, self._port, ssl=self._tls or None
                )
        except OSError as error:  # TimeoutError is one
            raise aiohttp.ClientConnectionError(type(error).__name__) from None
        return made


class Begun:
    """A request whose first bytes are sent."""

    def __init__(
        self,
        connection: "_Connection",
        asked: Callable[["_Connection", bytes], Awaitable[Reply]],
    ) -> None:
        self._connection = connection
        self._asked = asked

    async def post(self, rest: bytes) -> Reply:
        """The reply to all of it, once. Raises aiohttp.ClientConnectionError."""
        return await self._asked(self._connection, _chunk(rest) + b"0\r\n\r\n")

    def close(self) -> None:
        """Never to be ended: the other side sees that the connection is gone."""
        self._connection.close()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._body: list[bytes] = []
        self.usable = False
        self.used_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of no such class
        self.usable = True
        there = transport.get_extra_info("socket")
        if there is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            # A machine that vanished says nothing: what it does not acknowledge was lost.
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _ACKNOWLEDGED_MS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was lost")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("this is no HTTP")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        body, self._body = b"".join(self._body), []
        self.usable = self.usable and self._parser.should_keep_alive()
        if self._reply is None:
            self._fail("a reply that nobody asked for")
        elif self._reply.done():
            self._fail("two replies")
        else:
            self._reply.set_result(Reply(self._parser.get_status_code(), body))

    def write(self, beginning: bytes) -> None:
        """Send what `ask` will go on with."""
        if self._transport is not None:
            self._transport.write(beginning)

    async def ask(self, request: bytes) -> Reply:
        """Send the request and wait. Raises aiohttp.ClientConnectionError."""
        if self._transport is None or not self.usable:
            raise aiohttp.ClientConnectionError("the connection was lost")
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        self._transport.write(request)
        try:
            return await self._reply
        finally:
            self._reply = None
            self.used_at = loop.time()

    def close(self) -> None:
        """Never to be used again."""
        self.usable = False
        if self._transport is not None:
            self._transport.close()

    def _fail(self, why: str) -> None:
        self.close()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(aiohttp.ClientConnectionError(why))

"""The door: one request after another, whole answers, nothing for who has no secret."""

import asyncio
import json
import unittest
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import aiohttp

from rasa_components import channel, door
from rasa_components.channel import NaviChannel, TurnOutput
from rasa_components.door import Answer, Door, Early, Handler, Request

SECRET = "s" * 16


class Agent:
    """Ready or not; it understands all texts alike. Asked for anything else it fails."""

    def __init__(self, ready: bool = True) -> None:
        self._ready = ready
        self.processor = self
        self.understood: list[str] = []

    async def parse_message(self, message: Any) -> dict[str, Any]:
        self.understood.append(message.text)
        if message.text == "壊れる":
            raise RuntimeError("words of a member")
        return {"text": message.text, "intent": {"name": "faq"}, "entities": [], "message_id": ""}

    def is_ready(self) -> bool:
        return self._ready


async def echo(request: Request) -> Answer:
    told = {"path": request.path, "body": request.body.decode(), "method": request.method}
    return Answer(200, json.dumps(told).encode())


@asynccontextmanager
async def opened(handler: Handler, early: Early | None = None) -> AsyncIterator[tuple[Door, int]]:
    made = Door(handler, early)
    port = await made.open("127.0.0.1", 0)
    try:
        yield made, port
    finally:
        await made.close()


async def raw(port: int, *pieces: bytes) -> bytes:
    """What comes back for the pieces until the door closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01)
    told = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return told


class TestDoor(unittest.IsolatedAsyncioTestCase):
    async def test_one_connection_serves_many_requests(self) -> None:
        async with opened(echo) as (made, port), aiohttp.ClientSession() as http:
            for words in ("a", "b" * 100_000):
                async with http.post(f"http://127.0.0.1:{port}/x?y=1", data=words) as response:
                    told = await response.json()
                self.assertEqual(told, {"path": "/x", "body": words, "method": "POST"})
            self.assertEqual(len(made.connections), 1)

    async def test_a_request_in_pieces_is_one(self) -> None:
        async with opened(echo) as (_, port):
            told = await raw(
                port,
                b"POST /a",
                b"b HTTP/1.1\r\nConnection: close\r\nContent-Le",
                b"ngth: 4\r\n\r\nab",
                b"cd",
            )
        self.assertTrue(told.startswith(b"HTTP/1.1 200 OK\r\n"), told)
        self.assertIn(b'"path": "/ab", "body": "abcd"', told)

    async def test_a_beginning_is_told_once_and_never_for_what_was_refused(self) -> None:
        seen = list[bytes]()

        def early(request: Request) -> None:
            seen.append(request.body)
            raise RuntimeError("words of a member")

        with self.assertLogs("rasa_components.door") as logs:
            async with opened(echo, early) as (_, port):
                head = b"POST /a HTTP/1.1\r\nConnection: close\r\nContent-Length: "
                told = await raw(port, head + b"6\r\n\r\na\n", b"b\n", b"cd")
                self.assertIn(b'"body": "a\\nb\\ncd"', told)
                large = b"x" * (door._LONGEST + 1) + b"\n"
                told = await raw(port, head + b"9999999\r\n\r\n" + large)
                self.assertIn(b"HTTP/1.1 413 ", told)
        self.assertEqual(seen, [b"a\n"])
        self.assertNotIn("words", str(logs.output))

    async def test_what_is_no_request_is_refused(self) -> None:
        async with opened(echo) as (_, port):
            self.assertIn(b"HTTP/1.1 400 ", await raw(port, b"what\r\n\r\n"))

    async def test_what_is_too_long_is_refused(self) -> None:
        head = b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n"
        async with opened(echo) as (_, port):
            self.assertIn(b"HTTP/1.1 413 ", await raw(port, head, b"x" * (door._LONGEST + 1)))

    async def test_nobody_asks_again_before_the_answer(self) -> None:
        async def slow(request: Request) -> Answer:
            await asyncio.sleep(5)
            return await echo(request)

        async with opened(slow) as (_, port):
            told = await raw(port, b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
        self.assertEqual(told.count(b"HTTP/1.1"), 1)
        self.assertIn(b"HTTP/1.1 400 ", told)

    async def test_an_error_is_told_without_its_words(self) -> None:
        async def broken(_: Request) -> Answer:
            raise RuntimeError("words of a member")

        with self.assertLogs("rasa_components.door") as logs:
            async with opened(broken) as (_, port):
                told = await raw(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            self.assertIn(b"HTTP/1.1 500 ", told)
            self.assertNotIn(b"words", told)
        self.assertNotIn("words", str(logs.output))

    async def test_who_goes_away_has_given_up(self) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def long(_: Request) -> Answer:
            begun.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.set()
                raise
            return Answer(200, b"{}")

        async with opened(long) as (_, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            await asyncio.wait_for(begun.wait(), 60)
            writer.close()
            await asyncio.wait_for(ended.wait(), 30)

    async def test_what_runs_is_finished_before_the_end(self) -> None:
        begun = asyncio.Event()

        async def slow(request: Request) -> Answer:
            begun.set()
            await asyncio.sleep(0.1)
            return await echo(request)

        made = Door(slow)
        port = await made.open("127.0.0.1", 0)
        asked = asyncio.ensure_future(raw(port, b"GET /a HTTP/1.1\r\n\r\n"))
        await begun.wait()
        await made.close()
        self.assertIn(b"HTTP/1.1 200 OK", await asked)
        with self.assertRaises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


class TestChannel(unittest.IsolatedAsyncioTestCase):
    async def asked(self, path: str, agent: Any = None, **more: Any) -> int:
        given = {"method": "POST", "secret": SECRET.encode(), "body": b"{}", **more}
        channel = NaviChannel.from_credentials({"secret": SECRET}, agent or Agent())
        return (await channel.handle(Request(path=f"/webhooks/navi/{path}", **given))).status

    async def test_without_the_secret_nothing_is_done(self) -> None:
        for path in ("turn", "forget", "story"):
            for secret in (b"", b"x" * 16, SECRET.encode()[:-1]):
                self.assertEqual(await self.asked(path, secret=secret), 403)

    async def test_what_is_not_there(self) -> None:
        self.assertEqual(await self.asked("other"), 404)
        self.assertEqual(await self.asked("turn", method="GET"), 404)
        self.assertEqual(await self.asked("ready"), 404)

    async def test_ready_only_with_a_model(self) -> None:
        asked = {"method": "GET", "secret": b""}
        self.assertEqual(await self.asked("ready", **asked), 200)
        self.assertEqual(await self.asked("ready", Agent(ready=False), **asked), 503)
        self.assertEqual(await self.asked("turn", Agent(ready=False)), 503)

    async def test_what_is_no_json_is_refused(self) -> None:
        self.assertEqual(await self.asked("turn", body=b"{"), 400)

    async def test_a_channel_without_a_secret_is_none(self) -> None:
        for given in (None, {}, {"secret": "short"}):
            with self.assertRaises(ValueError):
                NaviChannel.from_credentials(given, Agent())  # type: ignore[arg-type]


class TestBeforehand(unittest.IsolatedAsyncioTestCase):
    """A turn's first line: understood before the turn comes, used once and for the same text."""

    def setUp(self) -> None:
        self.agent = Agent()
        self.channel = NaviChannel.from_credentials({"secret": SECRET}, self.agent)
        self.domain = mock.Mock(intent_properties={"faq": {}})

    async def expect(self, body: bytes, path: str = "turn", secret: str = SECRET) -> None:
        self.channel.expect(Request("POST", f"/webhooks/navi/{path}", secret.encode(), body))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def taken(self, text: str, **more: str) -> Any:
        body = {"conversation": "a~0", "turn": "t1", "text": text, **more}
        return self.channel._message(body, TurnOutput("web"), self.domain).parse_data

    async def test_it_is_taken_once_by_the_turn_that_says_the_same(self) -> None:
        await self.expect('{"text": "/請求はいつから"}\n'.encode())
        self.assertEqual(self.agent.understood, ["請求はいつから"])
        parsed = self.taken("請求はいつから")
        self.assertEqual((parsed["text"], parsed["message_id"]), ("請求はいつから", "t1"))
        self.assertIsNone(self.taken("請求はいつから"), "Rasa understands it by itself")

    async def test_another_text_is_understood_anew(self) -> None:
        await self.expect('{"text": "はい"}\n'.encode())
        self.assertIsNone(self.taken("いいえ"))
        self.assertIsNone(self.taken("はい"), "what is old is let go")

    async def test_a_pressed_button_stays_one(self) -> None:
        await self.expect('{"text": "はい"}\n'.encode())
        self.assertEqual(self.taken("はい", intent="faq")["intent"]["confidence"], 1.0)

    async def test_what_is_no_turn_is_left_alone(self) -> None:
        await self.expect(b'{"text": "a"}\n', path="forget")
        await self.expect(b'{"text": "a"}\n', secret="x" * 16)
        for body in (b"{\n", b"[]\n", b"{}\n", b'{"text": 5}\n', b"\xff\n"):
            await self.expect(body)
        self.agent._ready = False
        await self.expect(b'{"text": "a"}\n')
        self.assertEqual(self.agent.understood, [])

    async def test_the_request_is_what_follows_the_beginning(self) -> None:
        for body, request in (
            (b'{"text":"a"}\n{"x": 1}', b'{"x": 1}'),
            (b'{\n"x": 1\n}\n', b'{\n"x": 1\n}\n'),
            (b'{"x": 1}', b'{"x": 1}'),
            (b'{"text":"a"}\n', b""),
        ):
            self.assertEqual(channel._without_beginning(body), request)

    async def test_a_body_that_cannot_be_read_breaks_nothing(self) -> None:
        await self.expect(b"[" * 100_000 + b"\n")
        self.assertEqual(self.agent.understood, [])

    async def test_what_breaks_then_is_met_by_the_turn(self) -> None:
        with self.assertLogs("rasa_components.channel") as logs:
            await self.expect('{"text": "壊れる"}\n'.encode())
        self.assertNotIn("words", str(logs.output))
        self.assertIsNone(self.taken("壊れる"))

"""The client of the actions: one connection, one answer each, nobody gets another's."""

import asyncio
import json
import socket
import unittest
from unittest.mock import patch

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from rasa_components.door import Answer, Request
from rasa_components.fast import calls
from rasa_components.fast.calls import ActionEndpoint
from tests.dialogue.inside.test_door import opened
from wire import Wire


def wire_to(port: int, path: str = "/actions", keep_s: float = 30.0) -> Wire:
    return Wire(f"http://127.0.0.1:{port}{path}", {"X-Navi-Secret": "s"}, {"token": "a b"}, keep_s)


class TestWire(unittest.IsolatedAsyncioTestCase):
    async def test_one_connection_for_calls_after_one_another(self) -> None:
        async def echo(request: Request) -> Answer:
            return Answer(200, request.secret + request.path.encode() + request.body)

        async with opened(echo) as (door, port):
            wire = wire_to(port)
            for body in (b"a", "日本語".encode() * 50_000, b""):
                self.assertEqual((await wire.post(body)).body, b"s/actions" + body)
            self.assertEqual(len(door.connections), 1)
            wire.close()

    async def test_calls_at_the_same_time_get_their_own_answers(self) -> None:
        async def slow(request: Request) -> Answer:
            await asyncio.sleep(0.001 * (int(request.body) % 3))
            return Answer(200, request.body)

        async with opened(slow) as (_, port):
            wire = wire_to(port)
            asked = [str(n).encode() for n in range(40)]
            told = await asyncio.gather(*(wire.post(body) for body in asked))
            self.assertEqual([reply.body for reply in told], asked)
            wire.close()

    async def test_who_was_cancelled_leaves_his_answer_to_nobody(self) -> None:
        async def slow(request: Request) -> Answer:
            await asyncio.sleep(0.2 if request.body == b"slow" else 0)
            return Answer(200, request.body)

        async with opened(slow) as (_, port):
            wire = wire_to(port)
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await wire.post(b"slow")
            for body in (b"x", b"y"):
                self.assertEqual((await wire.post(body)).body, body)
                await asyncio.sleep(0.15)
            wire.close()

    async def test_an_old_connection_is_not_used_again(self) -> None:
        async def echo(request: Request) -> Answer:
            return Answer(200, request.body)

        async with opened(echo) as (door, port):
            wire = wire_to(port, keep_s=0.0)
            seen = set()
            for _ in range(3):
                await wire.post(b"a")
                seen |= set(map(id, door.connections))
            self.assertGreater(len(seen), 1)
            wire.close()

    async def test_a_connection_that_is_lost_is_told_and_the_next_call_has_a_new_one(self) -> None:
        calls = 0

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal calls
            while b"a" in await reader.read(1000):
                calls += 1
                if calls == 2:
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        wire = wire_to(server.sockets[0].getsockname()[1])
        self.assertEqual((await wire.post(b"a")).body, b"ok")
        with self.assertRaises(aiohttp.ClientConnectionError):
            await wire.post(b"a")
        self.assertEqual((await wire.post(b"a")).body, b"ok")
        wire.close()
        server.close()
        with self.assertRaises(aiohttp.ClientConnectionError):
            await wire.post(b"a")

    async def test_a_connection_that_was_lost_before_it_was_used_is_told(self) -> None:
        async def echo(request: Request) -> Answer:
            return Answer(200, request.body)

        async with opened(echo) as (_, port):
            wire = wire_to(port)
            connection = await wire._made()
            connection.connection_lost(None)  # between connecting and asking
            with self.assertRaises(aiohttp.ClientConnectionError):
                async with asyncio.timeout(60):
                    await connection.ask(b"POST / HTTP/1.1\r\n\r\n")
            wire.close()

    async def test_a_request_in_two_pieces_is_one(self) -> None:
        seen, handled = list[bytes](), list[bytes]()

        async def echo(request: Request) -> Answer:
            handled.append(request.body)
            return Answer(200, request.secret + request.body)

        async with opened(echo, early=lambda request: seen.append(request.body)) as (door, port):
            wire = wire_to(port)
            self.assertIsNone(wire.begun(b"a\n"), "no connection is open")
            await wire.post(b"first")
            for first, rest in ((b"a\n", b"bc"), ("日本\n".encode(), b"x" * 70_000)):
                begun = wire.begun(first)
                assert begun is not None
                self.assertIsNone(wire.begun(b"another\n"), "the connection is taken")
                while not seen or seen[-1] != first:
                    await asyncio.sleep(0)
                self.assertNotIn(first, handled)
                self.assertEqual((await begun.post(rest)).body, b"s" + first + rest)
            self.assertEqual(len(seen), 2)
            self.assertEqual((await wire.post(b"plain\n")).body, b"splain\n")
            self.assertEqual(len(door.connections), 1)
            wire.close()

    async def test_what_was_begun_and_given_up_never_happens(self) -> None:
        handled = list[bytes]()

        async def echo(request: Request) -> Answer:
            handled.append(request.body)
            return Answer(200, request.body)

        async with opened(echo) as (door, port):
            wire = wire_to(port)
            await wire.post(b"first")
            begun = wire.begun(b"a\n")
            assert begun is not None
            begun.close()
            while door.connections:
                await asyncio.sleep(0.001)
            with self.assertRaises(aiohttp.ClientConnectionError):
                await begun.post(b"b")
            self.assertEqual((await wire.post(b"second")).body, b"second")
            self.assertEqual(handled, [b"first", b"second"])
            wire.close()

    async def test_a_second_reply_is_given_to_nobody(self) -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            body = (await reader.read(1000))[-1:]
            reply = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body
            writer.write(2 * reply)
            await reader.read()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        wire = wire_to(server.sockets[0].getsockname()[1])
        for body in (b"a", b"b"):
            self.assertEqual((await wire.post(body)).body, body)
        wire.close()
        server.close()

    async def test_pieces_and_closing_servers(self) -> None:
        told = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            for piece in (told[:20], told[20:], b"2\r\nok\r\n", b"0\r\n\r\n"):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.01)
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        wire = wire_to(server.sockets[0].getsockname()[1])
        for _ in range(2):
            self.assertEqual((await wire.post(b"a")).body, b"ok")
        server.close()

    def test_an_address_of_another_kind_is_refused(self) -> None:
        for url in ("ftp://x/y", "/actions", "unix:///x"):
            with self.assertRaises(ValueError):
                Wire(url, {}, {}, 1)


class TestEndpoint(unittest.IsolatedAsyncioTestCase):
    async def test_codes_and_bodies_as_upstream_gives_them(self) -> None:
        async def by_body(request: Request) -> Answer:
            status = json.loads(request.body)["status"]
            return Answer(status, b'{"action_name": "x", "error": "y"}')

        async with opened(by_body) as (_, port):
            endpoint = EndpointConfig(f"http://127.0.0.1:{port}/actions", headers={"a": "b"})
            ours = ActionEndpoint.like(endpoint)
            for status in (200, 400, 404, 500):
                call = {"status": status, "tracker": {}}
                found: list[object] = []
                for one in (endpoint, ours):
                    try:
                        found.append(await one.request(json=call))
                    except ClientResponseError as error:
                        found.append((error.status, error.text))
                self.assertEqual(found[0], found[1])
            assert ours._wire is not None
            ours._wire.close()

    async def test_a_load_balancer_without_apps_is_asked_again(self) -> None:
        asked: list[int] = []

        async def away_at_first(_: Request) -> Answer:
            asked.append(1)
            return Answer(502 if len(asked) < 3 else 200, b"{}")

        async with opened(away_at_first) as (_, port):
            ours = ActionEndpoint.like(EndpointConfig(f"http://127.0.0.1:{port}/actions"))
            self.assertEqual(await ours.request(json={"tracker": {}}), {})
            self.assertEqual(len(asked), 3)
            assert ours._wire is not None
            ours._wire.close()

    async def test_a_listener_that_nobody_serves_is_left_in_time(self) -> None:
        with socket.socket() as queue, patch.object(calls, "_WITHIN_S", 0.05):
            queue.bind(("127.0.0.1", 0))
            queue.listen()  # as a supervisor's, while its app is started again
            port = queue.getsockname()[1]
            ours = ActionEndpoint.like(EndpointConfig(f"http://127.0.0.1:{port}/actions"))
            once = patch.object(calls, "_AGAIN_AFTER_S", (0.01,))
            with once, self.assertRaises(aiohttp.ClientConnectionError):
                async with asyncio.timeout(60):
                    await ours.request(json={"tracker": {}})

    def test_a_user_name_is_refused_and_not_left_out(self) -> None:
        endpoint = EndpointConfig("http://x/", basic_auth={"username": "a", "password": "b"})
        with self.assertRaises(ValueError):
            ActionEndpoint.like(endpoint)

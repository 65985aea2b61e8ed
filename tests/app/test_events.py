"""Server-sent events: the journal as it grows, resumed where it was left."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.app.client import Visitor, problem
from tests.app.serving import RunningApp


class Events:
    """Reads a stream; each event is its id and its message."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> tuple[int, dict[str, Any]]:
        """The next message's event; comments and pings are passed over."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
            elif "data" in fields:
                return int(fields["id"]), json.loads(fields["data"])
            else:
                fields = {}
        raise AssertionError("the stream ended")


def _encoded(headers: dict[str, str | bytes]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers.items():
        yield name.encode(), value.encode() if isinstance(value, str) else value


@contextmanager
def listening(visitor: Visitor, **headers: str | bytes) -> Iterator[Events]:
    """The conversation's stream, for at most half a minute of silence."""
    with visitor.http.stream(
        "GET", f"{visitor.path}/events", headers=httpx.Headers(list(_encoded(headers))), timeout=30
    ) as response:
        assert response.status_code == 200
        yield Events(response)


def test_everything_from_the_start(guest: Visitor) -> None:
    guest.say("はい")
    with listening(guest) as events:
        assert events.response.headers["content-type"].startswith("text/event-stream")
        assert "no-store" in events.response.headers["cache-control"]
        seen = [events.next() for _ in range(4)]
    assert [seq for seq, _ in seen] == [1, 2, 3, 4]
    assert [message for _, message in seen] == guest.history()


def test_resumes_by_last_event_id(guest: Visitor) -> None:
    guest.say("一")
    guest.say("二")
    with listening(guest, **{"Last-Event-ID": "4"}) as events:
        assert [events.next()[0] for _ in range(2)] == [5, 6]


def test_new_messages_come_by_themselves(guest: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is told of them: who looks for himself would be too late.
    monkeypatch.setattr("bot.channels.web.routes._LOOK_AGAIN_S", 600.0)
    with listening(guest, **{"Last-Event-ID": "2"}) as events:
        sender = threading.Timer(0.3, guest.say, ("後から",))
        sender.start()
        seen = [events.next()[1] for _ in range(2)]
        sender.join()
    assert [message["author"] for message in seen] == ["member", "bot"]
    assert seen == guest.history(after=2)


def test_an_id_that_is_none_begins_anew(guest: Visitor) -> None:
    for odd in ("", "x", "-1", "1.5", "9" * 30, "9" * 5000, b"\xb2", "٣".encode()):
        with listening(guest, **{"Last-Event-ID": odd}) as events:
            assert events.next()[0] == 1, odd


def test_each_stream_is_of_its_conversation(demo: RunningApp, guest: Visitor) -> None:
    with Visitor(demo.base_url) as other, listening(guest, **{"Last-Event-ID": "2"}) as events:
        other.start().say("よその話")
        guest.say("うちの話")
        assert events.next()[1]["text"] == "うちの話"
        other.id = guest.id
        problem(other.http.get(f"{guest.path}/events"), 404)


def test_many_listeners(demo: RunningApp, guest: Visitor) -> None:
    streams = [listening(guest, **{"Last-Event-ID": "2"}) for _ in range(5)]
    opened = [stream.__enter__() for stream in streams]
    guest.say("みなさん")
    told = [events.next()[1]["text"] for events in opened]
    for stream in streams:
        stream.__exit__(None, None, None)
    assert told == ["みなさん"] * 5
    assert guest.http.get("/healthz").status_code == 200

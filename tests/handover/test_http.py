"""The member's side of a person's conversation, over HTTP."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.handover.desk import HandoverDesk
from bot.settings import Settings
from tests.app.client import Visitor, text_body
from tests.app.fakes import reply
from tests.app.serving import RunningApp
from tests.handover.world import AYA


@pytest.fixture
def running(sqlite_settings: Settings) -> Iterator[RunningApp]:
    """The demo's app: its staff accounts make the console one that is used."""
    running = RunningApp(sqlite_settings)
    running.start()
    yield running
    running.stop()


def _desk(running: RunningApp) -> HandoverDesk:
    assert running.apps is not None
    desk: HandoverDesk = running.apps.public.state.handover
    return desk


def _events(response: httpx.Response) -> Iterator[tuple[str, str | None, Any]]:
    """(event, id, data) of a stream."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        elif "data" in fields:
            yield fields.get("event", ""), fields.get("id"), json.loads(fields["data"])
            fields = {}
        else:
            fields = {}


def test_a_person_talks_with_a_member(running: RunningApp) -> None:
    desk, run = _desk(running), running.loop.run
    handed = {"facts": {"handover": True}}
    running.dialogue.answer = lambda body: [reply("承ります。", "handoff", **handed)]
    with Visitor(running.base_url) as visitor:
        visitor.start()
        visitor.say("担当者と話したい")
        [waiting] = run(desk.inbox(AYA)).waiting
        assert waiting.conversation_id == visitor.id
        run(desk.take(visitor.id, AYA))
        answer = visitor.post(text_body("もしもし"))
        assert (answer.status_code, answer.json()["replies"]) == (200, [])
        assert answer.json()["accepted"]["author"] == "member"
        seen = visitor.history()[-1]["seq"]
        with visitor.http.stream(
            "GET", f"{visitor.path}/events", params={"after": seen}, timeout=60
        ) as response:
            stream = _events(response)
            run(desk.say(visitor.id, AYA, str(uuid.uuid4()), "相田です。"))
            event, key, message = next(stream)
            assert (event, key) == ("message", str(message["seq"]))
            assert (message["author"], message["text"]) == ("staff", "相田です。")
            assert message["facts"] == {"staff_name": "相田"}
            run(desk.typing(visitor.id, AYA))
            assert next(stream) == ("typing", None, {"name": "相田"})
        run(desk.close(visitor.id, AYA))
        assert visitor.history()[-1]["author"] == "system"
        assert visitor.say("もう一つ")[0]["author"] == "bot"


def test_a_member_who_writes_is_shown_to_staff(running: RunningApp) -> None:
    with Visitor(running.base_url) as visitor:
        visitor.start()
        assert visitor.http.post(f"{visitor.path}/typing").status_code == 204
        run, desk = running.loop.run, _desk(running)
        run(desk.take(visitor.id, AYA))
        assert running.apps is not None
        live = running.apps.public.state.live
        with live.listening("staff") as notice:
            assert visitor.http.post(f"{visitor.path}/typing").status_code == 204
            assert notice.taken_signals() == [("typing", visitor.id)]
    with Visitor(running.base_url) as other:
        other.start()
        wrong = other.http.post(f"{visitor.path}/typing")
        assert wrong.status_code == 404

"""An orderly restart, as in an upgrade: nobody who writes meanwhile reads an apology."""

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.product.member import Member
from tests.product.running import new_product

pytestmark = pytest.mark.rasa
_MEMBERS = 6
_WITHIN_S = 180.0


class Writer(threading.Thread):
    """Asks for the check again and again, each message until it is acknowledged."""

    def __init__(self, member: Member, stop: threading.Event) -> None:
        super().__init__()
        self.member, self.stop = member, stop
        self.acknowledged = 0

    def run(self) -> None:
        while not self.stop.is_set():
            body = {
                "client_message_id": str(uuid.uuid4()),
                "text": "申し込んだのにログインできません",
            }
            until = time.monotonic() + _WITHIN_S
            while time.monotonic() < until and not self._sent(body):
                time.sleep(0.1)

    def _sent(self, body: dict[str, str]) -> bool:
        try:
            sent = self.member.post(body).status_code == 200
        except httpx.TransportError:
            sent = False
        self.acknowledged += sent
        return sent


def test_members_who_write_during_a_restart_are_all_answered(tmp_path: Path) -> None:
    product = new_product(tmp_path / "var")
    stop, members = threading.Event(), []
    try:
        product.start()
        members = [Member(product.base_url) for _ in range(_MEMBERS)]
        for member in members:
            member.start(now="2026-06-10T12:00:00+09:00")
        writers = [Writer(member, stop) for member in members]
        for writer in writers:
            writer.start()
        _wait(lambda: min(w.acknowledged for w in writers) >= 3)
        before = sum(w.acknowledged for w in writers)
        product.stop()
        product.start(port=int(product.base_url.rpartition(":")[2]))
        _wait(lambda: sum(w.acknowledged for w in writers) > before + 2 * _MEMBERS)
        stop.set()
        for writer in writers:
            writer.join(_WITHIN_S)
        for member, writer in zip(members, writers, strict=True):
            journal = [message["author"] for message in member.history()]
            assert journal.count("member") == writer.acknowledged
            assert "system" not in journal[journal.index("member") :]  # the notice stands before
        product.stop()
    finally:
        stop.set()
        product.end()
        for member in members:
            member.__exit__()


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + _WITHIN_S
    while not done():
        assert time.monotonic() < until, "members are not answered"
        time.sleep(0.05)

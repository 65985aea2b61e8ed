"""kill -9 of each process in mid-turn, while members write and retry as the widget does."""

import os
import random
import signal
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.product.member import Member, Reply
from tests.product.running import Product, is_alive

_SEED = 7
_MEMBERS = 4
# How often each is killed; the dialogue server takes its time to come back.
# More of it for a long night: KILL_ROUNDS=10.
_ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))
_KILLS = [*["app"] * 14, *["dialogue"] * 2, "both"] * _ROUNDS
_ACKNOWLEDGED_WITHIN_S = 180.0
# What each kill is to interrupt: so many more messages were answered before it.
_BETWEEN_KILLS = 6
pytestmark = pytest.mark.timeout(900 + 900 * _ROUNDS)
_TEXTS = """申し込んだのにログインできません|まだです|いいえ|あります|押しました|3月20日に申し込んだ
やっぱり届いていました|一つ戻って|請求はいつから見られますか|6月5日です|番号はどこに書いてありますか
最初から|分かりません|0円と出ます|メールが届きません|ありがとう""".replace("\n", "|").split("|")


@dataclass
class Sent:
    """A message with its acknowledgement."""

    text: str
    accepted: Reply
    replies: list[Reply]


@dataclass
class Chatter:
    """A member who writes one message after another and never gives up on one."""

    member: Member
    number: int
    sent: list[Sent] = field(default_factory=list)
    retries: int = 0
    failure: str = ""

    def run(self, stop: threading.Event) -> None:
        dice = random.Random(_SEED + self.number)
        while not stop.is_set() and not self.failure:
            self._send(f"{dice.choice(_TEXTS)}")

    def _send(self, text: str) -> None:
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        until = time.monotonic() + _ACKNOWLEDGED_WITHIN_S
        while time.monotonic() < until:
            try:
                answer = self.member.post(body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                told = answer.json()
                self.sent.append(Sent(text, told["accepted"], told["replies"]))
                return
            if answer is not None and answer.status_code < 500:
                self.failure = f"{answer.status_code} {answer.text}"
                return
            self.retries += 1
            time.sleep(0.1)
        self.failure = f"never acknowledged: {text}"


@pytest.fixture(scope="module")
def own(make_product: Callable[..., Product]) -> Iterator[Product]:
    """A product that may be killed."""
    product = make_product()
    product.start()
    yield product
    product.stop()


@pytest.fixture(scope="module")
def chatters(own: Product) -> Iterator[list[Chatter]]:
    """What members wrote during all kills, and what they read."""
    chatters = [Chatter(Member(own.base_url), number) for number in range(_MEMBERS)]
    for chatter in chatters:
        chatter.member.start(now="2026-06-10T12:00:00+09:00")
    stop = threading.Event()
    threads = [threading.Thread(target=chatter.run, args=(stop,)) for chatter in chatters]
    for thread in threads:
        thread.start()
    try:
        try:
            _kill_processes(own, chatters)
            _kill_supervisor(own)
        finally:
            stop.set()
            for thread in threads:
                thread.join(_ACKNOWLEDGED_WITHIN_S + 10)
        own.wait_ready()
        yield chatters
    finally:
        for chatter in chatters:
            chatter.member.__exit__()


def _kill_processes(product: Product, chatters: list[Chatter]) -> None:
    dice = random.Random(_SEED)
    for victims in dice.sample(_KILLS, len(_KILLS)):
        _wait_for_messages(chatters, _BETWEEN_KILLS)
        # Long enough that it has run for a while: a restart must then not wait.
        time.sleep(dice.uniform(0.05, 1.0))
        before = product.pids()
        names = ["app", "dialogue"] if victims == "both" else [victims]
        for name in names:
            os.kill(before[name], signal.SIGKILL)
        product.wait_ready()
        now = product.pids()
        assert set(now) == {"app", "dialogue"}
        assert all(now[name] != before[name] for name in names)


def _wait_for_messages(chatters: list[Chatter], count: int) -> None:
    """Until so many more are answered, however slow the machine."""
    wanted = sum(len(chatter.sent) for chatter in chatters) + count
    until = time.monotonic() + _ACKNOWLEDGED_WITHIN_S
    while sum(len(chatter.sent) for chatter in chatters) < wanted:
        assert time.monotonic() < until and not any(c.failure for c in chatters)
        time.sleep(0.02)


def _kill_supervisor(product: Product) -> None:
    """The supervisor takes its processes with it; whoever runs it starts it again."""
    family = product.pids()
    port = int(product.base_url.rpartition(":")[2])
    time.sleep(0.3)
    os.kill(product.pid, signal.SIGKILL)
    assert product.killed() == -signal.SIGKILL
    until = time.monotonic() + 60
    while any(is_alive(pid) for pid in family.values()):
        assert time.monotonic() < until, "processes outlive their supervisor"
        time.sleep(0.05)
    product.start(port)


def test_every_message_was_acknowledged(chatters: list[Chatter]) -> None:
    assert [chatter.failure for chatter in chatters] == [""] * _MEMBERS
    figures = Counter(
        messages=sum(len(chatter.sent) for chatter in chatters),
        retries=sum(chatter.retries for chatter in chatters),
        unavailable=sum(_failed(sent) for chatter in chatters for sent in chatter.sent),
    )
    print(f"\n{len(_KILLS) + 1} kills: {dict(figures)}")
    assert figures["messages"] > 5 * len(_KILLS)
    assert figures["retries"] > 0


def _failed(sent: Sent) -> bool:
    return any(reply["author"] == "system" for reply in sent.replies)


def test_nothing_is_lost_doubled_or_reordered(chatters: list[Chatter]) -> None:
    for chatter in chatters:
        journal = chatter.member.history()
        assert [message["seq"] for message in journal] == list(range(1, len(journal) + 1))
        said = [message for message in journal if message["author"] == "member"]
        assert [message["id"] for message in said] == [s.accepted["id"] for s in chatter.sent]
        assert [message["text"] for message in said] == [s.text for s in chatter.sent]


def test_every_message_is_answered_once(chatters: list[Chatter]) -> None:
    for chatter in chatters:
        journal = chatter.member.history()
        welcome = [message for message in journal if message["seq"] <= 2]
        expected = [m["id"] for m in welcome]
        for sent in chatter.sent:
            assert sent.replies, sent.text
            expected += [sent.accepted["id"], *(reply["id"] for reply in sent.replies)]
        assert [message["id"] for message in journal] == expected


def test_the_dialogue_heard_every_message_once(own: Product, chatters: list[Chatter]) -> None:
    with closing(sqlite3.connect(own.var / "navi.db")) as database:
        turns: dict[str, Any] = dict(database.execute("SELECT id, status FROM turn").fetchall())
    heard = own.heard()
    assert [turn for turn, times in heard.items() if times > 1] == []
    done = {turn for turn, status in turns.items() if status == "done"}
    assert done <= set(heard)
    assert "pending" not in turns.values()


def test_a_conversation_goes_on_afterwards(chatters: list[Chatter]) -> None:
    for chatter in chatters:
        chatter.member.say("最初から")
        chatter.member.say("申し込んだのにログインできません")
        assert chatter.member.replies
        assert not any(reply["author"] == "system" for reply in chatter.member.replies)

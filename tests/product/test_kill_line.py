"""kill -9 of the whole product while people write on LINE: each event answered once, none lost."""

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from bot.channels.line.fake import FakeLine
from tests.product.line_users import LineUser, platform, settings
from tests.product.running import Product, is_alive

_USERS = 4
_SEED = 11
# So many messages may wait for an answer: people do not write on for ever unheard.
_AHEAD = 3
# More of it for a long night: KILL_ROUNDS=10.
_ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))
_KILLS = [*["app"] * 4, "dialogue", "everything"] * _ROUNDS
_TEXTS = """申し込んだのにログインできません|まだです|請求はいつから見られますか|メールが届きません
番号はどこに書いてありますか|ありがとう|最初から|分かりません""".replace("\n", "|").split("|")
pytestmark = pytest.mark.timeout(900 + 300 * _ROUNDS)


@dataclass
class Story:
    """What was sent during all kills, and what the product kept of it."""

    users: list[LineUser]
    events: dict[str, str | None]
    turns: Counter[str]
    heard: Counter[str]
    answers: dict[str, int]


@pytest.fixture(scope="module")
def story(make_product: Callable[..., Product]) -> Iterator[Story]:
    line = FakeLine()
    with platform(line) as url:
        product = make_product(**settings(url))
        product.start()
        webhook = f"{product.base_url}/line/webhook"
        *users, unheard = [LineUser(line, webhook, n) for n in range(_USERS + 1)]
        _write_while_killing(product, users, unheard)
        _wait_until_answered(product)
        yield _told(product, [*users, unheard])
        product.stop()


def _write_while_killing(product: Product, users: list[LineUser], unheard: LineUser) -> None:
    stop, failures = threading.Event(), list[str]()

    def write(user: LineUser) -> None:
        dice = random.Random(_SEED + user.number)
        try:
            while not stop.is_set():
                user.text(dice.choice(_TEXTS))
                time.sleep(dice.uniform(0.05, 0.4))
                while user.unanswered() > _AHEAD and not stop.is_set():
                    time.sleep(0.05)
        except AssertionError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=write, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    dice = random.Random(_SEED)
    try:
        for victims in dice.sample(_KILLS, len(_KILLS)):
            time.sleep(dice.uniform(0.3, 1.5))
            _kill(product, victims, unheard)
    finally:
        stop.set()
        for thread in threads:
            thread.join(130)
    assert failures == []


def _kill(product: Product, victims: str, unheard: LineUser) -> None:
    family = product.pids()
    if victims != "everything":
        os.kill(family[victims], signal.SIGKILL)
        product.wait_ready()
        return
    port = int(product.base_url.rpartition(":")[2])
    for pid in (product.pid, *family.values()):
        os.kill(pid, signal.SIGKILL)
    assert product.killed() == -signal.SIGKILL
    until = time.monotonic() + 60
    while any(is_alive(pid) for pid in family.values()):
        assert time.monotonic() < until
        time.sleep(0.05)
    # Somebody writes while nobody is there at all: LINE delivers it until it is taken.
    writing = threading.Thread(target=unheard.text, args=(_TEXTS[2],))
    writing.start()
    product.start(port)
    writing.join()


def _wait_until_answered(product: Product) -> None:
    until = time.monotonic() + 240
    while _query(product, "SELECT count(*) FROM line_event WHERE done_at IS NULL") != [(0,)]:
        assert time.monotonic() < until, "events wait for ever"
        time.sleep(0.2)


def _told(product: Product, users: list[LineUser]) -> Story:
    events = _query(product, "SELECT id, delivery FROM line_event")
    turns = _query(product, "SELECT client_message_id FROM turn WHERE status <> 'pending'")
    answers = {user.id: user.answers() for user in users}
    return Story(
        users,
        dict(events),
        Counter(turn for (turn,) in turns),
        product.heard(),
        answers,
    )


def _query(product: Product, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(product.var / "navi.db", timeout=10)) as database:
        return database.execute(statement).fetchall()


def test_every_event_is_done_and_none_is_lost(story: Story) -> None:
    sent = [event for user in story.users for event in user.sent]
    deliveries = sum(user.deliveries for user in story.users)
    print(f"\n{len(_KILLS)} kills: {len(sent)} events, {deliveries} deliveries", end=": ")
    print(dict(Counter(story.events.values())))
    assert len(sent) > 2 * len(_KILLS) and deliveries > len(sent)
    assert set(story.events) == set(sent)
    assert set(story.events.values()) <= {"replied", "pushed"}


def test_every_event_is_heard_once(story: Story) -> None:
    assert len(story.turns) == len(story.events) and set(story.turns.values()) == {1}
    assert [turn for turn, times in story.heard.items() if times > 1] == []


def test_every_event_is_answered_once(story: Story) -> None:
    """By what LINE delivered: an answer is one request that LINE took."""
    for user in story.users:
        assert story.answers[user.id] == len(user.sent)

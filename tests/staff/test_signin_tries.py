"""How often one may try to sign in, from where and for whom."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from bot.staff.signin import Refused
from bot.staff.throttle import Throttle
from tests.staff.people import Clock, Person, browser, person


def test_five_tries_from_one_place(lite_console: FastAPI, sato: Person, clock: Clock) -> None:
    client = browser(lite_console)
    statuses = [sato.sign_in(client, password="wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    refused = sato.sign_in(client)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    assert "分お待ちください" in refused.text
    clock.turn(minutes=15)
    assert sato.sign_in(client).status_code == 303


def test_unknown_names_are_counted_alike(lite_console: FastAPI, sato: Person) -> None:
    client = browser(lite_console)
    statuses = [sato.sign_in(client, login="tanaka").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_an_address_cannot_go_through_the_names(lite_console: FastAPI, sato: Person) -> None:
    client = browser(lite_console)
    statuses = [sato.sign_in(client, login=f"name{i}").status_code for i in range(21)]
    assert statuses == [422] * 20 + [429]


def test_successes_are_not_counted(lite_console: FastAPI, sato: Person) -> None:
    for _ in range(8):
        assert sato.sign_in(browser(lite_console)).status_code == 303


def test_an_attacker_does_not_lock_the_owner_out(lite_console: FastAPI, sato: Person) -> None:
    own = browser(lite_console, address="198.51.100.7")
    sato.signed_in(own)
    own.post("/staff/sign-out")
    # From many addresses, and from the owner's own one too.
    for i in range(40):
        attacker = browser(lite_console, address=f"203.0.113.{i}")
        sato.sign_in(attacker, password="guess")
    for _ in range(6):
        sato.sign_in(browser(lite_console, address="198.51.100.7"), password="guess")
    stranger = sato.sign_in(browser(lite_console, address="192.0.2.99"))
    assert stranger.status_code == 429
    assert sato.sign_in(own).status_code == 303


def test_a_known_browser_has_a_budget_too(lite_console: FastAPI, sato: Person) -> None:
    own = browser(lite_console)
    sato.signed_in(own)
    statuses = [sato.sign_in(own, password="wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_known_browser_is_known_to_its_own_account_only(
    lite_console: FastAPI, sato: Person
) -> None:
    own = browser(lite_console)
    sato.signed_in(own)
    person(lite_console, "suzuki")
    statuses = [sato.sign_in(own, login="suzuki").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert sato.sign_in(own).status_code == 303


@pytest.fixture
def throttle(sessions: sessionmaker[Session], clock: Clock) -> Throttle:
    """Over SQLite and PostgreSQL."""
    return Throttle(sessions, "secret", clock)


def test_parallel_guesses_gain_nothing(throttle: Throttle) -> None:
    # As many at once as the pool has connections: one more would wait for them.
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: throttle.begin("sato", "192.0.2.1", "").wait_s, range(24)))
    assert sorted(wait > 0 for wait in waits) == [False] * 5 + [True] * 19


def test_the_operator_forgives(throttle: Throttle) -> None:
    while not throttle.begin("sato", "192.0.2.1", "").wait_s:
        pass
    throttle.forgive("sato")
    assert not throttle.begin("sato", "192.0.2.1", "").wait_s


async def test_a_flood_of_tries_does_not_hold_up_the_others(
    lite_console: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer wait in threads than there are, however many try at once."""
    inside, most, lock = 0, 0, threading.Lock()

    def slow(*_: object) -> Refused:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with lock:
            inside -= 1
        return Refused()

    monkeypatch.setattr(lite_console.state.staff.access.door, "sign_in", slow)
    transport = httpx.ASGITransport(lite_console)
    fields = {"login": "sato", "password": "x", "code": "1"}
    async with httpx.AsyncClient(transport=transport, base_url="https://navi.test") as client:
        tries = [
            client.post("/staff/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
            for _ in range(30)
        ]
        answers = await asyncio.gather(*tries)
    assert [answer.status_code for answer in answers] == [422] * 30
    assert most == 2

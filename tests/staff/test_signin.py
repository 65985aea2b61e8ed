"""Signing in: what is needed, what is said, where one arrives, and how often one may try."""

import asyncio
import io
import json
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.staff.signin import local_path
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.staff import totp
from bot.staff.demo_accounts import DEMO_ACCOUNTS
from bot.staff.members import Role
from bot.staff.parts import StaffParts
from bot.staff.signin import Refused, SignedInNow, Visit
from bot.staff.throttle import Throttle
from tests.staff.people import Clock, Person, browser, person, sign_in_demo

_KEY = "a-secret-of-production-that-is-long-enough"


@pytest.fixture
def sato(lite_console: FastAPI) -> Person:
    """Somebody with an account of their own."""
    return person(lite_console, "sato")


def test_a_guest_is_asked_to_sign_in_and_arrives_where_they_wanted(lite_console: FastAPI) -> None:
    guest = browser(lite_console)
    answer = guest.get("/staff/audit?number=000101")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/staff/sign-in?next=/staff/audit%3Fnumber%3D000101"
    form = guest.get(answer.headers["location"])
    assert 'value="/staff/audit?number=000101"' in form.text
    done = guest.post(
        "/staff/sign-in/demo", data={"role": "supervisor", "next": "/staff/audit?number=000101"}
    )
    assert done.headers["location"] == "/staff/audit?number=000101"
    assert guest.get(done.headers["location"]).status_code == 200
    again = guest.get("/staff/sign-in?next=/staff/audit")
    assert again.headers["location"] == "/staff/audit"
    assert guest.get("/staff").headers["location"] == "/staff/inbox"


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/staff/audit", "/staff/audit"),
        ("/staff/script/12?step=3&x=%E3%81%82", "/staff/script/12?step=3&x=%E3%81%82"),
        *(
            (bad, "/staff/inbox")
            for bad in (
                "", "/", "/demo/mails", "https://evil.example/staff/", "//evil.example/staff",
                "/staff@evil.example", "/staff/../demo", "/staff//evil.example", "/staff/\\evil",
                "/staffroom", "javascript:alert(1)", "/staff/inbox\r\nSet-Cookie: a=b",
                "/staff/sign-in", "/staff/sign-in?next=/staff/sign-in", "/staff/x#<script>",
            )
        ),
    ],
)  # fmt: skip
def test_one_arrives_only_at_pages_of_the_console(wanted: str, goes_to: str) -> None:
    assert local_path(wanted) == goes_to


def test_name_password_and_code_are_needed(lite_console: FastAPI, sato: Person) -> None:
    right = {"login": "sato", "password": sato.password}
    for wrong in (
        {"login": "nobody"},
        {"password": "wrong"},
        {"password": sato.password.upper() + "x"},
        {"code": "000000"},
        {"code": "x"},
    ):
        answer = sato.sign_in(browser(lite_console, address=f"192.0.2.{len(str(wrong))}"), **wrong)
        assert answer.status_code == 422, wrong
        assert "set-cookie" not in answer.headers
    missing = browser(lite_console).post("/staff/sign-in", data=right)
    assert missing.status_code == 422
    assert sato.sign_in(browser(lite_console), login=" ＳＡＴＯ ").status_code == 303


def test_every_refusal_reads_the_same(lite_console: FastAPI, sato: Person) -> None:
    disabled = person(lite_console, "suzuki")
    lite_console.state.staff.access.accounts.disable(disabled.account)
    asked = [
        {"login": "sato", "password": "wrong", "code": sato.code()},
        {"login": "sato", "password": sato.password, "code": "000000"},
        {"login": "tanaka", "password": sato.password, "code": sato.code()},
        {"login": "suzuki", "password": disabled.password, "code": disabled.code()},
    ]
    said = set()
    for fields in asked:
        answer = browser(lite_console).post("/staff/sign-in", data=fields)
        plain = re.sub(
            rf'value="{fields["login"]}"|nonce="[^"]*"|<code>\d{{6}}</code>', "", answer.text
        )
        headers = {
            k: v
            for k, v in answer.headers.items()
            if k not in ("content-security-policy", "content-length")
        }
        said.add((answer.status_code, plain, json.dumps(headers)))
        assert fields["password"] not in answer.text
    assert len(said) == 1
    assert "ログインできませんでした" in said.pop()[1]


def test_an_unknown_name_costs_a_hash_as_well(
    lite_console: FastAPI, sato: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = lite_console.state.staff.access.passwords
    hashed: list[str | None] = []
    fits = passwords.fits

    def noted(kept: str | None, given: str) -> bool:
        hashed.append(kept)
        return bool(fits(kept, given))

    monkeypatch.setattr(passwords, "fits", noted)
    for login in ("sato", "tanaka"):
        sato.sign_in(browser(lite_console), login=login, password="wrong")
    assert [kept is None for kept in hashed] == [False, True]


def test_a_code_is_used_once(lite_console: FastAPI, sato: Person) -> None:
    code = sato.code()
    assert sato.sign_in(browser(lite_console), code=code).status_code == 303
    assert sato.sign_in(browser(lite_console), code=code).status_code == 422
    assert sato.sign_in(browser(lite_console)).status_code == 303


def test_a_changed_secret_is_said_in_the_log_and_lets_nobody_in(
    lite_console: FastAPI, sato: Person
) -> None:
    parts: StaffParts = lite_console.state.staff
    other = totp.TotpKey("another-secret-of-the-settings-changed")
    parts.access.accounts._key = other
    with structlog.testing.capture_logs() as logs:
        assert sato.sign_in(browser(lite_console)).status_code == 422
    assert "NAVI_SECRET" in logs[0]["event"]


# --- how often


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
    waits: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: waits.append(throttle.begin("sato", "192.0.2.1", "").wait_s)
        )
        for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wait > 0 for wait in waits) == [False] * 5 + [True] * 19


def test_the_operator_forgives(throttle: Throttle) -> None:
    while not throttle.begin("sato", "192.0.2.1", "").wait_s:
        pass
    throttle.forgive("sato")
    assert not throttle.begin("sato", "192.0.2.1", "").wait_s


def test_the_way_in_and_out_on_both_databases(console: FastAPI, clock: Clock) -> None:
    parts: StaffParts = console.state.staff
    sato, visit = person(console, "sato"), Visit("192.0.2.1", "Firefox")
    door, sessions = parts.access.door, parts.access.sessions
    wrong = door.sign_in("sato", "wrong", sato.code(), visit)
    assert wrong == Refused()
    first = door.sign_in("sato", sato.password, sato.code(), visit)
    assert isinstance(first, SignedInNow)
    again = Visit("192.0.2.1", "Firefox", first.device, first.session)
    second = door.sign_in("sato", sato.password, sato.code(), again)
    assert isinstance(second, SignedInNow)
    assert second.device == first.device
    assert sessions.find(first.session) is None
    clock.turn(minutes=59)
    found = sessions.find(second.session)
    assert found is not None and found.person == sato.account.person
    clock.turn(minutes=59)
    assert sessions.find(second.session) is not None
    parts.access.accounts.disable(sato.account)
    assert sessions.find(second.session) is None
    parts.access.accounts.enable(sato.account)
    third = door.sign_in("sato", sato.password, sato.code(), visit)
    assert isinstance(third, SignedInNow)
    door.sign_out(third.session)
    assert sessions.find(third.session) is None


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


# --- the demo, and a console that is not set up


def test_the_demo_shows_secrets_that_work(lite_console: FastAPI) -> None:
    text = browser(lite_console).get("/staff/sign-in").text
    for account in DEMO_ACCOUNTS:
        code = totp.code_at(account.totp_secret, lite_console.state.staff.clock())
        assert all(
            f"<code>{said}</code>" in text for said in (account.login, account.password, code)
        )
        fields = {"login": account.login, "password": account.password, "code": code}
        for _ in range(2):  # two visitors within half a minute
            assert browser(lite_console).post("/staff/sign-in", data=fields).status_code == 303
    assert 'href="/staff"' in browser(lite_console).get("/").text


@pytest.fixture
def production(make_console: Callable[[Settings], FastAPI], sqlite_settings: Settings) -> FastAPI:
    """A console of production, without any account."""
    given = {"env": "production", "secret": _KEY, "public_url": "https://navi.test"}
    return make_console(Settings.model_validate({**dict(sqlite_settings), **given}))


def test_production_without_accounts_says_so(production: FastAPI) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = browser(production).get("/staff/sign-in")
    assert answer.status_code == 503
    assert "担当者の登録がまだありません" in answer.text
    assert "navi staff add" not in answer.text
    assert "navi staff add" in logs[0]["event"]


def test_production_knows_no_demo(production: FastAPI) -> None:
    production.state.staff.load_demo()
    client = browser(production)
    assert client.get("/staff/sign-in").status_code == 503
    assert client.post("/staff/sign-in/demo", data={"role": "agent"}).status_code == 404
    account = DEMO_ACCOUNTS[0]
    code = totp.code_at(account.totp_secret, production.state.staff.clock())
    fields = {"login": account.login, "password": account.password, "code": code}
    assert client.post("/staff/sign-in", data=fields).status_code == 422
    sato = person(production, "sato")
    answer = client.get("/staff/sign-in")
    assert "デモ" not in answer.text
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    sato.signed_in(client)
    assert set(client.cookies) == {"__Host-navi_staff", "__Host-navi_staff_device"}


def test_production_over_plain_http_gives_no_weaker_cookie(production: FastAPI) -> None:
    sato = person(production, "sato")
    answer = sato.sign_in(browser(production, scheme="http"))
    assert all("; Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))
    assert answer.headers.get_list("set-cookie")[0].startswith("__Host-")


# --- what must not be in a log


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the process logs."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("DEBUG")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def test_no_secret_reaches_a_log(
    lite_console: FastAPI,
    sato: Person,
    said: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canaries = [f"canary-{i:03}-passwort" for i in range(20)]
    tokens: list[str] = []

    client = sato.signed_in(browser(lite_console))
    tokens.extend(client.cookies.values())
    for canary in canaries:
        stranger = browser(lite_console, address=canary)
        for fields in ({"login": canary}, {"password": canary}, {"code": canary}):
            sato.sign_in(stranger, **fields)
    access = lite_console.state.staff.access

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("SELECT :x", {"x": canaries[0]}, Exception(canaries[1]))

    monkeypatch.setattr(access.throttle, "begin", broken)
    answer = sato.sign_in(browser(lite_console), password=canaries[2])
    assert answer.status_code == 503
    assert "少しあとで" in answer.text
    text = said.getvalue()
    assert "database failed" in text
    secrets = [*canaries, *tokens, sato.password, sato.totp_secret, "sato"]
    assert len(tokens) == 2
    assert [secret for secret in secrets if secret in text] == []


def test_a_failure_is_a_page_for_a_person(
    lite_console: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = sign_in_demo(browser(lite_console), Role.supervisor)

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(lite_console.state.staff.audit, "entries", broken)
    answer = chief.get("/staff/audit")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["retry-after"] == "3"
    assert "うまくいきませんでした" in answer.text
    script: httpx.Response = chief.get("/staff/audit", headers={"Accept": "application/json"})
    assert script.headers["content-type"] == "application/problem+json"

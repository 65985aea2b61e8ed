"""Signing in: what is needed, what is said, where one arrives, on both databases."""

import json
import re

import pytest
import structlog
from fastapi import FastAPI

from bot.channels.staff.signin import local_path
from bot.staff import totp
from bot.staff.parts import StaffParts
from bot.staff.signin import Refused, SignedInNow, Visit
from tests.staff.people import Clock, Person, browser, person


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

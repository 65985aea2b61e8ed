"""Sessions: new at each sign-in, and at an end when they should be."""

from hashlib import sha256

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.database import reading
from bot.staff.members import Role
from bot.staff.parts import StaffParts
from bot.store.staff_tables import StaffDeviceRow, StaffSessionRow
from tests.staff.people import Clock, Person, browser, csrf, person, sign_in_demo

COOKIE, DEVICE = "__Host-navi_staff", "__Host-navi_staff_device"


@pytest.fixture
def console(lite_console: FastAPI) -> FastAPI:
    """On SQLite; what the sessions need of a database, test_signin.py tries on both."""
    return lite_console


@pytest.fixture
def parts(console: FastAPI) -> StaffParts:
    """Of that app."""
    found: StaffParts = console.state.staff
    return found


def _is_in(client: httpx.Client) -> bool:
    status = client.get("/staff/account").status_code
    assert status in (200, 303)
    return status == 200


def test_the_cookies_are_strict(console: FastAPI) -> None:
    answer = browser(console).post("/staff/sign-in/demo", data={"role": "agent"})
    set_cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in set_cookies] == [COOKIE, DEVICE]
    for cookie in set_cookies:
        for part in ("; HttpOnly", "; Secure", "; SameSite=strict", "; Path=/"):
            assert part in cookie
        assert "domain" not in cookie.lower()
        assert len(cookie.partition("=")[2].partition(";")[0]) == 43
    assert "Max-Age" not in set_cookies[0]


def test_a_demo_without_tls_has_other_names(console: FastAPI) -> None:
    client = browser(console, "127.0.0.1:8000", scheme="http")
    sign_in_demo(client)
    assert set(client.cookies) == {"navi_staff", "navi_staff_device"}
    assert _is_in(client)


def test_the_database_knows_no_cookie(console: FastAPI, parts: StaffParts) -> None:
    client = sign_in_demo(browser(console))
    with reading(parts.sessions) as session:
        stored = session.scalars(select(StaffSessionRow)).one()
        device = session.scalars(select(StaffDeviceRow)).one()
    token = client.cookies[COOKIE]
    assert stored.digest == sha256(f"staff session\0{token}".encode()).hexdigest()
    assert token not in repr(vars(stored))
    assert client.cookies[DEVICE] not in repr(vars(device))


def test_a_given_session_is_never_taken_over(console: FastAPI) -> None:
    """Fixation: what the browser sends before the sign-in is worth nothing after it."""
    victim, forged = browser(console), "A" * 43
    given = {"Cookie": f"{COOKIE}={forged}; {DEVICE}={forged}"}
    answer = victim.post("/staff/sign-in/demo", data={"role": "agent"}, headers=given)
    assert answer.status_code == 303
    assert forged not in (victim.cookies[COOKIE], victim.cookies[DEVICE])
    assert _is_in(victim)
    assert browser(console).get("/staff/account", headers=given).status_code == 303


def test_signing_in_again_ends_the_session_before(console: FastAPI) -> None:
    client = sign_in_demo(browser(console), Role.agent)
    before, token = client.cookies[COOKIE], csrf(client)
    sign_in_demo(client, Role.supervisor)
    assert client.cookies[COOKIE] != before
    assert csrf(client) != token
    old = browser(console)
    old.cookies.set(COOKIE, before)
    assert not _is_in(old)


def test_signing_out_ends_it_on_the_server(console: FastAPI) -> None:
    client = sign_in_demo(browser(console))
    token = client.cookies[COOKIE]
    answer = client.post("/staff/sign-out")
    assert answer.headers["location"] == "/staff/sign-in"
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, token)
    assert not _is_in(client)


def test_a_session_ends_without_use(console: FastAPI, clock: Clock) -> None:
    client = sign_in_demo(browser(console))
    for _ in range(3):
        clock.turn(minutes=59)
        assert _is_in(client)
    clock.turn(minutes=61)
    assert not _is_in(client)


@pytest.mark.parametrize("headers", [{"X-Navi-Background": "1"}, {"Accept": "text/event-stream"}])
def test_what_the_page_asks_by_itself_is_no_use(
    console: FastAPI, clock: Clock, headers: dict[str, str]
) -> None:
    client = sign_in_demo(browser(console))
    for _ in range(3):
        clock.turn(minutes=19)
        assert client.get("/staff/account", headers=headers).status_code == 200
    clock.turn(minutes=4)
    assert not _is_in(client)


def test_a_session_ends_after_its_longest_time(console: FastAPI, clock: Clock) -> None:
    client = sign_in_demo(browser(console))
    for _ in range(19):
        clock.turn(minutes=31)
        assert _is_in(client)
    clock.turn(minutes=31)
    assert not _is_in(client)


@pytest.fixture
def sato(console: FastAPI) -> Person:
    """Somebody with an account of their own."""
    return person(console, "sato", Role.supervisor)


def test_disabling_signs_out_at_once(console: FastAPI, sato: Person) -> None:
    client = sato.signed_in(browser(console))
    accounts = console.state.staff.access.accounts
    accounts.disable(sato.account)
    assert not _is_in(client)
    assert sato.sign_in(browser(console)).status_code == 422
    accounts.enable(sato.account)
    assert not _is_in(client)
    sato.signed_in(browser(console))


def test_another_role_ends_the_sessions(console: FastAPI, sato: Person) -> None:
    client = sato.signed_in(browser(console))
    assert client.get("/staff/audit").status_code == 200
    console.state.staff.access.accounts.set_role(sato.account, Role.agent)
    assert not _is_in(client)
    client = sato.signed_in(browser(console))
    assert client.get("/staff/audit").status_code == 403


def test_a_new_password_ends_the_others_and_renews_this_one(console: FastAPI, sato: Person) -> None:
    here, there = sato.signed_in(browser(console)), sato.signed_in(browser(console))
    before, token = here.cookies[COOKIE], csrf(here)
    new = "みかん山の青い屋根から海まで"
    answer = here.post(
        "/staff/account/password", data={"current": sato.password, "new": new, "again": new}
    )
    assert answer.headers["location"] == "/staff/account?done=password"
    assert here.cookies[COOKIE] != before
    assert csrf(here) != token
    assert _is_in(here) and not _is_in(there)
    assert sato.sign_in(browser(console)).status_code == 422
    sato.password = new
    sato.signed_in(browser(console))


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        (
            "wrong",
            "みかん山の青い屋根から海まで",
            "みかん山の青い屋根から海まで",
            "今のパスワードが違います",
        ),
        (
            None,
            "みかん山の青い屋根から海まで",
            "みかん山の青い屋根から海へと",
            "2つの欄で違っています",
        ),
        (None, "短い", "短い", "12文字以上"),
        (None, "passwordpassword", "passwordpassword", "単純すぎます"),
        (None, "same", "same", "今と同じ"),
    ],
)
def test_a_password_that_is_not_changed(
    console: FastAPI, sato: Person, current: str | None, new: str, again: str, said: str
) -> None:
    client = sato.signed_in(browser(console))
    if new == "same":
        new = again = sato.password
    answer = client.post(
        "/staff/account/password",
        data={"current": current or sato.password, "new": new, "again": again},
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert new not in answer.text
    sato.signed_in(browser(console))


def test_the_current_password_cannot_be_guessed_in_an_open_browser(
    console: FastAPI, sato: Person
) -> None:
    client, new = sato.signed_in(browser(console)), "みかん山の青い屋根から海まで"
    statuses = [
        client.post(
            "/staff/account/password", data={"current": guess, "new": new, "again": new}
        ).status_code
        for guess in ("a", "b", "c", "d", "e", sato.password)
    ]
    assert statuses == [422] * 5 + [429]


def test_the_first_password_is_replaced_before_anything_else(console: FastAPI) -> None:
    suzuki = person(console, "suzuki", Role.supervisor, first=True)
    client = suzuki.signed_in(browser(console))
    assert client.get("/staff/audit").headers["location"] == "/staff/account"
    script = client.get("/staff/audit", headers={"Accept": "application/json"})
    assert script.json()["type"].endswith("staff-password-change-needed")
    assert "管理者が決めた" in client.get("/staff/account").text
    new = "みかん山の青い屋根から海まで"
    client.post(
        "/staff/account/password", data={"current": suzuki.password, "new": new, "again": new}
    )
    assert client.get("/staff/audit").status_code == 200


def test_one_sees_and_ends_the_own_sessions(console: FastAPI, sato: Person) -> None:
    here, there = sato.signed_in(browser(console)), sato.signed_in(browser(console))
    listed = console.state.staff.access.sessions.of_person(sato.account.id)
    assert len(listed) == 2
    text = here.get("/staff/account").text
    assert text.count("このブラウザー</span>") == 1
    other = next(s.id for s in listed if f'value="{s.id}"' in text)
    assert here.post("/staff/account/sessions/end", data={"which": other}).status_code == 303
    assert _is_in(here) and not _is_in(there)


def test_signing_out_everywhere(console: FastAPI, sato: Person) -> None:
    clients = [sato.signed_in(browser(console)) for _ in range(3)]
    assert clients[0].post("/staff/account/sign-out-everywhere").status_code == 303
    assert not any(_is_in(client) for client in clients)


def test_a_form_that_is_sent_too_late_says_what_to_do(console: FastAPI, clock: Clock) -> None:
    client = sign_in_demo(browser(console))
    clock.turn(hours=2)
    answer = client.post("/staff/account/sessions/end", data={"which": "x"})
    assert answer.status_code == 401
    assert "「戻る」" in answer.text

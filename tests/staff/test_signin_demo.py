"""The demo's open door, and a production console: not set up, and without the demo's secrets."""

from collections.abc import Callable

import pytest
import structlog
from fastapi import FastAPI

from bot.settings import Settings
from bot.staff import totp
from bot.staff.demo_accounts import DEMO_ACCOUNTS
from tests.staff.people import browser, person

_KEY = "a-secret-of-production-that-is-long-enough"


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

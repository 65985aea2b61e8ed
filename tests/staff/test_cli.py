"""`navi staff`: what the operator does to accounts, and that it is noted."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
import typer
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from bot import cli
from bot.clock import utc_now
from bot.settings import Settings
from bot.staff.audit import AuditFilter, StaffAudit
from bot.staff.members import Role
from bot.staff.parts import StaffParts, create_staff
from bot.store.staff_tables import StaffRow
from tests.staff.people import Person, browser

Prompt = Callable[..., str]
PASSWORD = "みかん山の青い屋根から海まで"


@pytest.fixture
def navi(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_settings: Settings
) -> Prompt:
    """Runs commands in this process; gives what they print (their errors where they fail)."""
    monkeypatch.setenv("NAVI_VAR", str(sqlite_settings.var))
    monkeypatch.setenv("NAVI_ENV", "demo")
    asked = iter([PASSWORD] * 20)
    monkeypatch.setattr(typer, "prompt", lambda *_, **kinds: kinds["hide_input"] and next(asked))

    def run(*arguments: str, exits: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["navi", "staff", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == exits, said.err
        assert "Traceback" not in said.err
        return said.err if exits else said.out

    return run


@pytest.fixture
def staff(lite_console: FastAPI) -> StaffParts:
    """The app over the same database."""
    found: StaffParts = lite_console.state.staff
    return found


def _events(staff: StaffParts) -> list[tuple[str, str, str, str]]:
    entries = staff.audit.entries(AuditFilter(), None)
    return [(e.event, e.identity_path, e.person, e.detail) for e in reversed(entries)]


def _person(lite_console: FastAPI, staff: StaffParts, said: str, password: str) -> Person:
    secret = re.search(r"otpauth://totp/navi:sato\?secret=([A-Z2-7]{32})&issuer=navi", said)
    assert secret, said
    return Person(lite_console, staff.access.accounts.find("sato"), password, secret[1])


def test_a_new_account_can_sign_in(navi: Prompt, lite_console: FastAPI, staff: StaffParts) -> None:
    said = navi("add", "Sato", "--name", "佐藤", "--role", "supervisor")
    assert "▀" in said or "█" in said
    assert PASSWORD not in said
    sato = _person(lite_console, staff, said, PASSWORD)
    client = sato.signed_in(browser(lite_console))
    assert client.get("/staff/audit").headers["location"] == "/staff/account"
    assert _events(staff)[0] == ("account_added", "operator", "佐藤", "supervisor")
    assert "sato\tsupervisor\tfirst password until 20" in navi("list")
    staff.access.accounts.set_password(sato.account, PASSWORD + "二", first=False)
    assert "sato\tsupervisor\tenabled\t佐藤" in navi("list")


def test_a_first_password_that_ran_out_is_said_with_the_way_on(
    navi: Prompt, staff: StaffParts
) -> None:
    assert "It opens the console until 20" in navi("add", "sato", "--name", "佐藤")
    with staff.sessions.begin() as session:
        session.execute(update(StaffRow).values(password_set_at=utc_now() - timedelta(days=14)))
    assert "ran out: navi staff password sato --generate" in navi("list")
    navi("password", "sato", "--generate")
    assert "sato\tagent\tfirst password until 20" in navi("list")


def test_a_password_that_is_made_is_shown_once(
    navi: Prompt, lite_console: FastAPI, staff: StaffParts
) -> None:
    said = navi("add", "sato", "--name", "佐藤", "--generate")
    made = re.search(r"\(shown once\): (\S+)", said)
    assert made
    sato = _person(lite_console, staff, said, made[1])
    sato.signed_in(browser(lite_console))
    said = navi("password", "sato", "--generate")
    again = re.search(r"\(shown once\): (\S+)", said)
    assert again and again[1] != made[1]
    assert sato.sign_in(browser(lite_console)).status_code == 422
    sato.password = again[1]
    sato.signed_in(browser(lite_console))
    assert made[1] not in navi("list")


def test_disable_enable_role_and_code(
    navi: Prompt, lite_console: FastAPI, staff: StaffParts
) -> None:
    sato = _person(lite_console, staff, navi("add", "sato", "--name", "佐藤"), PASSWORD)
    client = sato.signed_in(browser(lite_console))
    assert "signed out" in navi("disable", "sato")
    assert client.get("/staff/account").status_code == 303
    assert "disabled 20" in navi("list")
    navi("enable", "sato")
    client = sato.signed_in(browser(lite_console))
    navi("role", "sato", "supervisor")
    assert client.get("/staff/account").status_code == 303
    assert staff.access.accounts.find("sato").role is Role.supervisor
    client = sato.signed_in(browser(lite_console))
    said = navi("totp", "sato")
    assert client.get("/staff/account").status_code == 303
    assert sato.sign_in(browser(lite_console)).status_code == 422
    _person(lite_console, staff, said, PASSWORD).signed_in(browser(lite_console))
    operator = [row[0] for row in _events(staff) if row[1] == "operator"]
    assert operator == [
        "account_added", "account_disabled", "account_enabled", "account_role_changed",
        "account_totp_reset",
    ]  # fmt: skip


def test_a_new_password_ends_the_waiting(
    navi: Prompt, lite_console: FastAPI, staff: StaffParts
) -> None:
    sato = _person(lite_console, staff, navi("add", "sato", "--name", "佐藤"), PASSWORD)
    client = browser(lite_console)
    while sato.sign_in(client, password="wrong").status_code != 429:
        pass
    navi("password", "sato")
    sato.signed_in(client)


def test_what_is_refused_changes_nothing(
    navi: Prompt, staff: StaffParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = staff.access.accounts.all()
    assert "no role" in navi("add", "sato", "--name", "佐藤", "--role", "chief", exits=1)
    assert "no login name" in navi("add", "佐藤", "--name", "佐藤", exits=1)
    assert "already" in navi("add", "demo-agent", "--name", "佐藤", exits=1)
    assert "no account" in navi("disable", "tanaka", exits=1)
    assert "demo's" in navi("password", "demo-agent", exits=1)
    assert "demo's" in navi("totp", "demo-agent", exits=1)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "sato-sato-sato")
    said = navi("add", "sato", "--name", "佐藤", exits=1)
    assert "not accepted (personal)" in said and "sato-sato-sato" not in said
    monkeypatch.setenv("NAVI_ENV", "production")
    assert "NAVI_SECRET" in navi("list", exits=1)
    assert staff.access.accounts.all() == before
    assert _events(staff) == []


def test_the_list_says_how_to_begin(navi: Prompt) -> None:
    assert "navi staff add" in navi("list")


def test_notes_of_the_operator_on_both_databases(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    parts = create_staff(settings, sessions, utc_now)
    account, _ = parts.access.accounts.add("sato", "佐藤", Role.agent, PASSWORD)
    StaffAudit(sessions, utc_now).note_operator("account_added", account.id, "agent")
    assert _events(parts) == [("account_added", "operator", "佐藤", "agent")]

"""What a failure says, and what must not be in a log."""

import io
import logging
import sys
from collections.abc import Iterator

import httpx
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from bot.logs import set_up_logs
from bot.staff.members import Role
from tests.staff.people import Person, browser, sign_in_demo


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

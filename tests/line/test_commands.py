"""`navi line` at the prompt, against the LINE of the tests."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot import cli
from bot.channels.line.fake import FakeLine
from bot.channels.line.tables import LineEventRow, LineSourceRow
from bot.cli.output import moment
from bot.settings import Settings
from tests.app.fakes import Loop
from tests.line.platform import Platform, running


@dataclass
class Shell:
    """Runs `navi line …`; `line` is what LINE holds."""

    line: FakeLine
    platform: Platform
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, exits: int = 0) -> str:
        self.monkeypatch.setattr(sys, "argv", ["navi", "line", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self.capsys.readouterr()
        assert (ended.value.code or 0) == exits, said.err
        assert "Traceback" not in said.err and "token-of-the-tests" not in said.out + said.err
        return said.err if exits else said.out


@pytest.fixture
def shell(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    """The prompt of an office that has set LINE up."""
    line, loop = FakeLine(quota=200), Loop()
    stop = asyncio.Event()
    started: list[Platform] = []

    async def serve() -> None:
        async with running(line) as platform:
            started.append(platform)
            await stop.wait()

    async def up() -> Platform:
        asyncio.get_running_loop().create_task(serve(), name="platform")
        while not started:
            await asyncio.sleep(0.01)
        return started[0]

    async def down() -> None:
        stop.set()
        [task] = [task for task in asyncio.all_tasks() if task.get_name() == "platform"]
        await task

    platform = loop.run(up())
    values = {
        "NAVI_ENV": "demo",
        "NAVI_VAR": str(settings.var),
        "NAVI_DATABASE_URL": settings.database_url,
        "NAVI_LINE_CHANNEL_SECRET": "channel-secret-of-the-tests",
        "NAVI_LINE_CHANNEL_TOKEN": "token-of-the-tests",
        "NAVI_LINE_DESTINATION": "U" + "b" * 32,
        "NAVI_LINE_API_BASE": platform.base,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    yield Shell(line, platform, monkeypatch, capsys)
    loop.run(down())
    loop.close()
    assert platform.errors == []


def test_setup_shows_first_asks_and_does_it_once(
    shell: Shell, sessions: sessionmaker[Session]
) -> None:
    linked = "U" + "1" * 32
    with sessions.begin() as session:
        session.add(LineSourceRow(id=linked, blocked=False, member_number="100001"))
    planned = shell("setup", "--dry-run")
    assert planned.count("would make navi-") == 2 and "1 linked members" in planned
    assert shell.line.menus == {}
    monkeypatch = shell.monkeypatch
    monkeypatch.setattr("typer.confirm", lambda *_: False)
    assert "to do: make navi-guest-" in shell("setup") and shell.line.menus == {}
    done = shell("setup", "--yes")
    assert done.count("made navi-") == 2 and len(shell.line.menus) == 2
    member = shell.line.menu_of(linked)
    assert member is not None and member["name"].startswith("navi-member-")
    requests = len(shell.platform.requests)
    assert "nothing to do" in shell("setup", "--yes")
    assert "nothing to do" in shell("setup", "--dry-run")
    assert len(shell.platform.requests) == requests  # nothing was posted
    data = [a["action"]["data"] for menu in shell.line.menus.values() for a in menu["areas"]]
    names = ("check", "mail", "handoff", "link", "status", "billing", "web")
    assert len(data) == 12 and not any(name in value for value in data for name in names)


def test_status_shows_bot_quota_and_menus(shell: Shell) -> None:
    shell.line.pushed = 17
    said = shell("status")
    assert "events waiting: 0" in said and "17 of 200" in said and "none (navi line setup)" in said
    shell("setup", "--yes")
    assert "navi-guest-" in shell("status")


def test_status_shows_what_waits_for_the_quota(
    shell: Shell, sessions: sessionmaker[Session]
) -> None:
    look = datetime.now(UTC) + timedelta(minutes=30)
    with sessions.begin() as session:
        session.add(
            LineEventRow(
                id="e", source_id="U", kind="message", timestamp=1, body={}, received_at=look,
                token_from=look, not_before=look, attempts=0, delivery="quota-later",
            )
        )  # fmt: skip
    said = shell("status")
    assert "events waiting: 0" in said
    assert f"waiting for the month's quota: 1, looked at again {moment(look)}" in said


def test_what_line_says_no_to_is_named(shell: Shell) -> None:
    shell.monkeypatch.setenv("NAVI_LINE_CHANNEL_TOKEN", "another")
    assert "LINE said no (401)" in shell("setup", "--dry-run", exits=1)
    shell.monkeypatch.setenv("NAVI_LINE_API_BASE", "http://127.0.0.1:1")
    assert "LINE does not answer" in shell("setup", "--dry-run", exits=1)
    shell.monkeypatch.setenv("NAVI_LINE_CHANNEL_TOKEN", "")
    assert "NAVI_LINE_CHANNEL_TOKEN" in shell("status", exits=1)

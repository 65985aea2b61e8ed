"""`navi dialogue`: it starts with the few settings that it needs, and asks for no others."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import Process
from bot.errors import SettingsError
from bot.serving.alone import DIALOGUE_SETTINGS, foreign_secrets
from bot.serving.checks import check_dialogue_settings, check_settings
from bot.serving.model import model_path
from bot.serving.run import _programs, dialogue_program
from bot.settings import PROJECT_ROOT, Settings
from tests.ports import held_port, port_of
from tests.product.running import trained_model

SECRET = "shared-by-apps-and-dialogue-servers"
FOREIGN = {
    "NAVI_SECRET": "the-secret-of-the-apps-that-is-not-for-rasa",
    "NAVI_IDENTITY_KEYS": "site:the-key-of-the-member-site-not-for-rasa",
    "NAVI_EVENTS_KEYS": "registry:the-key-of-the-registry-not-for-rasa",
    "NAVI_SMTP_PASSWORD": "the-password-of-the-mail-server-not-for-rasa",
    "NAVI_LINE_CHANNEL_SECRET": "the-secret-of-line-not-for-rasa",
    "NAVI_LINE_CHANNEL_TOKEN": "the-token-of-line-not-for-rasa",
}


def alone(**changes: object) -> Settings:
    """The settings of a dialogue server in production."""
    right = {
        "env": "production",
        "database_url": "postgresql://navi@database.example.jp/navi",
        "redis_url": "redis://locks.example.jp/0",
        "dialogue_secret": SECRET,
        "dialogue_port": 5005,
        "actions_url": "http://apps.example.jp:8001",
    }
    return Settings.model_validate({**right, **changes})


def test_production_needs_no_secret_of_the_apps() -> None:
    check_dialogue_settings(alone())
    with pytest.raises(SettingsError, match="NAVI_IDENTITY_KEYS"):
        check_settings(alone())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"dialogue_secret": ""}, "NAVI_DIALOGUE_SECRET"),
        ({"dialogue_secret": "short"}, "NAVI_DIALOGUE_SECRET"),
        ({"dialogue_port": 0}, "NAVI_DIALOGUE_PORT"),
        ({"actions_url": ""}, "NAVI_ACTIONS_URL"),
        ({"database_url": ""}, "NAVI_DATABASE_URL"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        check_dialogue_settings(alone(**changes))


def test_an_app_that_its_dialogue_servers_could_not_reach_does_not_start() -> None:
    given = alone(dialogue_url="http://a:5005,http://b:5005", dialogue_secret="", private_port=0)
    with pytest.raises(SettingsError, match=r"(?s)NAVI_DIALOGUE_SECRET.*NAVI_PRIVATE_PORT"):
        check_settings(given)


def test_foreign_secrets_are_found_by_name() -> None:
    assert foreign_secrets([*FOREIGN, *DIALOGUE_SETTINGS, "PATH"]) == sorted(FOREIGN)


def test_rasa_is_given_an_allow_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SOMETHING_OF_THE_MACHINE", "not-for-rasa")
    settings = alone(var=tmp_path)
    program = dialogue_program(settings, tmp_path / "m", "127.0.0.1", 1, SECRET, "http://a")
    assert not any("not-for-rasa" in value for value in program.environment.values())
    assert {name for name in program.environment if name.startswith("NAVI_")} == {
        "NAVI_ACTIONS_URL",
        "NAVI_DIALOGUE_SECRET",
        "NAVI_DIALOGUE_DEADLINE",
        "NAVI_TRACKER_URL",
        "NAVI_RETENTION_DAYS",
        "NAVI_LOCK_STORE",
        "NAVI_REDIS_URL",
        "NAVI_FLUSHED_BY_APP",
    }
    assert program.environment["NAVI_FLUSHED_BY_APP"] == "", "no app is beside it"


@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ({}, True),
        ({"dialogue_url": "http://there:5005"}, False),
        ({"database_url": "postgresql+psycopg://navi@there/navi"}, False),
    ],
)
def test_the_app_flushes_for_the_dialogue_where_both_lie_on_one_disk(
    tmp_path: Path, more: dict[str, str], beside: bool
) -> None:
    settings = Settings(var=tmp_path, **more)  # type: ignore[arg-type]
    with held_port() as one, held_port() as two, held_port() as three:
        programs = {p.name: p for p in _programs(settings, tmp_path / "m", one, two, three)}
    memory = programs["app"].environment.get("NAVI_RUN_DIALOGUE_MEMORY", "")
    assert memory == (str(tmp_path / "dialogue.db") if beside else "")
    if "dialogue" in programs:
        there = programs["dialogue"].environment
        assert there["NAVI_FLUSHED_BY_APP"] == ("yes" if beside else "")
        assert not beside or there["NAVI_TRACKER_URL"] == f"sqlite:///{memory}"


@pytest.fixture
def held() -> Iterator[socket.socket]:
    """Where it listens."""
    with held_port() as held:
        yield held


@pytest.mark.rasa
def test_it_starts_with_only_these(
    postgres_settings: Settings, tmp_path: Path, held: socket.socket
) -> None:
    """As in production: its own settings and nothing else, on a database without tables of ours."""
    model = trained_model()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / model_path(tmp_path).name).symlink_to(model)
    port = port_of(held)
    given = {
        "NAVI_VAR": str(tmp_path),
        "NAVI_DATABASE_URL": postgres_settings.database_url,
        "NAVI_DIALOGUE_SECRET": SECRET,
        "NAVI_DIALOGUE_PORT": str(port),
        "NAVI_ACTIONS_URL": "http://127.0.0.1:1",
    }
    assert set(given) <= DIALOGUE_SETTINGS
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT), **given}
    command = [sys.executable, "-m", "bot.cli", "dialogue"]
    process = Process.start(command, tmp_path / "said", environment, PROJECT_ROOT)
    try:
        process.wait_for(f"http://127.0.0.1:{port}/webhooks/navi/ready", 240)
        seen = Path(f"/proc/{process.popen.pid}/environ").read_text()
        assert "NAVI_TRACKER_URL" in seen and "NAVI_DATABASE_URL" not in seen
    finally:
        process.stop()

"""Bad settings are said at the start, by name."""

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import cli
from bot.errors import SettingsError
from bot.serving.checks import check_settings
from bot.settings import Environment, Settings

_GOOD: dict[str, Any] = {"smtp_host": "mail.example.jp", "smtp_from": "navi@example.jp"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"smtp_from": "navi@example.jp"}, "NAVI_SMTP_HOST"),
        ({"smtp_username": "navi"}, "NAVI_SMTP_HOST"),
        ({"smtp_host": "mail.example.jp"}, "NAVI_SMTP_FROM"),
        ({**_GOOD, "smtp_from": "navi"}, "NAVI_SMTP_FROM"),
        ({**_GOOD, "smtp_from": "a@b.jp\nBcc: x@y.jp"}, "NAVI_SMTP_FROM"),
        ({**_GOOD, "smtp_username": "navi"}, "NAVI_SMTP_PASSWORD"),
        ({**_GOOD, "smtp_password": "secret"}, "NAVI_SMTP_USERNAME"),
        (
            {**_GOOD, "smtp_username": "n", "smtp_password": "s", "smtp_starttls": False},
            "NAVI_SMTP_STARTTLS",
        ),
        ({**_GOOD, "smtp_tls": True, "smtp_starttls": True}, "NAVI_SMTP_TLS and"),
        ({**_GOOD, "smtp_ca_file": "no-such-file.pem"}, "NAVI_SMTP_CA_FILE"),
        ({**_GOOD, "smtp_ca_file": __file__}, "NAVI_SMTP_CA_FILE"),
        ({"smtp_ca_file": "ca.pem"}, "NAVI_SMTP_HOST"),
        ({"events_keys": "justasecret"}, "NAVI_EVENTS_KEYS"),
        ({"events_keys": "a:one,a:two"}, "NAVI_EVENTS_KEYS"),
    ],
)
def test_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        check_settings(Settings(env=Environment.demo, **changes))


def test_good_ones() -> None:
    check_settings(Settings(env=Environment.demo))
    check_settings(Settings(env=Environment.demo, **_GOOD))
    check_settings(Settings(env=Environment.demo, **_GOOD, smtp_tls=True))


def test_production_wants_long_keys() -> None:
    with pytest.raises(SettingsError, match="NAVI_EVENTS_KEYS: the key a is shorter"):
        check_settings(Settings(env=Environment.production, events_keys=SecretStr("a:short")))


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"NAVI_SMTP_HOST": "mail.example.jp"}, "NAVI_SMTP_FROM"),
        ({"NAVI_SMTP_PORT": "99999"}, "NAVI_SMTP_PORT"),
        ({"NAVI_SMTP_TLS": "perhaps"}, "NAVI_SMTP_TLS"),
        ({"NAVI_LINE_CHANNEL_SECRET": "x"}, "NAVI_LINE_CHANNEL_TOKEN"),
    ],
)
def test_the_start_itself_names_them(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    variables: dict[str, str],
    named: str,
) -> None:
    for name, value in {"NAVI_ENV": "demo", "NAVI_VAR": str(tmp_path), **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["navi", "serve", "--port", "0"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code and named in said.err and "Traceback" not in said.err

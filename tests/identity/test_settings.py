"""Bad settings are said at the start, by name."""

from typing import Any

import pytest
from pydantic import SecretStr

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


def test_production_wants_long_keys() -> None:
    with pytest.raises(SettingsError, match="NAVI_EVENTS_KEYS: the key a is shorter"):
        check_settings(Settings(env=Environment.production, events_keys=SecretStr("a:short")))

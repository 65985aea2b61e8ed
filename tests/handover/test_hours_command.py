"""`navi hours` at the prompt."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import build_app


@pytest.fixture(autouse=True)
def _var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NAVI_VAR", str(tmp_path))
    monkeypatch.setenv("NAVI_ENV", "demo")


def _navi(*arguments: str, exits: int = 0) -> str:
    result = CliRunner().invoke(build_app(), ["hours", *arguments])
    assert result.exit_code == exits, result.output
    return result.output


def test_hours_are_set_and_shown() -> None:
    assert "標準の時間" in _navi("show")
    _navi("set", "月-金", "9:00-12:00,13:00-17:00")
    assert "土  9:00-12:00" in _navi("set", "sat", "9:00-12:00")
    shown = _navi("special", "2031-12-29", "10:00-12:00", "--reason", "大掃除")
    assert "10:00-12:00  大掃除" in shown
    shown = _navi("show", "--now", "2031-11-25T12:30")
    assert shown.splitlines()[0] == "月  9:00-12:00,13:00-17:00"
    assert shown.splitlines()[-1] == "受付時間外（次は11月25日（火）13時から）"
    assert "大掃除" not in _navi("special", "2031-12-29", "usual")


@pytest.mark.parametrize(
    "arguments",
    [("set", "夏", "9:00-12:00"), ("set", "fri-mon", "9-12"), ("set", "月", "12-9")],
)
def test_what_cannot_be_read_is_said(arguments: tuple[str, ...]) -> None:
    assert arguments[1] in _navi(*arguments, exits=2) or arguments[2] in _navi(*arguments, exits=2)

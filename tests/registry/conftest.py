"""Prompts: before the first start, and over a database of each kind."""

from pathlib import Path

import pytest

from bot.settings import Settings
from tests.registry.prompt import Prompt


@pytest.fixture
def bare(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Prompt:
    """A prompt before the first start: there is no database."""
    monkeypatch.setenv("NAVI_VAR", str(tmp_path / "none"))
    return Prompt(monkeypatch, capsys)


@pytest.fixture
def navi(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Settings
) -> Prompt:
    """A prompt over a migrated, empty database of each kind."""
    monkeypatch.setenv("NAVI_VAR", str(settings.var))
    monkeypatch.setenv("NAVI_DATABASE_URL", settings.database_url)
    return Prompt(monkeypatch, capsys)

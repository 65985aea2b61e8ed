"""Commands run in this process, as `navi` would."""

import json
import sys
from typing import Any

import pytest

from bot import cli


class Prompt:
    """Runs commands in this process, as `navi` would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object, exits: int = 0) -> str:
        """The output of a command; of one that fails, its errors."""
        self._monkeypatch.setattr(sys, "argv", ["navi", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = self._capsys.readouterr()
        code = ended.value.code or 0
        assert code == exits, captured.err
        assert "Traceback" not in captured.err
        return captured.err if exits else captured.out

    def json(self, *arguments: object) -> Any:
        """The JSON of a command."""
        return json.loads(self(*arguments, "--json"))

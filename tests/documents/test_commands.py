"""`navi wording` and `navi tree` at the prompt."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import build_app
from bot.cli.output import CommandError
from bot.documents import wording_check


def navi(*arguments: str) -> str:
    """What a command prints. Raises what it raises."""
    result = CliRunner().invoke(build_app(), arguments)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_the_sheet_goes_to_a_file_with_its_own_newlines(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    assert "wrote" in navi("wording", "export", "--out", str(sheet))
    data = sheet.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data and b"\r\r" not in data


def test_the_sheet_goes_to_standard_output_else() -> None:
    assert "utter_faq" in navi("wording", "export")


def test_the_check_names_file_and_key_of_what_it_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wording_check, "check", lambda *_: [])
    assert "nothing found" in navi("wording", "check")
    found = [wording_check.Finding("utter_a", "data/responses/a.yml", "長すぎます")]
    monkeypatch.setattr(wording_check, "check", lambda *_: found)
    result = CliRunner().invoke(build_app(), ["wording", "check"])
    assert isinstance(result.exception, CommandError)
    assert result.output == "data/responses/a.yml: utter_a: 長すぎます\n"


def test_the_tree_in_both_forms_with_the_offices_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAVI_DAYS_UNTIL_DELAYED", "6")
    assert "受付から6営業日以上" in navi("tree")
    assert navi("tree", "--format", "mermaid").startswith("flowchart TD")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        navi("tree", "--out", str(tmp_path / "no" / "such" / "folder.svg"))

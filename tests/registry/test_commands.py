"""The commands over the rules and the office's data: calendar, dates, billing, advice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT
from tests.registry.prompt import Prompt

APPLIED = "2026-06-08T10:00:00+09:00"


def test_rules_need_no_database(bare: Prompt, tmp_path: Path) -> None:
    assert bare.json("calendar", "add", "2026-12-28", 2) == {"result": "2027-01-05"}
    assert bare.json("calendar", "elapsed", "2026-12-26", "2026-12-29") == {"result": 1}
    assert bare.json("billing", "--applied-on", "2025-03-20")["facts"] == {
        "applied_on": "2025-03-20",
        "first_visible_month": "2025-04",
        "zero_month": "2025-03",
        "update_about": "2025-04-25",
        "no_bill_mail_about": "2025-03-25",
        "approximate": False,
    }
    claims = json.dumps({"opening_mail": "no", "acceptance_mail": "yes"})
    decided = bare.json("advice", "--claims", claims, "--today", "2026-06-10")
    assert decided["outcome"] == "wait_opening"
    assert bare.json("calendar", "list") == {"closures": []}
    assert bare.json("billing", "cutoff") == {"cutoffs": {}}
    assert not (tmp_path / "none").exists(), "asking makes no database"


def test_dates_in_words(bare: Prompt) -> None:
    assert bare.json("dates", "3月20日", "--today", "2026-06-10") == {"date": "2026-03-20"}
    assert bare.json("dates", "よろしく", "--today", "2026-06-10") == {"date": None}
    assert "2026年3月20日（金）" in bare("dates", "3月20日", "--today", "2026-06-10")


def test_texts_for_people(bare: Prompt) -> None:
    assert "2027年1月5日（火）" in bare("calendar", "add", "2026-12-28", 2)
    assert "1営業日" in bare("calendar", "elapsed", "2026-12-26", "2026-12-29")
    text = bare("billing", "--applied-on", "2025-03-20")
    assert "2025年4月ご請求分" in text
    assert "0円" in text
    claims = '{"acceptance_mail": "yes", "accepted_on": "2026-06-01"}'
    text = bare("advice", "--claims", claims, "--today", "2026-06-10")
    assert "opening_delayed" in text
    assert "担当者" in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["calendar", "add", "2026-02-30", "1"], "YYYY-MM-DD"),
        (["calendar", "add", "20260210", "1"], "YYYY-MM-DD"),
        (["calendar", "add", "2026-02-10", "0"], "greater"),
        (["advice"], "either --number or --claims"),
        (["advice", "--number", "12345"], "6 digits"),
        (["advice", "--number", "012345", "--now", "2026-06-10"], "not a time"),
        (["advice", "--number", "012345", "--today", "2026-06-10"], "--today belongs"),
        (["advice", "--claims", "{}", "--now", APPLIED], "--now belongs"),
        (["advice", "--claims", "nonsense"], "is not JSON"),
        (["advice", "--claims", "[]"], "an object"),
        (["advice", "--claims", '{"opening_mail": true}'], "an object with texts"),
        (["advice", "--claims", '{"opening_mail": "maybe"}'], "maybe"),
        (["advice", "--claims", '{"mail": "yes"}'], "mail"),
        (["billing"], "--applied-on is needed"),
        (["billing", "--applied-on", "2026-06-10", "--cutoff-day", "32"], "less"),
        (["billing", "cutoff", "2026-13", "14"], "YYYY-MM"),
        (["billing", "cutoff", "2026-02", "30"], "28 days"),
        (["registry", "show", "x"], "6 digits"),
        (["unknown"], "unknown"),
    ],
)
def test_wrong_arguments(bare: Prompt, arguments: list[str], reason: str) -> None:
    assert reason in bare(*arguments, exits=2)


def test_there_is_no_registry_yet(bare: Prompt) -> None:
    assert "no registry yet" in bare("advice", "--number", "012345", exits=1)
    assert "no registry yet" in bare("registry", "show", "012345", exits=1)


def test_wrong_settings_are_named(bare: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAVI_CUTOFF_DAY", "31")
    assert "NAVI_CUTOFF_DAY" in bare("calendar", "add", "2026-12-28", 2, exits=2)


def test_a_server_that_does_not_answer_is_a_sentence(
    bare: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not an answer without the closures: it might be wrong."""
    monkeypatch.setenv("NAVI_DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    told = bare("calendar", "add", "2026-12-28", 2, exits=1)
    assert told.startswith("the database cannot be used: ")
    assert len(told.splitlines()) == 1


def test_the_office_s_numbers_are_settings(bare: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAVI_CUTOFF_DAY", "21")
    monkeypatch.setenv("NAVI_DAYS_UNTIL_OPENING", "3")
    facts = bare.json("billing", "--applied-on", "2025-03-20")["facts"]
    assert facts["first_visible_month"] == "2025-03"
    claims = '{"acceptance_mail": "yes", "accepted_on": "2026-06-09"}'
    decided = bare.json("advice", "--claims", claims, "--today", "2026-06-10")
    assert decided["facts"]["earliest_date"] == "2026-06-12"


def test_help_is_quick_and_names_every_group() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot.cli", "--help"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for group in ("registry", "advice", "billing", "calendar", "dates"):
        assert group in done.stdout
    for heavy in ("sqlalchemy", "holidays", "fastapi", "alembic", "rasa_sdk"):
        assert f" {heavy}\n" not in done.stderr


def test_closures_count_as_soon_as_they_are_set(navi: Prompt) -> None:
    assert navi.json("calendar", "add", "2026-08-12", 1) == {"result": "2026-08-13"}
    navi("calendar", "close", "2026-08-13", "--reason", "夏季休業")
    navi("calendar", "close", "2026-08-13", "--reason", "夏休み")
    assert navi.json("calendar", "list") == {
        "closures": [{"date": "2026-08-13", "reason": "夏休み"}]
    }
    assert navi.json("calendar", "add", "2026-08-12", 1) == {"result": "2026-08-14"}
    assert navi.json("calendar", "elapsed", "2026-08-12", "2026-08-13") == {"result": 0}
    navi("calendar", "open", "2026-08-13")
    assert "no closure" in navi("calendar", "open", "2026-08-13", exits=1)
    assert navi.json("calendar", "list") == {"closures": []}


def test_the_months_cut_off_days(navi: Prompt) -> None:
    def first(*more: object) -> str:
        facts = navi.json("billing", "--applied-on", "2026-12-15", *more)["facts"]
        return str(facts["first_visible_month"])

    assert first() == "2026-12"
    navi("billing", "cutoff", "2026-12", 14)
    assert first() == "2027-01"
    assert first("--cutoff-day", 15) == "2026-12", "a given day beats the stored one"
    assert navi.json("billing", "cutoff") == {"cutoffs": {"2026-12": 14}}
    assert navi.json("billing", "cutoff", "2026-12") == {
        "month": "2026-12",
        "day": 14,
        "stored": True,
    }
    assert navi.json("billing", "cutoff", "2026-11")["day"] == 15
    navi("billing", "cutoff", "2026-12", "--remove")
    assert "no cut-off" in navi("billing", "cutoff", "2026-12", "--remove", exits=1)
    assert first() == "2026-12"


def test_setting_a_closure_before_the_first_start(bare: Prompt) -> None:
    bare("calendar", "close", "2026-08-13")
    assert bare.json("calendar", "add", "2026-08-12", 1) == {"result": "2026-08-14"}

"""The commands over the rules, the registry and the office's data."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot import cli
from bot.demo_registry import load_demo
from bot.settings import PROJECT_ROOT, Settings
from tests.builders import application, mail, member, write_jsonl

APPLIED = "2026-06-08T10:00:00+09:00"


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


def _registered(navi: Prompt, tmp_path: Path, *members: dict[str, Any]) -> None:
    navi("registry", "import", write_jsonl(tmp_path / "m.jsonl", members))


# --- without any database


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


# --- closures and cut-off days


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


# --- the registry


def test_import_before_the_first_start(bare: Prompt, tmp_path: Path) -> None:
    _registered(bare, tmp_path, member("012345"))
    decided = bare.json("advice", "--number", "012345", "--now", "2026-06-10T13:00:00+09:00")
    assert decided == {
        "outcome": "click_url",
        "facts": {
            "earliest_date": None,
            "later_than_earliest": False,
            "applied_on": "2026-06-08",
            "accepted_on": None,
            "business_days_elapsed": 2,
            "handover": False,
        },
    }


def test_advice_from_the_registry(navi: Prompt, tmp_path: Path) -> None:
    accepted = application(url_clicked_at=APPLIED, mails=[mail(), mail("acceptance")])
    _registered(navi, tmp_path, member("012345", applications=[accepted]))
    now = "2026-06-09T09:00"  # Japan time where the offset is left out
    assert navi.json("advice", "--number", "012345", "--now", now)["facts"] == {
        "earliest_date": "2026-06-10",
        "later_than_earliest": False,
        "applied_on": "2026-06-08",
        "accepted_on": "2026-06-08",
        "business_days_elapsed": 1,
        "handover": False,
    }
    text = navi("advice", "--number", "012345", "--now", now)
    assert "2026年6月10日（水）" in text
    assert "現在" in text
    assert navi.json("advice", "--number", "999999", "--now", now)["outcome"] == "number_unknown"


def test_old_data_are_pointed_out(
    navi: Prompt, sessions: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    with sessions.begin() as session:
        session.add(
            MemberRow(number="012345", as_of=long_ago, created_at=long_ago, updated_at=long_ago)
        )
    cli_app = cli.build_app()
    with pytest.raises((SystemExit, typer.Exit)):
        cli_app(["advice", "--number", "012345", "--json"])
    captured = capsys.readouterr()
    assert json.loads(captured.out)["outcome"] == "web_registration_needed"
    assert "古く" in captured.err


def test_show_is_the_import_s_own_format(navi: Prompt, tmp_path: Path) -> None:
    line = member(
        "012345",
        member={"number": "012345", "kind": "corporate", "name": "見本 一郎", "phone": "03-1"},
        applications=[application(mails=[mail(), mail("acceptance", "deferred")])],
    )
    _registered(navi, tmp_path, line)
    shown = navi.json("registry", "show", "012345")
    assert shown["member"] == line["member"]
    _registered(navi, tmp_path, shown)
    again = navi.json("registry", "show", "012345")
    assert again.pop("as_of") > shown.pop("as_of")
    assert again == shown
    text = navi("registry", "show", "012345")
    for part in ("法人", "見本 一郎", "2026年6月8日（月）10:00", "再送待ち", "判定に使うもの"):
        assert part in text
    assert "not in the registry" in navi("registry", "show", "999999", exits=1)


def test_an_import_that_fails(navi: Prompt, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "m.jsonl", [member("012345"), member("1")])
    told = navi("registry", "import", file, exits=1)
    assert "m.jsonl, line 2: " in told
    assert "nothing was imported" in told
    navi("registry", "show", "012345", exits=1)


def test_what_an_import_says(navi: Prompt, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "m.jsonl", [member("012345"), {"member": None}])
    done = navi.json("registry", "import", file)
    assert (done["members"], done["applications"]) == (1, 1)
    assert datetime.fromisoformat(done["as_of"]).tzinfo is not None
    text = navi("registry", "import", file)
    assert "imported 1 members" in text
    assert "1 lines without a member" in text


def test_removing_a_number(navi: Prompt, tmp_path: Path) -> None:
    _registered(navi, tmp_path, member("012345"), member("012346"))
    navi("registry", "remove", "012345")
    navi("registry", "show", "012345", exits=1)
    navi("registry", "show", "012346")
    assert "not in the registry" in navi("registry", "remove", "012345", exits=1)


def test_demo_members_are_shown_as_such(navi: Prompt, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        load_demo(session, datetime.now(UTC))
    assert "架空の会員" in navi("registry", "show", "000111")


# --- every row of the specification's tables


def _rows(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        if file.suffix == ".csv":
            return list(csv.DictReader(lines))
        return [json.loads(line) for line in lines]


def _agrees(decided: dict[str, Any], row: dict[str, Any]) -> bool:
    facts = decided["facts"]
    return (
        decided["outcome"],
        facts["earliest_date"],
        facts["later_than_earliest"],
        facts["handover"],
    ) == tuple(
        row[f"expected_{name}"]
        for name in ("outcome", "earliest", "later_than_earliest", "handover")
    )


def _all_agree(rows: list[dict[str, Any]], agrees: Callable[[dict[str, Any]], bool]) -> None:
    assert rows
    assert [row for row in rows if not agrees(row)] == []


def test_calendar_table(bare: Prompt, shared: Path) -> None:
    def agrees(row: dict[str, Any]) -> bool:
        if row["op"] == "add_business_days":
            result = bare.json("calendar", "add", row["start"], row["n"])
        else:
            result = bare.json("calendar", "elapsed", row["start"], row["today"])
        return bool(str(result["result"]) == row["expected"])

    _all_agree(_rows(shared / "spec" / "tables" / "calendar.csv"), agrees)


def test_billing_table(bare: Prompt, shared: Path) -> None:
    def agrees(row: dict[str, Any]) -> bool:
        day = ("--cutoff-day", row["cutoff_day"])
        facts = bare.json("billing", "--applied-on", row["applied_on"], *day)["facts"]
        # "possible" is a fact of the month; after the 25th that day is past and left out.
        mail_about = "" if row["applied_after_25th"] == "true" else row["no_bill_mail_about"]
        return (
            facts["first_visible_month"],
            facts["zero_month"] or "",
            facts["update_about"],
            facts["no_bill_mail_about"] or "",
        ) == (row["first_visible_month"], row["zero_months"], row["update_about"], mail_about)

    _all_agree(_rows(shared / "spec" / "tables" / "billing.csv"), agrees)


def test_claims_table(bare: Prompt, shared: Path) -> None:
    def agrees(row: dict[str, Any]) -> bool:
        claims = json.dumps(row["claims"] | {"applied_on": row["applied_on"]})
        return _agrees(bare.json("advice", "--claims", claims, "--today", row["today"]), row)

    _all_agree(_rows(shared / "spec" / "tables" / "advice_claims.jsonl"), agrees)


def test_registry_table(navi: Prompt, shared: Path) -> None:
    file = shared / "spec" / "tables" / "advice_registry.jsonl"
    navi("registry", "import", file)

    def agrees(row: dict[str, Any]) -> bool:
        number = row["asked_number"]
        return _agrees(navi.json("advice", "--number", number, "--now", row["now"]), row)

    _all_agree(_rows(file), agrees)

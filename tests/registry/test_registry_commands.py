"""The commands over the registry: import, show, advice, remove."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot import cli
from bot.demo_registry import load_demo
from tests.builders import application, mail, member, write_jsonl
from tests.registry.prompt import Prompt

APPLIED = "2026-06-08T10:00:00+09:00"


def _registered(navi: Prompt, tmp_path: Path, *members: dict[str, Any]) -> None:
    navi("registry", "import", write_jsonl(tmp_path / "m.jsonl", members))


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

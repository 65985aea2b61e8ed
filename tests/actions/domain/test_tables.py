"""Every row of the specification's sample tables, where they lie beside the project."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from actions.domain.billing import billing_view
from actions.domain.calendar import BusinessCalendar
from actions.domain.claims import Claims, advise_from_claims
from actions.domain.dates import read_date
from actions.domain.procedure import Advice, advise_from_registry
from tests.actions.domain.rows import from_row

CALENDAR = BusinessCalendar()


@pytest.fixture(scope="module")
def tables(shared: Path) -> Path:
    return shared / "spec" / "tables"


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def csv_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def told(advice: Advice) -> dict[str, Any]:
    facts = advice.facts()
    return {
        "expected_outcome": advice.outcome.value,
        "expected_earliest": facts["earliest_date"],
        "expected_later_than_earliest": facts["later_than_earliest"],
        "expected_handover": facts["handover"],
    }


def expected(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key.startswith("expected_")}


def test_calendar(tables: Path) -> None:
    for row in csv_rows(tables / "calendar.csv"):
        start = date.fromisoformat(row["start"])
        if row["op"] == "add_business_days":
            result = CALENDAR.add_business_days(start, int(row["n"])).isoformat()
        else:
            today = date.fromisoformat(row["today"])
            result = str(CALENDAR.business_days_elapsed(start, today))
        assert result == row["expected"], row


def test_registry(tables: Path) -> None:
    for row in json_rows(tables / "advice_registry.jsonl"):
        now = datetime.fromisoformat(row["now"])
        assert told(advise_from_registry(from_row(row), now, CALENDAR)) == expected(row), row


def test_claims(tables: Path) -> None:
    for row in json_rows(tables / "advice_claims.jsonl"):
        claims = Claims.from_values({**row["claims"], "applied_on": row["applied_on"]})
        today = date.fromisoformat(row["today"])
        assert told(advise_from_claims(claims, today, CALENDAR)) == expected(row), row


def test_billing(tables: Path) -> None:
    for row in csv_rows(tables / "billing.csv"):
        applied_on = date.fromisoformat(row["applied_on"])
        facts = billing_view(applied_on, int(row["cutoff_day"])).facts()
        assert facts["first_visible_month"] == row["first_visible_month"], row
        assert facts["zero_month"] == (row["zero_months"] or None), row
        assert facts["update_about"] == row["update_about"], row
        # The table says what the rule yields; the text leaves out a day that is past.
        past = row["applied_after_25th"] == "true"
        mail = None if past else row["no_bill_mail_about"] or None
        assert facts["no_bill_mail_about"] == mail, row


def test_dates(shared: Path) -> None:
    for line in (shared / "eval" / "dates_dev.tsv").read_text(encoding="utf-8").splitlines():
        today, words, wanted = line.split("\t")
        read = read_date(words, date.fromisoformat(today)).date
        assert (read.isoformat() if read else "NONE") == wanted, line

"""Every row of the specification's tables, by the commands."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.registry.prompt import Prompt


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

"""Every row of the billing table: in a guest's conversation and at the prompt."""

from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.product.member import Member, assert_none, in_parallel, midday
from tests.product.running import Product
from tests.product.spec import csv_rows

Row = dict[str, str]
_WORDS = ("請求はいつから見られますか", "請求額が0円になっているのはなぜですか")


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    return csv_rows(shared / "spec" / "tables" / "billing.csv")


def _expected(row: Row) -> dict[str, Any]:
    # The table says what the rule yields; the text leaves out a day that is past.
    past = row["applied_after_25th"] == "true"
    return {
        "first_visible_month": row["first_visible_month"],
        "zero_month": row["zero_months"] or None,
        "update_about": row["update_about"],
        "no_bill_mail_about": None if past else row["no_bill_mail_about"] or None,
    }


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    names = ("first_visible_month", "zero_month", "update_about", "no_bill_mail_about")
    return {name: facts[name] for name in names}


def test_at_the_prompt(product: Product, rows: list[Row]) -> None:
    answers = product.navi_json(
        ("billing", "--applied-on", row["applied_on"], "--cutoff-day", row["cutoff_day"])
        for row in rows
    )
    assert [_told(answer["facts"]) for answer in answers] == [_expected(row) for row in rows]


def _in_conversation(product: Product, row: Row) -> str | None:
    """None where the months came out as they must, else what was said."""
    applied_on = date.fromisoformat(row["applied_on"])
    with Member(product.base_url) as guest:
        guest.start(now=midday(applied_on + timedelta(days=3)))
        guest.say(_WORDS[applied_on.day % 2])
        assert guest.question == "applied_on", guest.replies
        guest.say(f"{applied_on.month}月{applied_on.day}日に申し込みました")
        if _told(guest.facts) == _expected(row):
            return None
        return f"{row}: {guest.facts} {guest.text}"


def test_in_a_conversation(product: Product, rows: list[Row]) -> None:
    def day_of(row: Row) -> str:
        return row["cutoff_day"] if row["cutoff_overridden"] == "true" else ""

    wrong: list[str | None] = []
    for cutoff_day, of_day in groupby(sorted(rows, key=day_of), key=day_of):
        group = list(of_day)
        months = sorted({row["applied_on"][:7] for row in group}) if cutoff_day else []
        product.navi_many(("billing", "cutoff", month, cutoff_day) for month in months)
        wrong += in_parallel(lambda row: _in_conversation(product, row), group)
        product.navi_many(("billing", "cutoff", month, "--remove") for month in months)
    assert rows
    assert_none(wrong)


def test_a_date_in_the_first_message(product: Product, rows: list[Row]) -> None:
    def wrong(row: Row) -> str | None:
        applied_on = date.fromisoformat(row["applied_on"])
        with Member(product.base_url) as guest:
            guest.start(now=midday(applied_on + timedelta(days=3)))
            day = f"{applied_on.month}月{applied_on.day}日"
            guest.say(f"{day}に申し込みました。請求は何月分から見られますか")
            facts = guest.facts
            right = "zero_month" in facts and _told(facts) == _expected(row)
            return None if right else f"{row}: {guest.topic} {facts}"

    usual = [row for row in rows if row["cutoff_overridden"] == "false"]
    assert_none(in_parallel(wrong, usual))

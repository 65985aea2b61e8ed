"""Every row of the claims' sample table that a conversation can reach: walked as a guest."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.product.member import Member, assert_none, in_parallel, midday
from tests.product.running import Product
from tests.product.spec import expected, json_rows, told

_TYPED = {"yes": "はい", "no": "いいえ", "unsure": "分かりません", "unknown": "分かりません"}


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    """The rows without contradictions."""
    table = json_rows(shared / "spec" / "tables" / "advice_claims.jsonl")
    return [row for row in table if not row["contradictory"]]


def _path(row: dict[str, Any]) -> list[str]:
    """The questions that still decide, newest mail first (spec/outcomes.md)."""
    claims = row["claims"]
    if claims["opening_mail"] == "yes":
        return ["opening_mail"]
    if claims["acceptance_mail"] == "yes":
        return ["opening_mail", "acceptance_mail", "accepted_on"]
    asked = ["opening_mail", "acceptance_mail", "first_mail"]
    if claims["first_mail"] != "yes":
        return asked
    clicked = claims["url_clicked"] == "yes"
    return [*asked, "url_clicked", *(["applied_on"] if clicked else [])]


def _answer(row: dict[str, Any], question: str) -> str:
    if question in ("accepted_on", "applied_on"):
        return row["applied_on"] or "unknown"
    said: str = row["claims"][question]
    return said


def _said_date(day: str, style: int) -> str:
    d = date.fromisoformat(day)
    era = f"令和{d.year - 2018}年{d.month}月{d.day}日です"
    styles = (day, f"{d.year}年{d.month}月{d.day}日", era)
    return styles[style % len(styles)]


def _walk(product: Product, row: dict[str, Any], typed: bool, style: int) -> str | None:
    """None where the row came out as it must, else what happened."""
    with Member(product.base_url) as guest:
        guest.start(now=midday(row["today"]))
        if style % 2:
            guest.press("procedure_check")
        else:
            guest.say("申し込んだのにログインできません")
        if guest.question == "how_to_check":
            guest.press("questions")
        asked: list[str] = []
        while guest.question and len(asked) < 8:
            asked.append(guest.question)
            answer = _answer(row, guest.question)
            if answer[0].isdigit():
                guest.say(_said_date(answer, style))
            elif typed:
                guest.say(_TYPED[answer])
            else:
                guest.press(answer)
        right = asked == _path(row) and told(guest.outcome, guest.facts) == expected(row)
        return None if right else f"{row['id']} {asked}: {guest.outcome} {guest.facts}"


@pytest.mark.parametrize("typed", [False, True], ids=["buttons", "typed"])
def test_every_row_over_http(product: Product, rows: list[dict[str, Any]], typed: bool) -> None:
    walks = [(row, style) for style, row in enumerate(rows)]
    assert walks
    done = in_parallel(lambda walk: _walk(product, walk[0], typed, walk[1]), walks)
    assert_none(done)


def test_every_row_at_the_prompt(product: Product, shared: Path) -> None:
    table = json_rows(shared / "spec" / "tables" / "advice_claims.jsonl")
    answers = product.navi_json(
        ("advice", "--claims", _json(row), "--today", row["today"]) for row in table
    )
    got = [told(answer["outcome"], answer["facts"]) for answer in answers]
    assert got == [expected(row) for row in table]


def _json(row: dict[str, Any]) -> str:
    return json.dumps({**row["claims"], "applied_on": row["applied_on"]})

"""Every row of the registry's sample table: imported, then asked by the member over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.product.member import Member, assert_none, in_parallel, tokens
from tests.product.running import Product
from tests.product.spec import expected, json_rows, told

# Different ways to ask for the same thing: typed words, and the menu's button.
_STATE_WORDS = ("私の登録状況を教えてください", "自分の登録状況を知りたい")


@pytest.fixture(scope="module")
def rows(product: Product, shared: Path) -> list[dict[str, Any]]:
    """The table, imported."""
    table = shared / "spec" / "tables" / "advice_registry.jsonl"
    product.navi("registry", "import", table)
    return json_rows(table)


def _differs(member: Member, row: dict[str, Any], words: str) -> list[str]:
    """What is wrong with the answer to `words`; empty where it is the row's."""
    member.say(words)
    found = []
    if told(member.outcome, member.facts) != expected(row):
        found.append(f"{row['id']} {words}: {member.outcome} {member.facts}")
    if "現在" not in member.text:
        found.append(f"{row['id']} {words}: no 現在 in {member.text}")
    return found


def test_every_row_over_http(product: Product, rows: list[dict[str, Any]]) -> None:
    mint = tokens()

    def wrong(row: dict[str, Any]) -> list[str]:
        number, found = row["asked_number"], []
        with Member(product.base_url) as member:
            begun = member.start(mint.mint(number), row["now"])
            assert begun["member"]["number_masked"] == "••••" + number[-2:]
            for words in _STATE_WORDS:
                found += _differs(member, row, words)
            if number in json.dumps(member.history()):
                found.append(f"{row['id']}: the number is said in full")
        # In a conversation of its own: after a state, 「入れない」 is about that state.
        with Member(product.base_url) as member:
            member.start(mint.mint(number), row["now"])
            return found + _differs(member, row, "申し込んだのに入れない")

    assert rows
    assert_none(line for lines in in_parallel(wrong, rows) for line in lines)


def test_every_row_at_the_prompt(product: Product, rows: list[dict[str, Any]]) -> None:
    answers = product.navi_json(
        ("advice", "--number", row["asked_number"], "--now", row["now"]) for row in rows
    )
    got = [told(answer["outcome"], answer["facts"]) for answer in answers]
    assert got == [expected(row) for row in rows]

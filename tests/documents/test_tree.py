"""The drawing says what the rules do, and docs/tree.svg is the present one."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from actions.domain.procedure import HANDED_OVER, Outcome, Rules
from bot.documents.drawing import tree_svg
from bot.documents.mermaid import tree_mermaid
from bot.documents.svg import PAGE_HEIGHT, PAGE_WIDTH, width, wrap
from bot.documents.tree import Node, Result
from bot.documents.tree_claims import claims_tree
from bot.documents.tree_registry import registry_rows
from bot.documents.tree_words import TreeWords
from bot.documents.wordings import Wording, by_key
from bot.documents.words import outcome_name
from bot.settings import PROJECT_ROOT

REGISTRY = list(Outcome)[: list(Outcome).index(Outcome.click_url) + 1]
FOOTER_SIZE = 9
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def said(wordings: list[Wording]) -> TreeWords:
    return TreeWords(by_key(wordings))


def results(node: Node) -> set[Result]:
    """All ends of a tree."""
    if isinstance(node, Result):
        return {node}
    return set().union(*(results(branch.to) for branch in node.branches))


def test_the_registrys_rows_are_the_specifications_in_its_order() -> None:
    rows = registry_rows(Rules())
    assert [row.result.outcome for row in rows] == REGISTRY
    assert {row.result.outcome for row in rows if row.result.handover} == HANDED_OVER


def test_every_outcome_can_be_reached_in_one_of_the_two() -> None:
    ends = {result.outcome for result in results(claims_tree(Rules()))}
    assert ends | set(REGISTRY) == set(Outcome)


def test_the_offices_numbers_stand_in_the_drawing(said: TreeWords) -> None:
    drawn = tree_svg(Rules(days_until_delayed=7), said)
    assert "受付から7営業日以上" in drawn
    assert "受付から5営業日以上" not in drawn


def test_the_drawing_is_two_pages_with_all_words_on_them(said: TreeWords) -> None:
    root = ElementTree.fromstring(tree_svg(Rules(), said))
    assert root.get("viewBox") == f"0 0 {PAGE_WIDTH} {2 * PAGE_HEIGHT}"
    shrunk = {text for group in root.iter(f"{SVG}g") for text in group.iter(f"{SVG}text")}
    for text in root.iter(f"{SVG}text"):
        x, y, size = (float(text.get(name, "")) for name in ("x", "y", "font-size"))
        assert x >= 20 and x + width(text.text or "", size) <= PAGE_WIDTH - 20, text.text
        foot = size == FOOTER_SIZE
        low_enough = y % PAGE_HEIGHT <= PAGE_HEIGHT - (10 if foot else 40)
        assert low_enough or text in shrunk, text.text


def test_longer_wordings_are_drawn_smaller_instead_of_off_the_page(
    wordings: list[Wording],
) -> None:
    longer = {
        key: replace(
            one, texts={"web": (one.texts["web"][0].replace("。", "、" + "長" * 60 + "。"),)}
        )
        for key, one in by_key(wordings).items()
        if key.startswith("utter_") and "web" in one.texts
    }
    root = ElementTree.fromstring(tree_svg(Rules(), TreeWords(longer)))
    for group in root.iter(f"{SVG}g"):
        shift = re.fullmatch(
            r"translate\(36.0 ([0-9.]+)\) scale\(([0-9.]+)\) .*", group.get("transform", "")
        )
        assert shift
        top, scale = float(shift[1]), float(shift[2])
        lowest = max(float(text.get("y", "")) for text in group.iter(f"{SVG}text"))
        assert (top + (lowest - top) * scale - 1) % PAGE_HEIGHT <= PAGE_HEIGHT - 44
    assert len(list(root.iter(f"{SVG}g"))) == 2


def test_the_drawing_in_the_documents_is_the_present_one(said: TreeWords) -> None:
    kept = (PROJECT_ROOT / "docs/tree.svg").read_text(encoding="utf-8")
    assert kept == tree_svg(Rules(), said), "run `navi tree --out docs/tree.svg`"


def test_mermaid_names_every_outcome_and_draws_no_broken_label(said: TreeWords) -> None:
    chart = tree_mermaid(Rules(), said)
    assert chart.startswith("flowchart TD\n")
    for outcome in Outcome:
        assert outcome_name(outcome) in chart
    for line in chart.splitlines():
        assert line.count('"') in (0, 2), line


def test_wrapping_keeps_words_whole_and_marks_off_the_edges() -> None:
    text = "あいうえお。「かきくけこ」のURL123です。"
    for room in range(40, 200, 7):
        lines = wrap(text, 10, room)
        assert "".join(lines) == text
        assert all(line[0] not in "。」" and line[-1] not in "「" for line in lines)
        assert sum("URL123" in line for line in lines) == 1
        counted = wrap("1営業日たっていない（10件）", 10, room)
        assert sum("（10件）" in line for line in counted) == 1, "a number stays whole"
    assert wrap("一\n二", 10, 50) == ["一", "二"]
    assert wrap("", 10, 50) == []

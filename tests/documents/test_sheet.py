"""The sheet: every wording once, readable in Excel, harmless."""

import csv
import io

import pytest

from bot.documents.screen import screen_words
from bot.documents.sheet import as_csv, link_labels, rows
from bot.documents.wordings import Wording
from bot.documents.words import words
from tests.documents.builders import wording


def read(sheet: str) -> list[dict[str, str]]:
    """The rows as a spreadsheet reads them, by column."""
    assert sheet.startswith("\ufeff")
    columns = {title: name for name, title in words()["sheet"]["columns"].items()}
    table = csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"), newline=""))
    return [{columns[title]: cell for title, cell in row.items()} for row in table]


def test_every_wording_has_one_row_that_says_when_it_is_said(wordings: list[Wording]) -> None:
    table = read(as_csv(rows(wordings, link_labels(wordings))))
    assert [row["key"] for row in table] == [one.key for one in wordings]
    assert all(row["when"] for row in table)
    assert len({row["key"] for row in table}) == len(table)


def test_no_variable_payload_or_id_is_left_for_the_office_to_wonder_at(
    wordings: list[Wording],
) -> None:
    for row in read(as_csv(rows(wordings, link_labels(wordings)))):
        said = "".join(row[name] for name in ("topic", "when", "web", "line", "buttons", "links"))
        assert not set("{}") & set(said), row["key"]
        assert "/answer" not in said and "_" not in said, row["key"]


def test_a_row_shows_variables_buttons_links_and_lengths() -> None:
    one = wording(
        "{as_of}現在です。\n\n二つ目。",
        key="utter_registry_login_ready",
        labels=["担当者に聞く"],
        links=("faq",),
    )
    [row] = rows([one], {"faq": "よくあるご質問"})
    assert row["web"] == "〔記録の日時〕現在です。\n\n二つ目。"
    assert (row["buttons"], row["links"]) == ("［担当者に聞く］", "よくあるご質問")
    assert (row["characters"], row["longest"]) == ("18", "14")  # with a time of 9 characters


def test_channels_have_columns_of_their_own() -> None:
    one = wording(texts={"web": ("ウェブです。",), "line": ("ラインです。", "別の言い方です。")})
    [row] = rows([one], {})
    assert row["web"] == "ウェブです。"
    assert row["line"] == "ラインです。\n――または――\n別の言い方です。"
    assert row["staff"] == "（ウェブと同じ）"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t"])
def test_no_cell_is_a_formula(start: str) -> None:
    [row] = read(as_csv(rows([wording(f'{start}HYPERLINK("http://x.invalid")')], {})))
    assert row["web"].startswith("'" + start)


def test_the_widgets_words_are_read_from_its_file() -> None:
    source = """
    // @ts-check  "not this"
    /** "nor this" */
    export const T = {
      title: "題",
      list: ["一", "二"],
      who: { bot: "自動", staff: "担当" }, // "nor this"
      left: (/** @type {number} */ n) => `あと${n}文字`,
      member: (a, b) => `番号 ${a}${b ? `（${b}）` : ""}様`,
    };
    """
    assert screen_words(source) == {
        "title": "題",
        "list": "一",
        "list.2": "二",
        "who.bot": "自動",
        "who.staff": "担当",
        "left": "あと〔…〕文字",
        "member": "番号 〔…〕〔…〕様",
    }

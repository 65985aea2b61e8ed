"""Each rule of `navi wording check`, and the product's own wordings."""

from pathlib import Path

import pytest

from bot.documents.wording_check import Known, check
from bot.documents.wordings import Button, Wording
from bot.documents.words import words
from bot.settings import PROJECT_ROOT
from tests.documents.builders import wording

SUBJECT = "医歯協マイページ 開設完了のご連絡【東京医師歯科医師協同組合】"


@pytest.fixture(scope="module")
def known() -> Known:
    return Known.of(PROJECT_ROOT)


def rules_broken(one: Wording, known: Known) -> list[str]:
    """Names of the rules (words.yml, `findings`) that a wording breaks."""
    starts = {str(v).partition("{")[0]: name for name, v in words()["findings"].items()}
    return [
        next(name for start, name in starts.items() if finding.sentence.startswith(start))
        for finding in check([one], known)
    ]


def test_the_products_own_wordings_break_no_rule(wordings: list[Wording], known: Known) -> None:
    found = check(wordings, known)
    assert not found, "\n".join(f"{f.file}: {f.key}: {f.sentence}" for f in found)


def test_an_innocent_wording_breaks_no_rule(known: Known) -> None:
    steps = (
        "次の順にお試しください。\n\n1. ログインします。\n2. 「会員専用マイページへ」を押します。"
    )
    one = wording(f"{steps}\n\n「{SUBJECT}」をお待ちください。", labels=["担当者に聞く"])
    assert rules_broken(one, known) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("あ" * 131, "bubble"),
        (f"1. {'あ' * 140}\n2. 押します。", "step"),
        ("\n".join(f"{n}. {'あ' * 100}" for n in range(1, 5)), "list"),
        ("お待ちください😊", "emoji"),
        ("お待ちください☀", "emoji"),
        ("ドメインをご確認ください。", "forbidden"),
        ("キャッシュを消してください。", "forbidden"),
        ("二段階認証です。", "forbidden"),
        ("申し訳ございません。すみません。", "apology"),
        ("先生、こんにちは。", "doctor"),
        ("「開設完了のお知らせ」のメールです。", "name"),
        ("「お申し込みありがとうございます」のメールです。", "name"),
        ("「会員専用マイページに」を押します。", "name"),
        ("「WEB会員情報の変更」です。", "name"),
        (f"「{SUBJECT.replace(' ', '')}」です。", "name"),
        ("{earliest}です。", "variable"),
        ("{no_such_thing}です。", "variable"),
        ("{as_ofです。", "stray"),
        ("｛as_of｝です。", "stray"),
    ],
)
def test_a_text_that_breaks_a_rule(known: Known, text: str, rule: str) -> None:
    assert rules_broken(wording(text), known) == [rule]


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("あ" * 21, "label"),
        ("はい", "bare_label"),
        ("いいえ。", "bare_label"),
        ("担当者に聞く📞", "emoji"),
    ],
)
def test_a_label_that_breaks_a_rule(known: Known, label: str, rule: str) -> None:
    assert rules_broken(wording(labels=[label]), known) == [rule]


def test_two_buttons_of_one_name(known: Known) -> None:
    assert rules_broken(wording(labels=["担当者に聞く"] * 2), known) == ["doubled_label"]


@pytest.mark.parametrize(
    "payload", ["handoff", "/no_such_intent", '/answer{{"question":"x"}}', "/answer{{oops}}"]
)
def test_a_button_that_leads_nowhere(known: Known, payload: str) -> None:
    one = wording(buttons=(Button("担当者に聞く", payload),))
    assert rules_broken(one, known) == ["payload"]


def test_links_topics_and_occasions_must_be_known(known: Known) -> None:
    assert rules_broken(wording(links=("no_such_link",)), known) == ["link"]
    assert rules_broken(wording(topic="no_such_topic"), known) == ["topic"]
    assert rules_broken(wording(key="utter_new"), known) == ["no_when"]


def test_a_state_of_the_registry_names_its_time(known: Known) -> None:
    state = wording("開設されています。", key="utter_registry_login_ready")
    assert rules_broken(state, known) == ["as_of"]
    timed = wording("{as_of}現在、開設されています。", key="utter_registry_login_ready")
    assert rules_broken(timed, known) == []


def test_one_key_in_two_files(known: Known) -> None:
    found = check([wording(), wording(file="data/responses/other.yml")], known)
    assert [f.file for f in found] == ["data/responses/faq.yml", "data/responses/other.yml"]


def test_a_long_example_of_a_variable_counts(known: Known) -> None:
    """A text that is short enough as written may be too long for the member."""
    text = "{as_of}現在" + "あ" * 120
    assert rules_broken(wording(text, key="utter_registry_login_ready"), known) == ["bubble"]


def test_names_are_spelled_as_in_the_guide(shared: Path) -> None:
    guide = (shared / "guide/mypage-guide.ja.txt").read_text(encoding="utf-8")
    renamed = {"迷惑メールフォルダ", "医歯協MATE", "東京医師歯科医師協同組合", "ログイン失敗"}
    for name in words()["names"]:
        assert name in guide if name in renamed else f"「{name}」" in guide


def test_every_variable_of_the_list_is_used(wordings: list[Wording]) -> None:
    texts = "".join(text for one in wordings for text in one.all_texts())
    unused = [name for name in words()["variables"] if f"{{{name}}}" not in texts]
    assert not unused


def test_every_occasion_of_the_list_belongs_to_a_wording(wordings: list[Wording]) -> None:
    keys = {one.key for one in wordings}
    assert not set(words()["when"]["keys"]) - keys

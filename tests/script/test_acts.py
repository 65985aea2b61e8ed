"""Acts of the page's forms: only what exists, and never a payload of the browser's making."""

import json
from datetime import date

import pytest

from bot import payloads
from bot.errors import InvalidRequest
from bot.script.acts import read_act

TODAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("act", "text", "payload", "label"),
    [
        ("topic:billing_start", "", "/billing_start", "請求はいつから見られる"),
        ("back", "", "/go_back", "1つ前に戻る"),
        ("status", "", "/status_lookup", "記録でご案内する"),
        (
            "answer:opening_mail:yes",
            "",
            '/answer{"question": "opening_mail", "value": "yes"}',
            "「開設完了」のメール：届いた",
        ),
        (
            "answer:applied_on:unknown",
            "",
            '/answer{"question": "applied_on", "value": "unknown"}',
            "申し込んだ日：不明",
        ),
        (
            "answer:applied_on:",
            "6月5日",
            '/answer{"question": "applied_on", "value": "6月5日"}',
            "申し込んだ日：6月5日",
        ),
    ],
)
def test_our_own_buttons(act: str, text: str, payload: str, label: str) -> None:
    own = read_act(act, text, TODAY).own
    assert own is not None
    assert own.payload == payload
    assert own.label == label


def test_what_a_clerk_types_cannot_break_out_of_a_payload() -> None:
    own = read_act("answer:applied_on:", '"}/handoff{"x":"', TODAY).own
    assert own is not None
    assert payloads.parse(own.payload)["intent"] == "answer"
    assert json.loads(own.payload.removeprefix("/answer"))["value"] == '"}/handoff{"x":"'


def test_choices_and_words() -> None:
    assert read_act("choice:abc", "", TODAY).choice == "abc"
    assert read_act("words", "届きました", TODAY).text == "届きました"


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("", ""),
        ("choice:", ""),
        ("words", " 　"),
        ("topic:answer", ""),
        ("topic:no_such_topic", ""),
        ("topic:identity_step", ""),
        ("answer:opening_mail:maybe", ""),
        ("answer:opening_mail:unknown", ""),
        ("answer:no_such_question:yes", ""),
        ("answer:applied_on:", "  "),
        ("/handoff", ""),
        ("back:1", ""),
    ],
)
def test_nothing_else(act: str, text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_act(act, text, TODAY)

"""Messages as LINE takes them: limits as LINE counts them, checked by its own specification."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.line.measure import cut_graphemes, graphemes, split_utf16, utf16
from bot.channels.line.numbers import chosen_number
from bot.channels.line.render import plain, render
from bot.messages import Choice, Draft
from tests.line.platform import SPEC_MISSING, validator

_STEPS = [{"label": "Web会員登録", "state": "done"}, {"label": "開設完了", "state": "problem"}]
_CARD = {"kind": "progress", "steps": _STEPS}
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@st.composite
def _drafts(draw: st.DrawFn) -> list[Draft]:
    count = draw(st.integers(1, 9))
    made = []
    for place in range(count):
        text = draw(_TEXT) * draw(st.sampled_from([1, 1, 1, 20, 200]))
        links = tuple({"label": draw(_TEXT), "url": f"https://x.example/{n}"} for n in range(2))
        made.append(
            Draft(
                "bot",
                text,
                links=links if draw(st.booleans()) else (),
                card=_CARD if draw(st.booleans()) else None,
                choices=tuple(
                    Choice(draw(_TEXT), "v", "/x", f"id{n}")
                    for n in range(draw(st.integers(0, 15)))
                )
                if place == count - 1
                else (),
            )
        )
    return made


@settings(max_examples=60, deadline=None)
@given(_drafts())
def test_any_answer_is_a_valid_request(drafts: list[Draft]) -> None:
    messages = render(drafts)
    _check(messages)
    _check(plain(messages))
    assert all("quickReply" not in message for message in messages[:-1])
    assert ("quickReply" in messages[-1]) == bool(drafts[-1].choices)


def _check(messages: Sequence[dict[str, Any]]) -> None:
    assert 1 <= len(messages) <= 5
    for message in messages:
        assert utf16(message.get("text", "")) <= 5000 and utf16(message.get("altText", "")) <= 1500
        for item in message.get("quickReply", {}).get("items", []):
            assert 1 <= graphemes(item["action"]["label"]) <= 20
    validate = validator()
    if validate is None:
        pytest.skip(SPEC_MISSING)
    assert validate("ReplyMessageRequest", {"replyToken": "t", "messages": messages}) == []


def test_lengths_are_counted_as_line_does() -> None:
    family = "👨‍👩‍👧‍👦"
    assert graphemes(family * 3) == 3 and utf16("𠮷") == 2
    assert cut_graphemes("あ" * 21, 20) == "あ" * 19 + "…"
    parts = split_utf16("𠮷" * 6000, 5000)
    assert "".join(parts) == "𠮷" * 6000 and all(utf16(part) <= 5000 for part in parts)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("１２", 12), ("三", 3), ("十一", 11), ("③", 3), ("(2)", 2), ("2番です", 2)]
    + [
        ("2番でお願いします", 2),
        ("２をお願いします。", 2),
        ("1番にします", 1),
        ("3でお願い致します", 3),
    ]
    + [("２、", 2), ("2番を選びます", 2), ("1番がいいです", 1), ("2番！", 2), ("④番", 4)]
    + [(t, None) for t in ("0", "3月", "100001", "一昨日", "2026", "二つの登録", "1日", "", "1/2")]
    + [
        (t, None)
        for t in ("2人でお願いします", "1番が分かりません", "2番に電話しました", "１回目です")
    ],
)
def test_numbers(text: str, number: int | None) -> None:
    assert chosen_number(text) == number

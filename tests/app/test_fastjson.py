"""JSON of every turn: what the standard library would read is what was meant."""

import json
from typing import Any

import pytest

from bot.fastjson import read, text_of, written


@pytest.mark.parametrize(
    "value",
    [
        {"text": "届きません🙂", "payload": None, "n": [1, 2.5, True]},
        {"half": "\ud83d", "whole": "申込"},
        {"large": 2**70},
        "",
        [],
    ],
)
def test_there_and_back(value: Any) -> None:
    assert read(written(value)) == value
    assert json.loads(text_of(value)) == value


def test_japanese_stays_readable() -> None:
    assert text_of({"a": "申込"}) == '{"a":"申込"}'


@pytest.mark.parametrize("said", [b"", b"{", b"\xff\xfe", b"nothing", b'{"a":1}x'])
def test_what_is_no_json(said: bytes) -> None:
    with pytest.raises(ValueError):
        read(said)


def test_half_a_character_is_read_as_before() -> None:
    assert read(b'"\\ud83d"') == "\ud83d"

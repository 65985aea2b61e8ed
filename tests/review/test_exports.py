"""What leaves the review: training data, stories, sheets."""

from datetime import UTC, date, datetime

import pytest
import yaml

from bot.errors import InvalidRequest
from bot.review.period import read_period
from bot.review.story import clean_story, without_person
from bot.review.training import training_yaml
from bot.staff.sheets import csv_text, safe_cell


def test_marked_messages_become_examples() -> None:
    marked = [
        ("mail_missing", "/restart メールが[来ない](x)\nです"),
        ("mail_missing", "メールが来ない"),
        ("mail_missing", "メールが来ない"),
        ("faq", "私のアドレスは〔メールアドレス〕です"),
    ]
    loaded = yaml.safe_load(training_yaml(marked))
    [block] = loaded["nlu"]
    assert block["intent"] == "mail_missing"
    lines = block["examples"].splitlines()
    assert len(lines) == 2 and lines[1] == "- メールが来ない"
    assert all(line.startswith("- ") and not set("[](){}") & set(line) for line in lines)


def test_no_marks_are_valid_data_too() -> None:
    assert yaml.safe_load(training_yaml([]))["nlu"] == []


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("私は山田太郎です。ログインできません", "山田太郎"),
        ("山田太郎です。ログインできません", "山田"),
        ("佐藤歯科の事務です", "佐藤"),
        ("番号は400123です", "400123"),
        ("田中と申します", "田中"),
        ("yamada@example.jp に届きません", "yamada"),
        ("電話は03-1234-5678です", "1234"),
    ],
)
def test_what_points_to_a_person_is_taken_out(text: str, gone: str) -> None:
    assert gone not in without_person(text, ["田中 花子"])


def test_dates_and_the_matter_stay() -> None:
    kept = "2026年3月20日に申し込んだのに、担当者様から受付完了のメールが来ません"
    assert without_person(kept, []) == kept


def test_a_story_keeps_its_steps() -> None:
    exported = """
version: "3.1"
stories:
- story: transcript abc
  steps:
  - intent: procedure_check
    user: 山田です、ログインできません
  - action: action_open_check
  - slot_was_set:
    - requested_slot: opening_mail
  - intent: answer
    user: '/answer{"question": "opening_mail", "value": "no"}'
"""
    told = yaml.safe_load(
        clean_story(exported, ["山田 太郎"], datetime(2026, 6, 10, tzinfo=UTC), "web")
    )
    [story] = told["stories"]
    assert story["steps"][0]["user"].startswith("〇〇です")
    assert story["steps"][3]["user"] == '/answer{"question": "opening_mail", "value": "no"}'
    assert story["metadata"] == {"now": "2026-06-10T00:00:00+00:00", "channel": "web"}


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-2", "@x", "\t=1", " =1", "＝1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-3) == "-3"
    assert csv_text(["名前"], [[-1]]) == '\ufeff"名前"\r\n"-1"\r\n'


def test_a_period_is_checked() -> None:
    usual = read_period("", "", "", date(2026, 6, 10))
    assert ((usual.last - usual.first).days, usual.channel) == (29, None)
    for first, last in (("x", ""), ("2026-06-02", "2026-06-01"), ("2024-01-01", "2026-01-01")):
        with pytest.raises(InvalidRequest):
            read_period(first, last, "", date(2026, 6, 10))

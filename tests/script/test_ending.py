"""The end of a call is filled in from what it came to."""

from datetime import date

import pytest

from actions.domain.calendar import BusinessCalendar
from actions.domain.procedure import HANDED_OVER, Outcome
from bot.script.ending import ending

FRIDAY = date(2026, 6, 12)
CALENDAR = BusinessCalendar()


def test_days_to_come_back_on_are_business_days() -> None:
    offered = ending("redo", {}, FRIDAY, CALENDAR).follow_ups
    assert [one.value for one in offered] == ["", "2026-06-15", "2026-06-16", "2026-06-19"]
    assert "6月15日（月）" in offered[1].label


@pytest.mark.parametrize("outcome", list(Outcome))
def test_where_the_office_must_act_a_day_is_suggested(outcome: Outcome) -> None:
    filled = ending(outcome, {"handover": outcome in HANDED_OVER}, FRIDAY, CALENDAR)
    assert filled.advised == (outcome in HANDED_OVER)
    assert filled.follow_up_on == ("2026-06-15" if filled.advised else "")
    assert "{" not in filled.text


def test_the_earliest_date_is_no_promise() -> None:
    filled = ending("wait_opening", {"earliest_date": "2026-06-16"}, FRIDAY, CALENDAR)
    assert "早ければ6月16日（火）です。" in filled.text
    assert "早ければ" not in ending("wait_opening", {}, FRIDAY, CALENDAR).text


def test_an_earliest_date_that_is_past_is_said_to_be_past() -> None:
    facts = {"earliest_date": "2026-06-11", "later_than_earliest": True}
    text = ending("wait_opening", facts, FRIDAY, CALENDAR).text
    assert "早ければ6月11日（木）でしたが" in text and "早ければ6月11日（木）です" not in text
    on_the_day = ending("wait_opening", {"earliest_date": "2026-06-12"}, FRIDAY, CALENDAR).text
    assert "早ければ6月12日（金）です。" in on_the_day


def test_what_was_kept_before_stays() -> None:
    filled = ending("redo", {}, FRIDAY, CALENDAR, "折り返し済み", date(2026, 6, 30))
    assert (filled.text, filled.follow_up_on) == ("折り返し済み", "2026-06-30")


def test_a_call_without_an_outcome_ends_politely() -> None:
    assert ending(None, {}, FRIDAY, CALENDAR).text == "お電話ありがとうございました。"

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.billing import billing_view

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_the_guides_example() -> None:
    assert billing_view(date(2025, 3, 20)).facts() == {
        "applied_on": "2025-03-20",
        "first_visible_month": "2025-04",
        "zero_month": "2025-03",
        "update_about": "2025-04-25",
        "no_bill_mail_about": "2025-03-25",
        "approximate": False,
    }


@pytest.mark.parametrize(
    ("day", "mail"),
    [(16, date(2026, 6, 25)), (25, date(2026, 6, 25)), (26, None), (30, None)],
)
def test_the_mail_is_left_out_once_its_day_is_past(day: int, mail: date | None) -> None:
    assert billing_view(date(2026, 6, day)).no_bill_mail_about == mail


def test_the_cutoff_day_itself_is_in_time() -> None:
    assert billing_view(date(2026, 6, 15)).first_visible_month == "2026-06"
    assert billing_view(date(2026, 6, 15)).zero_month is None
    assert billing_view(date(2026, 6, 15), cutoff_day=14).first_visible_month == "2026-07"


def test_the_year_turns() -> None:
    view = billing_view(date(2026, 12, 31))
    assert (view.first_visible_month, view.update_about) == ("2027-01", date(2027, 1, 25))


@pytest.mark.parametrize(
    ("applied", "clicked", "approximate"),
    [
        (date(2026, 6, 14), None, False),
        (date(2026, 6, 14), date(2026, 6, 15), False),
        (date(2026, 6, 14), date(2026, 6, 16), True),
        (date(2026, 6, 14), date(2026, 7, 2), True),
        (date(2026, 6, 20), date(2026, 6, 21), False),
    ],
)
def test_a_click_after_the_cutoff_makes_it_approximate(
    applied: date, clicked: date | None, approximate: bool
) -> None:
    assert billing_view(applied, clicked_on=clicked).approximate is approximate


def test_a_late_cutoff_is_the_last_day_of_a_short_month() -> None:
    assert billing_view(date(2026, 2, 28), cutoff_day=31).first_visible_month == "2026-02"


@pytest.mark.parametrize("day", [0, 32])
def test_other_days_are_refused(day: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 31"):
        billing_view(date(2026, 6, 10), cutoff_day=day)


@given(DAYS, st.integers(1, 31))
def test_never_before_the_applications_month(applied: date, cutoff: int) -> None:
    view = billing_view(applied, cutoff)
    own = f"{applied:%Y-%m}"
    assert view.first_visible_month >= own
    assert (view.zero_month is None) == (view.first_visible_month == own)
    assert view.zero_month in (None, own)
    assert f"{view.update_about:%Y-%m}" == view.first_visible_month
    assert view.no_bill_mail_about is None or view.no_bill_mail_about >= applied

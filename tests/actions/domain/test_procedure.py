from datetime import date, datetime

import pytest

from actions.domain.calendar import BusinessCalendar
from actions.domain.procedure import Note, Outcome, Rules, advise_from_registry
from actions.domain.registration import Application, Registration
from tests.actions.domain.rows import application, at, delivered, mail, registration

CALENDAR = BusinessCalendar()
# Tuesday 9 June 2026: no holiday near.
APPLIED, CLICKED = "2026-06-09 08:10", "2026-06-09 08:30"


def advise(now: str, *applications: Application, rules: Rules | None = None) -> Outcome:
    args = (registration(*applications), at(now), CALENDAR)
    return (advise_from_registry(*args, rules) if rules else advise_from_registry(*args)).outcome


def test_an_unknown_number() -> None:
    advice = advise_from_registry(None, at("2026-06-10 09:00"), CALENDAR)
    assert advice.outcome is Outcome.number_unknown


def test_no_web_registration_comes_before_an_application() -> None:
    person = Registration("123456", applications=(application(APPLIED),))
    advice = advise_from_registry(person, at("2026-06-10 09:00"), CALENDAR)
    assert advice.outcome is Outcome.web_registration_needed


def test_no_application() -> None:
    assert advise("2026-06-10 09:00") is Outcome.mypage_registration_needed


@pytest.mark.parametrize(
    ("now", "outcome", "later"),
    [
        ("2026-06-09 09:00", Outcome.wait_opening, False),
        ("2026-06-11 23:59", Outcome.wait_opening, False),
        ("2026-06-12 00:00", Outcome.wait_opening, True),
        ("2026-06-15 23:59", Outcome.wait_opening, True),
        ("2026-06-16 00:00", Outcome.opening_delayed, False),
    ],
)
def test_waiting_turns_into_delay(now: str, outcome: Outcome, later: bool) -> None:
    accepted = application(APPLIED, clicked=CLICKED)
    advice = advise_from_registry(registration(accepted), at(now), CALENDAR)
    assert advice.outcome is outcome
    assert advice.later_than_earliest is later
    assert advice.handover is (outcome is Outcome.opening_delayed)
    waiting = outcome is Outcome.wait_opening
    assert advice.earliest_date == (date(2026, 6, 11) if waiting else None)
    assert advice.accepted_on == advice.applied_on == date(2026, 6, 9)


def test_acceptance_starts_the_count_not_the_application() -> None:
    accepted = application("2026-05-01 09:00", clicked="2026-06-09 00:10")
    advice = advise_from_registry(registration(accepted), at("2026-06-12 09:00"), CALENDAR)
    assert advice.outcome is Outcome.wait_opening
    assert advice.facts() == {
        "earliest_date": "2026-06-11",
        "later_than_earliest": True,
        "applied_on": "2026-05-01",
        "accepted_on": "2026-06-09",
        "business_days_elapsed": 3,
        "handover": False,
    }


@pytest.mark.parametrize("status", ["queued", "deferred", None])
def test_a_first_mail_that_was_not_sent(status: str | None) -> None:
    mails = [mail("confirmation", status)] if status else []
    assert advise("2026-06-09 23:59", application(APPLIED, *mails)) is Outcome.mail_delayed
    assert advise("2026-06-10 00:00", application(APPLIED, *mails)) is Outcome.mail_trouble


def test_a_friday_s_unsent_mail_is_no_trouble_before_monday() -> None:
    friday = application("2026-06-12 17:00")
    assert advise("2026-06-14 20:00", friday) is Outcome.mail_delayed
    assert advise("2026-06-15 00:01", friday) is Outcome.mail_trouble


def test_a_delivered_first_mail_waits_for_the_click() -> None:
    waiting = application(APPLIED, delivered(APPLIED))
    assert advise("2026-09-09 09:00", waiting) is Outcome.click_url


def test_a_bounced_first_mail() -> None:
    bounced = application(APPLIED, mail("confirmation", "bounced", at("2026-06-09 08:11")))
    assert advise("2026-06-09 09:00", bounced) is Outcome.mail_address_wrong


@pytest.mark.parametrize("status", ["queued", "deferred", "delivered", None])
def test_opened_is_ready_whatever_became_of_the_mail(status: str | None) -> None:
    mails = [mail("opening", status, at("2026-06-11 11:01"))] if status else []
    opened = application(APPLIED, *mails, clicked=CLICKED, opened="2026-06-11 11:00")
    advice = advise_from_registry(registration(opened), at("2026-06-12 09:00"), CALENDAR)
    assert advice.outcome is Outcome.login_ready
    assert (Note.opening_mail_unsent in advice.notes) is (status != "delivered")


def test_opened_with_a_bounced_opening_mail() -> None:
    bounced = mail("opening", "bounced", at("2026-06-11 11:01"))
    opened = application(APPLIED, bounced, clicked=CLICKED, opened="2026-06-11 11:00")
    assert advise("2026-06-12 09:00", opened) is Outcome.opening_mail_bounced


def test_the_offices_numbers_are_its_own() -> None:
    rules = Rules(days_until_opening=1, days_until_delayed=3, days_until_mail_trouble=2)
    accepted = application(APPLIED, clicked=CLICKED)
    assert advise("2026-06-11 09:00", accepted, rules=rules) is Outcome.wait_opening
    assert advise("2026-06-12 09:00", accepted, rules=rules) is Outcome.opening_delayed
    assert advise("2026-06-10 09:00", application(APPLIED), rules=rules) is Outcome.mail_delayed
    assert advise("2026-06-11 09:00", application(APPLIED), rules=rules) is Outcome.mail_trouble


def test_an_acceptance_mail_that_bounced_is_noted() -> None:
    bounced = mail("acceptance", "bounced", at("2026-06-09 08:31"))
    accepted = application(APPLIED, bounced, clicked=CLICKED)
    advice = advise_from_registry(registration(accepted), at("2026-06-10 09:00"), CALENDAR)
    assert advice.outcome is Outcome.wait_opening
    assert Note.acceptance_mail_bounced in advice.notes


def test_a_newer_bounce_beside_an_older_delivery_is_noted() -> None:
    older = application("2026-06-01 09:00", delivered("2026-06-01 09:00"))
    newer = application(APPLIED, mail("confirmation", "bounced", at("2026-06-09 08:11")))
    advice = advise_from_registry(registration(older, newer), at("2026-06-10 09:00"), CALENDAR)
    assert advice.outcome is Outcome.mail_address_wrong
    assert advice.notes == {Note.several_applications, Note.older_application_reached}


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        advise_from_registry(registration(application(APPLIED)), datetime(2026, 6, 10, 9), CALENDAR)

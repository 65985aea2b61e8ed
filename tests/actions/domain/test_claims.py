from dataclasses import replace
from datetime import date
from itertools import product
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.calendar import BusinessCalendar
from actions.domain.claims import (
    DATE_QUESTIONS,
    Answer,
    Claims,
    Question,
    advise_from_claims,
    next_question,
    path,
    step_back,
)
from actions.domain.procedure import Note, Outcome

CALENDAR = BusinessCalendar()
TODAY = date(2026, 6, 10)
YES, NO, UNSURE = Answer.yes, Answer.no, Answer.unsure
ANSWERS = st.sampled_from([None, *Answer])
DATES = st.sampled_from([None, "unknown", date(2026, 6, 10), date(2026, 6, 1)])
CLAIMS = st.builds(Claims, ANSWERS, ANSWERS, ANSWERS, ANSWERS, DATES, DATES)


def asked(claims: Claims) -> Question | None:
    return next_question(claims)


def test_the_newest_mail_is_asked_for_first() -> None:
    assert asked(Claims()) is Question.opening_mail
    assert asked(Claims(opening_mail=YES)) is None
    assert asked(Claims(opening_mail=NO)) is Question.acceptance_mail
    assert asked(Claims(NO, YES)) is Question.accepted_on
    assert asked(Claims(NO, YES, accepted_on="unknown")) is None
    assert asked(Claims(NO, UNSURE)) is Question.first_mail
    assert asked(Claims(NO, NO, NO)) is None
    assert asked(Claims(NO, NO, UNSURE)) is None
    assert asked(Claims(NO, NO, YES)) is Question.url_clicked
    assert asked(Claims(NO, NO, YES, UNSURE)) is None
    assert asked(Claims(NO, NO, YES, YES)) is Question.applied_on
    assert asked(Claims(NO, NO, YES, YES, applied_on=TODAY)) is None


def test_what_was_said_is_not_asked_again() -> None:
    assert asked(Claims(acceptance_mail=YES)) is Question.opening_mail
    assert asked(Claims(opening_mail=NO, acceptance_mail=YES)) is Question.accepted_on


def test_a_pressed_url_tells_that_its_mail_came() -> None:
    claims = Claims(NO, NO, url_clicked=YES, applied_on=TODAY)
    assert asked(claims) is None
    assert path(claims) == (
        Question.opening_mail, Question.acceptance_mail, Question.url_clicked, Question.applied_on,
    )  # fmt: skip
    assert advise_from_claims(claims, TODAY, CALENDAR).outcome is Outcome.wait_acceptance
    # Said outright, the missing mail counts.
    denied = replace(claims, first_mail=NO)
    assert advise_from_claims(denied, TODAY, CALENDAR).outcome is Outcome.mail_missing


def test_steps_back_follow_the_path_and_leave_the_rest() -> None:
    claims = Claims(NO, NO, YES, YES, applied_on=TODAY)
    steps = [claims]
    while path(steps[-1]):
        steps.append(step_back(steps[-1]))
    assert [next_question(c) for c in steps] == [
        None, Question.applied_on, Question.url_clicked, Question.first_mail,
        Question.acceptance_mail, Question.opening_mail,
    ]  # fmt: skip
    assert step_back(Claims()) == Claims()


def test_a_step_back_to_the_first_mail_asks_for_it_again() -> None:
    claims = step_back(Claims(NO, NO, NO, YES))
    assert asked(claims) is Question.first_mail


def test_changing_ones_mind_leaves_later_answers_off_the_path() -> None:
    claims = replace(Claims(NO, NO, YES, NO), acceptance_mail=YES)
    assert asked(claims) is Question.accepted_on
    assert path(claims) == (Question.opening_mail, Question.acceptance_mail)


@pytest.mark.parametrize(
    ("accepted_on", "outcome", "earliest", "later"),
    [
        (None, Outcome.wait_opening, None, False),
        ("unknown", Outcome.wait_opening, None, False),
        (date(2026, 6, 10), Outcome.wait_opening, date(2026, 6, 12), False),
        (date(2026, 6, 8), Outcome.wait_opening, date(2026, 6, 10), False),
        (date(2026, 6, 4), Outcome.wait_opening, date(2026, 6, 8), True),
        (date(2026, 6, 3), Outcome.opening_delayed, None, False),
    ],
)
def test_an_acceptance_mail_and_its_date(
    accepted_on: date | Literal["unknown"] | None,
    outcome: Outcome,
    earliest: date | None,
    later: bool,
) -> None:
    claims = Claims(NO, YES, accepted_on=accepted_on)
    advice = advise_from_claims(claims, TODAY, CALENDAR)
    assert (advice.outcome, advice.earliest_date) == (outcome, earliest)
    assert advice.later_than_earliest is later
    assert advice.handover is (outcome is Outcome.opening_delayed)


def test_without_the_acceptances_date_the_applications_counts() -> None:
    claims = Claims(NO, YES, accepted_on="unknown", applied_on=date(2026, 6, 9))
    advice = advise_from_claims(claims, TODAY, CALENDAR)
    assert advice.earliest_date == date(2026, 6, 11)
    assert advice.facts()["accepted_on"] is None
    assert Note.counted_from_application in advice.notes


def test_a_pressed_url_waits_until_a_business_day_has_passed() -> None:
    saturday = Claims(NO, NO, YES, YES, applied_on=date(2026, 6, 6))
    at = {day: advise_from_claims(saturday, date(2026, 6, day), CALENDAR) for day in (6, 7, 8)}
    assert [a.outcome for a in at.values()] == [
        Outcome.wait_acceptance, Outcome.wait_acceptance, Outcome.redo,
    ]  # fmt: skip
    unknown = replace(saturday, applied_on="unknown")
    assert advise_from_claims(unknown, TODAY, CALENDAR).outcome is Outcome.redo


def test_every_combination_has_its_outcome() -> None:
    for answers in product([*Answer, None], repeat=4):
        advice = advise_from_claims(Claims(*answers), TODAY, CALENDAR)
        if answers[0] is YES:
            assert advice.outcome is Outcome.login_ready
        elif answers[1] is YES:
            assert advice.outcome is Outcome.wait_opening


@given(CLAIMS)
def test_the_path_is_made_of_answers_and_ends_at_the_question(claims: Claims) -> None:
    way = path(claims)
    assert all(getattr(claims, question) is not None for question in way)
    assert len(set(way)) == len(way)
    question = next_question(claims)
    assert question is None or getattr(claims, question) is None
    assert path(step_back(claims)) == way[:-1]


@given(CLAIMS, st.data())
def test_answering_what_is_asked_always_comes_to_an_end(
    claims: Claims, data: st.DataObject
) -> None:
    for _ in range(len(Question)):
        question = next_question(claims)
        if question is None:
            break
        values = [TODAY, "unknown"] if question in DATE_QUESTIONS else [*Answer]
        claims = replace(claims, **{question.value: data.draw(st.sampled_from(values))})
    assert next_question(claims) is None
    outcome = advise_from_claims(claims, TODAY, CALENDAR).outcome
    assert outcome not in (Outcome.number_unknown, Outcome.mail_trouble)


@given(CLAIMS)
def test_what_is_off_the_path_decides_nothing(claims: Claims) -> None:
    if next_question(claims) is not None:
        return
    way = path(claims)
    kept = Claims(**{q.value: getattr(claims, q) for q in way})
    if claims.acceptance_mail is YES:  # the one date may stand under applied_on
        kept = replace(kept, applied_on=claims.applied_on)
    decided = [advise_from_claims(c, TODAY, CALENDAR).outcome for c in (kept, claims)]
    assert decided[0] is decided[1]


def test_claims_from_plain_values() -> None:
    claims = Claims.from_values(
        {"opening_mail": "no", "acceptance_mail": "yes", "accepted_on": "2026-06-09",
         "applied_on": "unknown", "first_mail": None}
    )  # fmt: skip
    assert claims == Claims(NO, YES, accepted_on=date(2026, 6, 9), applied_on="unknown")


@pytest.mark.parametrize(
    "values",
    [{"opening_mail": "maybe"}, {"opened": "yes"}, {"applied_on": "3月20日"}, {"applied_on": 5}],
)
def test_other_values_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Claims.from_values(values)


def test_what_another_release_remembered_counts_as_not_said() -> None:
    values = {"opening_mail": "no", "first_mail": "perhaps", "applied_on": 5, "opened": "yes"}
    assert Claims.remembered(values) == Claims(opening_mail=NO)

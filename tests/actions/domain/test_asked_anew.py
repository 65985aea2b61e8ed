"""Changing an earlier answer on the telephone: what hung on it is asked anew."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.claims import Answer, Claims, Question, asked_anew, next_question

YES, NO, UNSURE = Answer.yes, Answer.no, Answer.unsure
DAY = date(2026, 6, 5)
REDO = Claims(NO, NO, YES, YES, None, DAY)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        # Yes ends the mail questions: nothing behind it was asked for this caller.
        (REDO, {"opening_mail": YES}, Claims(YES)),
        (REDO, {"acceptance_mail": YES}, Claims(NO, YES)),
        (Claims(NO, YES, accepted_on=DAY), {"acceptance_mail": NO}, Claims(NO, NO)),
        (REDO, {"first_mail": NO}, Claims(NO, NO, NO)),
        (REDO, {"url_clicked": NO}, Claims(NO, NO, YES, NO)),
        # Both answers lead to the same question: its answer still holds.
        (REDO, {"opening_mail": UNSURE}, Claims(UNSURE, NO, YES, YES, None, DAY)),
        (REDO, {"acceptance_mail": UNSURE}, Claims(NO, UNSURE, YES, YES, None, DAY)),
        (REDO, {"applied_on": date(2026, 6, 1)}, Claims(NO, NO, YES, YES, None, date(2026, 6, 1))),
        # Said in the same breath as the change.
        (REDO, {"acceptance_mail": YES, "accepted_on": DAY}, Claims(NO, YES, accepted_on=DAY)),
        # The first answer to a question changes nothing behind it.
        (Claims(NO, None, NO), {"acceptance_mail": NO}, Claims(NO, NO, NO)),
    ],
)
def test_what_hangs_on_a_changed_answer(
    before: Claims, change: dict[str, Any], after: Claims
) -> None:
    changed = before.having({Question(name): value for name, value in change.items()})
    assert asked_anew(before, changed) == after


def test_there_and_back_asks_again() -> None:
    there = asked_anew(REDO, REDO.having({Question.acceptance_mail: YES}))
    assert next_question(there) is Question.accepted_on
    back = asked_anew(there, there.having({Question.acceptance_mail: NO}))
    assert next_question(back) is Question.first_mail


answers = st.sampled_from([None, *Answer])
dates = st.sampled_from([None, "unknown", DAY])
claims = st.builds(Claims, answers, answers, answers, answers, dates, dates)


@given(claims, st.sampled_from(list(Question)), st.data())
def test_never_touches_what_was_asked_before_and_never_adds(
    before: Claims, question: Question, data: st.DataObject
) -> None:
    is_date = question in (Question.accepted_on, Question.applied_on)
    value = data.draw(dates if is_date else answers)
    after = before.having({question: value})
    asked = asked_anew(before, after)
    order = list(Question)
    for other in order:
        kept = getattr(asked, other)
        if order.index(other) <= order.index(question):
            assert kept == getattr(after, other)
        else:
            assert kept in (None, getattr(after, other))

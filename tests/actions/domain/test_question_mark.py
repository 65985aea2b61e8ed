"""「？」 alone is a question about the question, and no answer to it."""

from datetime import date

import pytest

from actions.domain.answers import polarity
from actions.domain.claims import Answer, Claims, Question
from actions.domain.heard import Heard, Taken, take

TODAY = date(2026, 6, 10)


@pytest.mark.parametrize("question", list(Question))
@pytest.mark.parametrize(
    "said", ["？", "?", "？？", "！？", "。？", "？！", "え？", "えっ？", "❓"]
)
def test_the_question_is_explained_and_nothing_is_answered(question: Question, said: str) -> None:
    known = Claims()
    taken = take(Heard(said, "unsure", {"unsure": 0.9}), known, question, 1, TODAY)
    assert taken == Taken(known, (f"utter_check_explain_{question}",), 1)


@pytest.mark.parametrize("said", ["分からない", "さあ？", "届いたかも？", "分からない？"])
def test_words_with_a_question_mark_are_still_words(said: str) -> None:
    taken = take(Heard(said, "unsure", {"unsure": 0.9}), Claims(), Question.opening_mail, 0, TODAY)
    assert taken is not None and taken.claims.opening_mail is Answer.unsure


def test_elsewhere_it_is_unsure_as_before() -> None:
    assert polarity("？") is Answer.unsure

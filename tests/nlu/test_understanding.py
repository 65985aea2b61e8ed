"""The figures of `navi model test` are counted as spec/topics.md says."""

import pytest

from bot.understanding import Case, confusions, figures, missed


def case(accepted: str, first: str, *offered: str) -> Case:
    return Case("x", frozenset(accepted.split("|")), first, offered, 1.0)


@pytest.mark.parametrize(
    ("one", "right", "offered", "wrong"),
    [
        (case("mail_missing", "mail_missing"), True, True, False),
        (case("mail_missing|procedure_check", "procedure_check"), True, True, False),
        (case("mail_missing", "clarify", "mail_missing", "faq"), False, True, False),
        (case("mail_missing", "clarify", "faq"), False, False, False),
        (case("mail_missing", "faq"), False, False, True),
        (case("out_of_scope", "faq"), False, False, True),
        (case("out_of_scope", "handoff"), False, False, False),
        (case("out_of_scope", "greet"), False, False, False),
        (case("faq", "out_of_scope"), False, False, True),
    ],
)
def test_a_case(one: Case, right: bool, offered: bool, wrong: bool) -> None:
    assert (one.right, one.right_or_offered, one.wrong) == (right, offered, wrong)


def test_figures_and_goals() -> None:
    good, bad = case("faq", "faq"), case("out_of_scope", "faq")
    found = figures([good] * 99 + [bad])
    assert (found["right"], found["wrong"], found["out of scope answered"]) == (0.99, 0.01, 1.0)
    assert missed(found) == ["out of scope answered"]
    assert missed(figures([good])) == []


def test_confusions_name_what_was_expected() -> None:
    assert confusions([case("faq", "faq"), case("b|a", "c"), case("a", "c")]) == [("a", "c", 2)]

"""Counting conversations: topics, the check's ways, where it ended, durations."""

from datetime import UTC, date, datetime, timedelta

from actions.domain.procedure import DEFAULT_RULES
from bot.documents.tree_claims import claims_tree
from bot.documents.wordings import all_wordings, by_key
from bot.review.figures import Line, Talk, figures, share_below
from bot.review.funnel import CountedWords, edge_counts
from bot.review.period import Period
from bot.review.reading import Service
from bot.review.view import overview, rows
from bot.settings import PROJECT_ROOT

START = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)


def talk(*said: tuple[str, str | None, str | None, str | None], channel: str = "web") -> Talk:
    """Lines ten seconds apart: (author, topic, question, outcome); a turn begins with a member."""
    lines, turn = [], 0
    for n, (author, topic, question, outcome) in enumerate(said):
        turn += author == "member"
        at = START + timedelta(seconds=10 * n)
        lines.append(Line(author, at, topic, outcome, question, f"t{turn}" if turn else None))
    return Talk("c", channel, tuple(lines))


MEMBER = ("member", None, None, None)


def asks(question: str) -> tuple[str, str, str, None]:
    return ("bot", "procedure_check", question, None)


CHECK = talk(
    ("bot", "greet", None, None),
    MEMBER,
    asks("opening_mail"),
    MEMBER,
    asks("acceptance_mail"),
    MEMBER,
    ("bot", "billing_start", None, None),
    asks("acceptance_mail"),  # a digression: asked again
    MEMBER,
    asks("first_mail"),
    MEMBER,
    ("bot", "procedure_check", None, "mail_missing"),
)


def test_a_check_is_counted_from_question_to_question() -> None:
    found = figures([CHECK])
    assert found.steps == {
        ("opening_mail", "acceptance_mail"): 1,
        ("acceptance_mail", "first_mail"): 1,
        ("first_mail", "mail_missing"): 1,
    }
    assert not found.left
    assert found.outcomes == {"mail_missing": 1}
    assert found.answer_seconds["opening_mail"] == [10.0]


def test_topics_are_counted_once_a_turn() -> None:
    found = figures([CHECK])
    assert found.topics == {"procedure_check": 4, "billing_start": 1}
    assert found.member_lines == 5


def test_who_stops_answering_has_left_at_that_question() -> None:
    found = figures([talk(MEMBER, asks("opening_mail"), MEMBER, asks("acceptance_mail"))])
    assert found.left == {"acceptance_mail": 1}
    assert found.steps == {("opening_mail", "acceptance_mail"): 1}


def test_the_day_that_billing_asks_for_is_no_question_of_the_check() -> None:
    billing = ("bot", "billing_start", "applied_on", None)
    assert not figures([talk(MEMBER, billing)]).left
    found = figures([talk(MEMBER, asks("opening_mail"), MEMBER, billing)])
    assert (found.left, found.steps) == ({"opening_mail": 1}, {})


def test_the_sheet_holds_the_durations() -> None:
    period = Period(date(2026, 6, 10), date(2026, 6, 10))
    service = Service({}, [0.125], 0, 0, {}, [], {})
    sheet = [
        row for row in rows(overview(figures([CHECK]), service, period)) if "秒" in str(row[0])
    ]
    assert ["時間（秒）", "お答えまで（ふだん）", 0.12] in sheet
    assert ["時間（秒）", "開設完了のメールへのお返事まで（ふだん）", 10.0] in sheet
    assert not [row for row in sheet if "担当者" in str(row[1])], "nothing was measured"


def test_a_conversation_without_a_word_of_the_member_counts_nowhere() -> None:
    found = figures([talk(("system", None, None, None), ("bot", "greet", None, None))])
    assert (found.talks, found.silent, found.topics.total()) == (0, 1, 0)


def test_days_are_days_in_tokyo() -> None:
    late = Talk("c", "line", (Line("member", datetime(2026, 6, 10, 15, 30, tzinfo=UTC)),))
    assert figures([late]).days == {date(2026, 6, 11): 1}


def test_the_share_that_was_understood() -> None:
    asked_back = talk(MEMBER, ("bot", "clarify", None, None), MEMBER, ("bot", "faq", None, None))
    assert figures([asked_back]).understood_share == 0.5
    assert figures([]).understood_share is None


def test_skipped_questions_are_counted_on_the_way() -> None:
    edges = edge_counts(claims_tree(DEFAULT_RULES), {("opening_mail", "url_clicked"): 3})
    assert {question for question, _ in edges} == {"opening_mail", "acceptance_mail", "first_mail"}
    assert set(edges.values()) == {3}


def test_what_the_tree_cannot_lead_to_is_not_counted() -> None:
    tree = claims_tree(DEFAULT_RULES)
    steps = {("first_mail", "opening_mail"): 2, ("unknown", "redo"): 1, ("first_mail", "redo"): 1}
    assert sum(edge_counts(tree, steps).values()) == 3  # only first_mail -> … -> redo


def test_the_trees_words_carry_the_numbers() -> None:
    tree = claims_tree(DEFAULT_RULES)
    edges = edge_counts(tree, {("opening_mail", "login_ready"): 7})
    words = CountedWords(by_key(all_wordings(PROJECT_ROOT)), edges, {"opening_mail": 4})
    assert "7" in words.answers("opening_mail", ("yes",))[-1]
    assert "4" in words.question("opening_mail")[1]


def test_the_slow_end() -> None:
    assert share_below([float(n) for n in range(100)], 0.95) == 95.0
    assert share_below([], 0.95) is None

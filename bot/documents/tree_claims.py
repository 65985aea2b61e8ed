"""The tree of the procedure check: what is asked, and what follows from the answers."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from actions.domain.calendar import BusinessCalendar
from actions.domain.claims import (
    DATE_QUESTIONS,
    UNKNOWN,
    Answer,
    Claims,
    Question,
    advise_from_claims,
    next_question,
)
from actions.domain.procedure import Rules
from bot.documents.tree import Branch, Node, Result, Step, day_ranges, step

# Any working day will do; the spring before it has holidays, which the counting must survive.
TODAY = date(2026, 6, 30)
_CALENDAR = BusinessCalendar()


@cache
def days_ago(business_days: int) -> date:
    """The latest civil date after which so many business days have passed until `TODAY`."""
    day = TODAY
    while _CALENDAR.business_days_elapsed(day, TODAY) < business_days:
        day -= timedelta(days=1)
    return day


def claims_tree(rules: Rules) -> Node:
    """All ways through the check under these rules; values are answers, or days (`5-`)."""
    return _walk(Claims(), rules)


def _walk(claims: Claims, rules: Rules) -> Node:
    question = next_question(claims)
    if question is None:
        advice = advise_from_claims(claims, TODAY, _CALENDAR, rules)
        return Result(advice.outcome, advice.handover)
    if question in DATE_QUESTIONS:
        return _by_date(question, claims, rules)
    return step(question, list(Answer), lambda said: _walk(_with(claims, question, said), rules))


def _by_date(question: Question, claims: Claims, rules: Rules) -> Node:
    def on(day: date | str) -> Node:
        return _walk(_with(claims, question, day), rules)

    ends: dict[Node, list[str]] = {}
    for days, node in day_ranges(rules, lambda n: on(days_ago(n))):
        ends.setdefault(node, []).append(days)
    ends.setdefault(on(UNKNOWN), []).append(UNKNOWN)
    return Step(question, tuple(Branch(tuple(values), node) for node, values in ends.items()))


def _with(claims: Claims, question: Question, said: date | str) -> Claims:
    changed: dict[str, Any] = {
        question.value: said if question in DATE_QUESTIONS else Answer(str(said))
    }
    return replace(claims, **changed)

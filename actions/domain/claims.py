"""The decision from the member's own words (spec/outcomes.md, claims).

Questions go from the newest mail to the oldest, so the first yes ends them.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Self

from actions.domain.calendar import BusinessCalendar
from actions.domain.procedure import DEFAULT_RULES, Advice, Outcome, Rules, accepted

UNKNOWN: Literal["unknown"] = "unknown"


class Answer(StrEnum):
    """What a member says to a question about a mail or a step."""

    yes = "yes"
    no = "no"
    unsure = "unsure"


class Question(StrEnum):
    """What the check can ask; the id is the API's `question` and a field of `Claims`."""

    opening_mail = "opening_mail"
    acceptance_mail = "acceptance_mail"
    accepted_on = "accepted_on"
    first_mail = "first_mail"
    url_clicked = "url_clicked"
    applied_on = "applied_on"


_ORDER = tuple(Question)  # as they are asked
DATE_QUESTIONS = frozenset({Question.accepted_on, Question.applied_on})


@dataclass(frozen=True)
class Claims:
    """What was said so far; None: not said. Dates are civil dates, or "unknown"."""

    opening_mail: Answer | None = None
    acceptance_mail: Answer | None = None
    first_mail: Answer | None = None
    url_clicked: Answer | None = None
    accepted_on: date | Literal["unknown"] | None = None
    applied_on: date | Literal["unknown"] | None = None

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Claims from plain values: yes / no / unsure, ISO dates, "unknown", None.

        Raises ValueError for an unknown name or a value that is none of these.
        """
        return replace(cls(), **{Question(k): _claim(k, v) for k, v in values.items()})

    @classmethod
    def remembered(cls, values: Mapping[str, Any]) -> Self:
        """As `from_values`, from a memory that another release may have written.

        A question or an answer that this one does not know counts as not said.
        """
        said: dict[str, Any] = {}
        for name, value in values.items():
            with suppress(ValueError):
                said[Question(name)] = _claim(name, value)
        return replace(cls(), **said)

    def having(self, values: Mapping[Question, Any]) -> Self:
        """The same with some values changed (`Answer`, a civil date, "unknown" or None)."""
        changed: dict[str, Any] = {question.value: value for question, value in values.items()}
        return replace(self, **changed)


def next_question(claims: Claims) -> Question | None:
    """The one question that still decides, or None where the outcome is clear."""
    return _walk(claims)[1]


def path(claims: Claims) -> tuple[Question, ...]:
    """The questions that were answered and lie on the way to the outcome, in order."""
    return _walk(claims)[0]


def step_back(claims: Claims) -> Claims:
    """The claims without the last answer on the path; the same claims where there is none."""
    answered = path(claims)
    if not answered:
        return claims
    if answered[-1] is Question.first_mail:
        # A URL said to be pressed would answer this question at once.
        return replace(claims, first_mail=None, url_clicked=None)
    return replace(claims, **{answered[-1].value: None})


def asked_anew(before: Claims, after: Claims) -> Claims:
    """`after` without the answers that hung on an answer which is another one than `before`.

    An answer hangs on an earlier one that decides whether it is asked at all. What was said
    together with the change (it differs from `before`) stays.
    """
    for place, question in enumerate(_ORDER):
        was, now = getattr(before, question), getattr(after, question)
        leads_elsewhere = _after(question, before) is not _after(question, after)
        if was is not None and was != now and leads_elsewhere:
            hanging = (q for q in _ORDER[place + 1 :] if getattr(after, q) == getattr(before, q))
            return replace(after, **{q.value: None for q in hanging})
    return after


def advise_from_claims(
    claims: Claims,
    today: date,
    calendar: BusinessCalendar,
    rules: Rules = DEFAULT_RULES,
) -> Advice:
    """Decide from what was said; what was not said counts as unsure or unknown.

    `today` is the civil date in Asia/Tokyo. An acceptance without a date of its own
    counts from the application's date (the registry's rule, and the table's rows).
    """
    accepted_on, applied_on = _known(claims.accepted_on), _known(claims.applied_on)
    if claims.opening_mail is Answer.yes:
        return Advice(Outcome.login_ready)
    if claims.acceptance_mail is Answer.yes:
        return accepted(today, calendar, rules, accepted_on, applied_on)
    if _first_mail(claims) is not Answer.yes:
        return Advice(Outcome.mail_missing, applied_on=applied_on)
    if claims.url_clicked is not Answer.yes:
        return Advice(Outcome.click_url, applied_on=applied_on)
    if applied_on is None:
        return Advice(Outcome.redo)
    elapsed = calendar.business_days_elapsed(applied_on, today)
    outcome = Outcome.redo if elapsed else Outcome.wait_acceptance
    return Advice(outcome, applied_on=applied_on, business_days_elapsed=elapsed)


def _walk(claims: Claims) -> tuple[tuple[Question, ...], Question | None]:
    """The answered questions on the path, and the open one at its end."""
    answered: list[Question] = []
    question: Question | None = Question.opening_mail
    while question is not None:
        if getattr(claims, question) is not None:
            answered.append(question)
        elif not (question is Question.first_mail and _first_mail(claims)):
            return tuple(answered), question
        question = _after(question, claims)
    return tuple(answered), None


def _after(question: Question, claims: Claims) -> Question | None:
    match question:
        case Question.opening_mail if claims.opening_mail is not Answer.yes:
            return Question.acceptance_mail
        case Question.acceptance_mail:
            said_yes = claims.acceptance_mail is Answer.yes
            return Question.accepted_on if said_yes else Question.first_mail
        case Question.first_mail if _first_mail(claims) is Answer.yes:
            return Question.url_clicked
        case Question.url_clicked if claims.url_clicked is Answer.yes:
            return Question.applied_on
        case _:
            return None


def _first_mail(claims: Claims) -> Answer | None:
    # Whoever pressed the URL has had the mail that it stands in: not asked again.
    if claims.first_mail is None and claims.url_clicked is Answer.yes:
        return Answer.yes
    return claims.first_mail


def _known(value: date | Literal["unknown"] | None) -> date | None:
    return value if isinstance(value, date) else None


def _claim(name: str, value: Any) -> Any:
    if value is None or (value == UNKNOWN and name in DATE_QUESTIONS):
        return value
    if name not in DATE_QUESTIONS:
        return Answer(value)
    return value if type(value) is date else date.fromisoformat(str(value))

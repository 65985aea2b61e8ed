"""What the registry says to the questions of the check, and where a caller says otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from actions.domain.calendar import tokyo_date
from actions.domain.claims import DATE_QUESTIONS, UNKNOWN, Answer, Claims, Question
from actions.domain.registration import Application, MailKind, MailStatus, Registration


class Difference(StrEnum):
    """How words and registry differ; the id is part of the response that is said."""

    opening_came = "opening_came"
    subjects = "subjects"
    mail_sent = "mail_sent"
    mail_unsent = "mail_unsent"
    not_clicked = "not_clicked"
    clicked = "clicked"
    date = "date"


@dataclass(frozen=True)
class Disagreement:
    """One question to which the caller and the registry give different answers."""

    question: Question
    said: Answer | date
    recorded: Answer | date
    difference: Difference


def claims_from_registration(registration: Registration | None) -> Claims:
    """The answers of the registry to the check's questions; None where it knows none.

    A mail that was sent counts as yes, one that came back or was never sent as no: the registry
    knows of sending, not of reading. Dates are civil dates in Asia/Tokyo.
    """
    application = registration.application_that_counts() if registration else None
    if application is None:
        return Claims()
    clicked = application.url_clicked_at
    return Claims(
        opening_mail=_mail(application, MailKind.opening),
        acceptance_mail=_mail(application, MailKind.acceptance),
        first_mail=_mail(application, MailKind.confirmation),
        url_clicked=Answer.yes if clicked else Answer.no,
        accepted_on=tokyo_date(clicked) if clicked else None,
        applied_on=tokyo_date(application.applied_at),
    )


def disagreements(said: Claims, recorded: Claims) -> tuple[Disagreement, ...]:
    """Where both are known and differ, in the order of the questions; unsure differs from nothing.

    The registry decides (spec/outcomes.md); both are shown to staff.
    """
    return tuple(_disagreements(said, recorded))


def _disagreements(said: Claims, recorded: Claims) -> Iterator[Disagreement]:
    for question in Question:
        told, known = getattr(said, question), getattr(recorded, question)
        unknown: tuple[Answer | Literal["unknown"] | None, ...] = (None, UNKNOWN, Answer.unsure)
        if told in unknown or known in unknown or told == known:
            continue
        yield Disagreement(question, told, known, _difference(question, told, recorded))


def _difference(question: Question, told: Answer | date, recorded: Claims) -> Difference:
    if question in DATE_QUESTIONS:
        return Difference.date
    if question is Question.url_clicked:
        return Difference.not_clicked if told is Answer.yes else Difference.clicked
    if told is Answer.no:
        return Difference.mail_sent
    if question is Question.opening_mail:
        return Difference.opening_came
    not_accepted = recorded.url_clicked is not Answer.yes
    if question is Question.acceptance_mail and not_accepted:
        return Difference.subjects
    return Difference.mail_unsent


def _mail(application: Application, kind: MailKind) -> Answer:
    mail = application.newest_mail(kind)
    return Answer.yes if mail is not None and mail.status is MailStatus.delivered else Answer.no

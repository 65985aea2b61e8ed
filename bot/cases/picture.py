"""The registration as a picture: five steps with their dates and mails, what is wrong on top.

Pure: registration, advice and billing in, texts for the page out. Words: `staff_members.yml`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.domain.billing import Billing
from actions.domain.calendar import TOKYO, tokyo_date
from actions.domain.japanese import say_date, say_day, say_month
from actions.domain.procedure import Advice, Note, Outcome, Rules
from actions.domain.progress import Step, progress
from actions.domain.registration import Application, Mail, MailKind
from actions.domain.registry import RegistryRecord

Words = Mapping[str, Any]

_MAIL_OF = {
    Step.application: MailKind.confirmation,
    Step.main_registration: MailKind.acceptance,
    Step.opening: MailKind.opening,
}
_DATE_OF = {
    Step.application: "applied_at",
    Step.main_registration: "url_clicked_at",
    Step.opening: "opened_at",
}
# Bills are seen once the registration is complete, which these are not.
_NOT_COMPLETE = frozenset(
    {Outcome.mail_address_wrong, Outcome.mail_delayed, Outcome.mail_trouble, Outcome.click_url}
)


@dataclass(frozen=True)
class MailView:
    """A mail and its fate; `tone` is a badge's class, `at` "" while it is not sent."""

    subject: str
    status: str
    tone: str
    at: str


@dataclass(frozen=True)
class StepView:
    """One of the five steps; `state` is done, current, problem or todo."""

    state: str
    state_label: str
    label: str
    dates: tuple[tuple[str, str], ...]
    mails: tuple[MailView, ...]


@dataclass(frozen=True)
class Picture:
    """What `_registration.html` draws.

    `as_of` says how old the data are, `stale` is a warning where they are too old, else "".
    """

    number: str
    name: str
    kana: str
    kind: str
    outcome: str
    tone: str
    headline: str
    next: str
    steps: tuple[StepView, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    as_of: str
    stale: str
    handover: bool


def draw(
    record: RegistryRecord,
    advice: Advice,
    billing: Billing | None,
    now: datetime,
    words: Words,
    rules: Rules,
    max_age: timedelta,
) -> Picture:
    """The picture of one number; `now` is the instant at which the advice stands."""
    said = words["outcomes"][advice.outcome.value]
    registration = record.registration
    return Picture(
        number=registration.number,
        name=record.name,
        kana=record.kana,
        kind=words["kinds"][registration.kind.value if registration.kind else "none"],
        outcome=advice.outcome.value,
        tone=said["tone"],
        headline=said["headline"],
        next=said["next"],
        steps=tuple(_steps(record, advice, now, words)),
        facts=tuple(_facts(advice, billing, now, words["facts"], words["values"])),
        notes=tuple(_notes(record, advice, now, words, rules)),
        as_of=_as_of(record, now, words),
        stale=words["stale"] if now - record.as_of > max_age else "",
        handover=advice.handover,
    )


def say_moment(instant: datetime, now: datetime) -> str:
    """6月8日（月）10:01 in Tokyo, with the year where it is not this year's."""
    return f"{say_date(tokyo_date(instant), tokyo_date(now))} {instant.astimezone(TOKYO):%H:%M}"


def _steps(
    record: RegistryRecord, advice: Advice, now: datetime, words: Words
) -> Iterator[StepView]:
    application = record.registration.application_that_counts()
    for step, state in progress(advice.outcome):
        yield StepView(
            state=state.value,
            state_label=words["states"][state.value],
            label=words["steps"][step.value],
            dates=tuple(_dates(record, application, step, now, words["dates"])),
            mails=tuple(_mails(application, step, now, words)),
        )


def _dates(
    record: RegistryRecord,
    application: Application | None,
    step: Step,
    now: datetime,
    labels: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    registered_on = record.registration.web_registered_on
    if step is Step.web_registration and registered_on is not None:
        yield labels["web_registered_on"], say_date(registered_on, tokyo_date(now))
    name = _DATE_OF.get(step)
    instant = getattr(application, name) if application and name else None
    if name and instant is not None:
        yield labels[name], say_moment(instant, now)


def _mails(
    application: Application | None, step: Step, now: datetime, words: Words
) -> Iterator[MailView]:
    kind = _MAIL_OF.get(step)
    if application is None or kind is None:
        return
    for mail in _newest_last([m for m in application.mails if m.kind is kind]):
        status = words["statuses"][mail.status.value]
        at = say_moment(mail.sent_at, now) if mail.sent_at else ""
        yield MailView(words["mails"][kind.value], status["label"], status["tone"], at)


def _newest_last(mails: list[Mail]) -> list[Mail]:
    return sorted(mails, key=lambda m: (not m.is_sent, m.sent_at.timestamp() if m.sent_at else 0.0))


def _facts(
    advice: Advice,
    billing: Billing | None,
    now: datetime,
    labels: Mapping[str, str],
    values: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    today = tokyo_date(now)
    if advice.business_days_elapsed is not None:
        since = "elapsed_accepted" if advice.accepted_on else "elapsed_applied"
        yield labels[since], values["days"].format(days=advice.business_days_elapsed)
    if advice.earliest_date is not None:
        yield labels["earliest"], say_date(advice.earliest_date, today)
    if billing is None:
        return
    month, day = say_month(billing.first_visible_month, today), say_day(billing.update_about)
    first = values["from_month"].format(month=month, day=day)
    if billing.approximate:
        first = values["approximate"].format(text=first)
    if advice.outcome in _NOT_COMPLETE:
        first = values["after_completion"].format(text=first)
    yield labels["first_visible"], first
    if billing.zero_month is not None:
        zero = say_month(billing.zero_month, today)
        yield labels["zero_month"], values["month"].format(month=zero)
    if billing.no_bill_mail_about is not None:
        about = say_day(billing.no_bill_mail_about)
        yield labels["no_bill_mail"], values["about"].format(day=about)


def _notes(
    record: RegistryRecord, advice: Advice, now: datetime, words: Words, rules: Rules
) -> Iterator[str]:
    today = tokyo_date(now)
    if advice.later_than_earliest:
        yield words["later_days"].format(days=rules.days_until_delayed)
    days = sorted(tokyo_date(a.applied_at) for a in record.registration.applications)
    for note in Note:
        if note in advice.notes:
            yield words["notes"][note.value].format(
                count=len(days),
                dates="、".join(say_date(day, today) for day in days),
                counts=say_date(advice.applied_on, today) if advice.applied_on else "",
            )


def _as_of(record: RegistryRecord, now: datetime, words: Words) -> str:
    age = _age(now - record.as_of, words["ages"])
    said = words["as_of"].format(moment=say_moment(record.as_of, now), age=age)
    return f"{said}・{words['demo']}" if record.demo else str(said)


def _age(age: timedelta, words: Mapping[str, str]) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return words["now"]
    if minutes < 60:
        return words["minutes"].format(n=minutes)
    hours = minutes // 60
    return words["hours"].format(n=hours) if hours < 48 else words["days"].format(n=hours // 24)

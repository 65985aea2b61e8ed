"""The decision from the registry (spec/outcomes.md, "Outcome from the registry")."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from actions.domain.calendar import BusinessCalendar, tokyo_date
from actions.domain.registration import Application, Mail, MailKind, MailStatus, Registration


class Outcome(StrEnum):
    """What a member is to do next; the id stands in the API, in reports and in the wording."""

    number_unknown = "number_unknown"
    web_registration_needed = "web_registration_needed"
    mypage_registration_needed = "mypage_registration_needed"
    opening_mail_bounced = "opening_mail_bounced"
    login_ready = "login_ready"
    wait_opening = "wait_opening"
    opening_delayed = "opening_delayed"
    mail_address_wrong = "mail_address_wrong"
    mail_delayed = "mail_delayed"
    mail_trouble = "mail_trouble"
    click_url = "click_url"
    wait_acceptance = "wait_acceptance"
    redo = "redo"
    mail_missing = "mail_missing"


HANDED_OVER = frozenset({Outcome.opening_delayed, Outcome.mail_trouble})


class Note(StrEnum):
    """Circumstances that change how an outcome is told (spec/voice.md, situations)."""

    acceptance_mail_bounced = "acceptance_mail_bounced"
    opening_mail_unsent = "opening_mail_unsent"
    several_applications = "several_applications"
    older_application_reached = "older_application_reached"
    counted_from_application = "counted_from_application"


@dataclass(frozen=True)
class Rules:
    """The office's numbers, in business days."""

    days_until_opening: int = 2
    days_until_delayed: int = 5
    days_until_mail_trouble: int = 1


DEFAULT_RULES = Rules()


@dataclass(frozen=True)
class Advice:
    """A decision and the data that its text tells; dates are civil dates in Asia/Tokyo.

    `business_days_elapsed` counts from acceptance, else from the application.
    `notes` holds values of `Note`.
    """

    outcome: Outcome
    earliest_date: date | None = None
    later_than_earliest: bool = False
    handover: bool = False
    applied_on: date | None = None
    accepted_on: date | None = None
    business_days_elapsed: int | None = None
    notes: frozenset[str] = frozenset()

    def facts(self) -> dict[str, str | int | bool | None]:
        """The same as JSON values under the names of spec/api.md; dates in ISO form."""
        return {
            "earliest_date": _iso(self.earliest_date),
            "later_than_earliest": self.later_than_earliest,
            "applied_on": _iso(self.applied_on),
            "accepted_on": _iso(self.accepted_on),
            "business_days_elapsed": self.business_days_elapsed,
            "handover": self.handover,
        }


def advise_from_registry(
    registration: Registration | None,
    now: datetime,
    calendar: BusinessCalendar,
    rules: Rules = DEFAULT_RULES,
) -> Advice:
    """Decide for a member whose identity is proven; `registration` None: number unknown.

    `now` is an instant; raises ValueError where it or a registered time has no time zone.
    """
    if registration is None:
        return Advice(Outcome.number_unknown)
    if registration.web_registered_on is None:
        return Advice(Outcome.web_registration_needed)
    application = registration.application_that_counts()
    if application is None:
        return Advice(Outcome.mypage_registration_needed)
    today = tokyo_date(now)
    notes = _notes(registration, application)
    if application.is_opened:
        return _opened(application, notes)
    if application.url_clicked_at is not None:
        accepted_on = tokyo_date(application.url_clicked_at)
        applied_on = tokyo_date(application.applied_at)
        return accepted(today, calendar, rules, accepted_on, applied_on, notes)
    return _not_accepted(application, today, calendar, rules, notes)


def accepted(
    today: date,
    calendar: BusinessCalendar,
    rules: Rules,
    accepted_on: date | None,
    applied_on: date | None,
    notes: frozenset[str] = frozenset(),
) -> Advice:
    """Decide for an accepted application that is not opened (rows 6 and 7).

    Counts from acceptance where it is known, else from the application, which is never
    later; with neither date there is only the waiting.
    """
    start = accepted_on or applied_on
    if start is None:
        return Advice(Outcome.wait_opening, notes=notes)
    if accepted_on is None:
        notes |= {Note.counted_from_application}
    elapsed = calendar.business_days_elapsed(start, today)
    delayed = elapsed >= rules.days_until_delayed
    earliest = None if delayed else calendar.add_business_days(start, rules.days_until_opening)
    return Advice(
        Outcome.opening_delayed if delayed else Outcome.wait_opening,
        earliest_date=earliest,
        later_than_earliest=earliest is not None and today > earliest,
        handover=delayed,
        applied_on=applied_on,
        accepted_on=accepted_on,
        business_days_elapsed=elapsed,
        notes=notes,
    )


def _opened(application: Application, notes: frozenset[str]) -> Advice:
    bounced = _status(application.newest_mail(MailKind.opening)) is MailStatus.bounced
    clicked_at = application.url_clicked_at
    return Advice(
        Outcome.opening_mail_bounced if bounced else Outcome.login_ready,
        applied_on=tokyo_date(application.applied_at),
        accepted_on=tokyo_date(clicked_at) if clicked_at else None,
        notes=notes,
    )


def _not_accepted(
    application: Application,
    today: date,
    calendar: BusinessCalendar,
    rules: Rules,
    notes: frozenset[str],
) -> Advice:
    applied_on = tokyo_date(application.applied_at)
    elapsed = calendar.business_days_elapsed(applied_on, today)
    status = _status(application.newest_mail(MailKind.confirmation))
    if status is MailStatus.bounced:
        outcome = Outcome.mail_address_wrong
    elif status is MailStatus.delivered:
        outcome = Outcome.click_url
    elif elapsed < rules.days_until_mail_trouble:
        outcome = Outcome.mail_delayed
    else:
        outcome = Outcome.mail_trouble
    return Advice(
        outcome,
        handover=outcome in HANDED_OVER,
        applied_on=applied_on,
        business_days_elapsed=elapsed,
        notes=notes,
    )


def _notes(registration: Registration, application: Application) -> frozenset[str]:
    notes: set[str] = set()
    if len(registration.applications) > 1:
        notes.add(Note.several_applications)
    opening = application.newest_mail(MailKind.opening)
    if application.is_opened and (opening is None or not opening.is_sent):
        notes.add(Note.opening_mail_unsent)
    if _status(application.newest_mail(MailKind.acceptance)) is MailStatus.bounced:
        notes.add(Note.acceptance_mail_bounced)
    if _confirmation_is(application, MailStatus.bounced) and any(
        _confirmation_is(other, MailStatus.delivered)
        for other in registration.applications
        if other.applied_at < application.applied_at
    ):
        notes.add(Note.older_application_reached)
    return frozenset(notes)


def _confirmation_is(application: Application, status: MailStatus) -> bool:
    return _status(application.newest_mail(MailKind.confirmation)) is status


def _status(mail: Mail | None) -> MailStatus | None:
    return mail.status if mail else None


def _iso(d: date | None) -> str | None:
    return d.isoformat() if d else None

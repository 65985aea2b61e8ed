"""What the registry knows of one registration number (spec/outcomes.md, registry facts)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MailKind(StrEnum):
    """The three mails of the procedure, in the order in which they are sent."""

    confirmation = "confirmation"
    acceptance = "acceptance"
    opening = "opening"


class MailStatus(StrEnum):
    """How far the mail server came with a mail; queued and deferred are not sent yet."""

    queued = "queued"
    deferred = "deferred"
    delivered = "delivered"
    bounced = "bounced"


class MemberKind(StrEnum):
    """Whose membership a number is; one doctor may hold one of each."""

    individual = "individual"
    corporate = "corporate"


_UNSENT = frozenset({MailStatus.queued, MailStatus.deferred})


@dataclass(frozen=True)
class Mail:
    """One mail to the applicant; `sent_at` is an instant, None while it is not sent."""

    kind: MailKind
    status: MailStatus
    sent_at: datetime | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the mail has left the office, well or badly."""
        return self.status not in _UNSENT


@dataclass(frozen=True)
class Application:
    """One application for My Page; all times are instants.

    `url_clicked_at` is the main registration, which is what accepts the application.
    """

    applied_at: datetime
    url_clicked_at: datetime | None = None
    opened_at: datetime | None = None
    mails: tuple[Mail, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the main registration was finished."""
        return self.url_clicked_at is not None

    @property
    def is_opened(self) -> bool:
        """Whether My Page was opened for use."""
        return self.opened_at is not None

    def newest_mail(self, kind: MailKind) -> Mail | None:
        """The mail of this kind that counts: an unsent one, else the last one sent."""
        mails = [mail for mail in self.mails if mail.kind is kind]
        return max(enumerate(mails), key=_newness, default=(0, None))[1]


@dataclass(frozen=True)
class Registration:
    """The state of one registration number; `web_registered_on` is a civil date."""

    number: str
    kind: MemberKind | None = None
    web_registered_on: date | None = None
    applications: tuple[Application, ...] = ()
    name: str | None = None

    def application_that_counts(self) -> Application | None:
        """The latest application; but an opened one beats any, an accepted one the rest."""
        return max(
            self.applications,
            key=lambda a: (a.is_opened, a.is_accepted, a.applied_at),
            default=None,
        )


def _newness(place_and_mail: tuple[int, Mail]) -> tuple[bool, bool, float, int]:
    place, mail = place_and_mail
    # A sent mail without its time is taken as just sent. Equal times: the later entry.
    return (
        not mail.is_sent,
        mail.sent_at is None,
        mail.sent_at.timestamp() if mail.sent_at else 0.0,
        place,
    )

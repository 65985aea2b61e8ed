"""Registrations from the rows of the specification's tables, and short builders of our own."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from actions.domain.calendar import TOKYO
from actions.domain.registration import Application, Mail, MailKind, MailStatus, Registration


def at(text: str) -> datetime:
    """An instant from "2026-06-09 08:10" in Tokyo."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def mail(kind: str, status: str, sent_at: datetime | None = None) -> Mail:
    return Mail(MailKind(kind), MailStatus(status), sent_at)


def application(
    applied: str,
    *mails: Mail,
    clicked: str | None = None,
    opened: str | None = None,
) -> Application:
    return Application(
        at(applied), at(clicked) if clicked else None, at(opened) if opened else None, mails
    )


def delivered(applied: str) -> Mail:
    """A first mail that was delivered a minute after the application."""
    return mail("confirmation", "delivered", at(applied) + timedelta(minutes=1))


def registration(*applications: Application) -> Registration:
    return Registration(
        "123456", web_registered_on=date(2026, 1, 5), applications=tuple(applications)
    )


def from_row(row: Mapping[str, Any]) -> Registration | None:
    """The registration of a row of advice_registry.jsonl; None where there is no member."""
    if row["member"] is None:
        return None
    return Registration(
        number=row["member"]["number"],
        web_registered_on=_date(row["web_registered_on"]),
        applications=tuple(
            Application(
                applied_at=datetime.fromisoformat(a["applied_at"]),
                url_clicked_at=_instant(a["url_clicked_at"]),
                opened_at=_instant(a["opened_at"]),
                mails=tuple(
                    mail(m["kind"], m["status"], _instant(m["sent_at"])) for m in a["mails"]
                ),
            )
            for a in row["applications"]
        ),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

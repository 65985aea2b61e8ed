"""From which month bills can be seen (spec/outcomes.md, "Billing")."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True)
class Billing:
    """The billing view of one application; months are "YYYY-MM", days civil dates.

    `zero_month` shows 0 yen; around `no_bill_mail_about` a mail may say that there is
    no bill. `approximate`: the rule gives a month, only a person can be sure of it.
    """

    applied_on: date
    first_visible_month: str
    zero_month: str | None
    update_about: date
    no_bill_mail_about: date | None
    approximate: bool = False

    def facts(self) -> dict[str, str | bool | None]:
        """The same as JSON values under the names of spec/api.md; dates in ISO form."""
        mail = self.no_bill_mail_about
        return {
            "applied_on": self.applied_on.isoformat(),
            "first_visible_month": self.first_visible_month,
            "zero_month": self.zero_month,
            "update_about": self.update_about.isoformat(),
            "no_bill_mail_about": mail.isoformat() if mail else None,
            "approximate": self.approximate,
        }


def billing_view(
    applied_on: date, cutoff_day: int = 15, update_day: int = 25, clicked_on: date | None = None
) -> Billing:
    """What an application on `applied_on` (civil date) will show, and from when.

    `cutoff_day` and `update_day` are days of the month, clipped to its length;
    `clicked_on` is the day of the main registration where it is known.
    Raises ValueError for a day outside 1-31.
    """
    cutoff = _day_of_month(applied_on, cutoff_day)
    before_cutoff = applied_on <= cutoff
    first = applied_on if before_cutoff else applied_on + relativedelta(months=1)
    own_update = _day_of_month(applied_on, update_day)
    # Applied after the update day: the day of that mail is past, so it is left out.
    mail_possible = not before_cutoff and applied_on <= own_update
    return Billing(
        applied_on=applied_on,
        first_visible_month=_month(first),
        zero_month=None if before_cutoff else _month(applied_on),
        update_about=_day_of_month(first, update_day),
        no_bill_mail_about=own_update if mail_possible else None,
        approximate=before_cutoff and clicked_on is not None and clicked_on > cutoff,
    )


def _day_of_month(d: date, day: int) -> date:
    if not 1 <= day <= 31:
        raise ValueError("a day of the month lies between 1 and 31")
    return d.replace(day=min(day, monthrange(d.year, d.month)[1]))


def _month(d: date) -> str:
    return f"{d:%Y-%m}"

"""Reads what a picture of a registration needs."""

from sqlalchemy.orm import Session, sessionmaker

from actions.domain.billing import Billing, billing_view
from actions.domain.calendar import tokyo_date
from actions.domain.procedure import Rules, advise_from_registry
from actions.domain.registration import Registration
from actions.domain.registry import Registry, RegistryRecord
from bot.cases.picture import Picture, draw
from bot.clock import Clock
from bot.settings import Settings
from bot.wording import staff_members


class Pictures:
    """The same rules as in every answer to members (`actions.domain.procedure`).

    Whoever shows a picture has made sure of the caller and has noted it in the audit trail.
    """

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, settings: Settings) -> None:
        self.registry = Registry(sessions)
        self._clock = clock
        self._cutoff_day = settings.cutoff_day
        self._update_day = settings.update_day
        self._max_age = settings.registry_max_age
        self._rules = Rules(
            settings.days_until_opening,
            settings.days_until_delayed,
            settings.days_until_mail_trouble,
        )

    def of(self, number: str) -> Picture | None:
        """The picture of a number now; None where the registry does not have it.

        Raises `sqlalchemy.exc.SQLAlchemyError`.
        """
        record = self.registry.look_up(number)
        return None if record is None else self.draw(record)

    def draw(self, record: RegistryRecord) -> Picture:
        """The same for a record that was read already."""
        now = self._clock()
        registration, calendar = record.registration, self.registry.calendar()
        advice = advise_from_registry(registration, now, calendar, self._rules)
        billing = self._billing(registration)
        words = staff_members("registration")
        return draw(record, advice, billing, now, words, self._rules, self._max_age)

    def _billing(self, registration: Registration) -> Billing | None:
        application = registration.application_that_counts()
        if application is None:
            return None
        applied_on, clicked_at = tokyo_date(application.applied_at), application.url_clicked_at
        cutoff = self.registry.cutoff_day(f"{applied_on:%Y-%m}", self._cutoff_day)
        clicked_on = tokyo_date(clicked_at) if clicked_at else None
        return billing_view(applied_on, cutoff, self._update_day, clicked_on)

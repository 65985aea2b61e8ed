"""From which month bills can be seen: by the registry, by a date that was said, else the rule."""

from datetime import date, datetime
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.billing import Billing, billing_view
from actions.domain.calendar import tokyo_date
from actions.domain.claims import UNKNOWN
from actions.domain.dates import read_date
from actions.domain.japanese import say_date, say_day, say_instant, say_month
from actions.domain.small_questions import SmallQuestion
from actions.handlers.desk import Desk, RegistryUnavailable, Speaker
from actions.handlers.reading import check_is_running, heard, last_bot_custom
from actions.handlers.small_questions import open_question

BILLING_TOPICS = frozenset({"billing_start", "billing_zero"})


def actions(desk: Desk) -> list[Action]:
    """The handlers of these topics."""
    return [BillingAction(desk)]


class BillingAction(Action):
    """`billing_start` and `billing_zero`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_billing"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        message = heard(tracker)
        topic = "billing_zero" if message.intent == "billing_zero" else "billing_start"
        speaker = await self._desk.speaker(tracker.sender_id)
        said = read_date(message.text, speaker.today).date
        if said is not None:
            await tell_billing(dispatcher, self._desk, speaker, topic, said)
            return []
        if speaker.number is not None and await _tell_own(dispatcher, self._desk, speaker, topic):
            return []
        return await self._by_known_date(dispatcher, tracker, speaker, topic)

    async def _by_known_date(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, speaker: Speaker, topic: str
    ) -> list[EventType]:
        known = tracker.get_slot("applied_on")
        day = date.fromisoformat(known) if known and known != UNKNOWN else None
        if topic == "billing_start" or day is None or not await self._shows_zero(day):
            _tell_rule(dispatcher, topic)
        if day is not None:
            await tell_billing(dispatcher, self._desk, speaker, topic, day)
        elif not check_is_running(tracker):
            dispatcher.utter_message(response="utter_ask_billing_applied_on", topic=topic)
            return open_question(tracker, SmallQuestion.applied_on)
        return []

    async def _shows_zero(self, day: date) -> bool:
        """Whether the month of an application on `day` shows 0 yen: its own words say the rule."""
        cutoff = await self._desk.cutoff_day(day)
        return billing_view(day, cutoff, self._desk.update_day).zero_month is not None


def _tell_rule(dispatcher: CollectingDispatcher, topic: str) -> None:
    zero = topic == "billing_zero"
    dispatcher.utter_message(response="utter_billing_zero_rule" if zero else "utter_billing_rule")


async def tell_billing(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    speaker: Speaker,
    topic: str,
    applied_on: date,
    clicked_on: date | None = None,
    complete: bool = True,
    as_of: datetime | None = None,
) -> None:
    """The concrete months for an application on `applied_on` (civil date).

    `as_of` is the instant of the registry's data where the date comes from there.
    """
    view = billing_view(applied_on, await desk.cutoff_day(applied_on), desk.update_day, clicked_on)
    own_month = view.zero_month is None
    key = "own_month" if own_month else "next_month"
    dispatcher.utter_message(
        response=f"utter_billing_from_{key}" + ("_recorded" if as_of else ""),
        topic=topic,
        facts=view.facts(),
        **_words(view, speaker.today, as_of),
    )
    if view.no_bill_mail_about is not None:
        dispatcher.utter_message(
            response="utter_billing_no_bill_mail",
            topic=topic,
            mail_day=say_day(view.no_bill_mail_about),
        )
    if view.approximate:
        dispatcher.utter_message(response="utter_billing_approximate", topic=topic)
    if not complete:
        dispatcher.utter_message(response="utter_billing_after_completion", topic=topic)


def _words(view: Billing, today: date, as_of: datetime | None) -> dict[str, Any]:
    applied = say_date(view.applied_on, today)
    month = say_month(view.first_visible_month, today)
    return {
        "applied": applied,
        "as_of": say_instant(as_of) if as_of else "",
        "first_month": month,
        "first_month_short": month.rsplit("年", 1)[-1],
        "update": say_day(view.update_about),
        "zero_month": say_month(view.zero_month, today) if view.zero_month else "",
    }


async def _tell_own(
    dispatcher: CollectingDispatcher, desk: Desk, speaker: Speaker, topic: str
) -> bool:
    """Tell by the registry; False where it cannot be asked, so that the rule is told instead."""
    try:
        found = await desk.look_up(speaker)
    except RegistryUnavailable:
        dispatcher.utter_message(response="utter_registry_unavailable", topic=topic)
        return False
    registration = found.record.registration if found.record else None
    application = registration.application_that_counts() if registration else None
    if application is None:
        _tell_rule(dispatcher, topic)
        dispatcher.utter_message(
            response="utter_billing_no_application",
            topic=topic,
            as_of=say_instant(found.as_of),
        )
        return True
    clicked = application.url_clicked_at
    await tell_billing(
        dispatcher,
        desk,
        speaker,
        topic,
        tokyo_date(application.applied_at),
        tokyo_date(clicked) if clicked else None,
        complete=clicked is not None,
        as_of=found.as_of,
    )
    return True


async def take_billing_date(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    tracker: Tracker,
    speaker: Speaker,
    words: str,
) -> list[EventType]:
    """The answer to 「いつ申し込まれましたか」 after a billing question: a date in words."""
    last = last_bot_custom(tracker).get("topic")
    topic = last if last in BILLING_TOPICS else "billing_start"
    reading = read_date(words, speaker.today)
    if reading.date is not None:
        await tell_billing(dispatcher, desk, speaker, topic, reading.date)
        return [SlotSet("applied_on", reading.date.isoformat())]
    # A vague date is asked back once; then it counts as unknown.
    asked_back = last_bot_custom(tracker).get("asked_back")
    if words == UNKNOWN or asked_back or reading.problem in (None, "none"):
        unknown = speaker.to_identify("utter_billing_unknown_date")
        dispatcher.utter_message(response=unknown, topic=topic)
        return []
    dispatcher.utter_message(response=f"utter_date_{reading.problem}", topic=topic)
    dispatcher.utter_message(response="utter_ask_billing_applied_on_again", topic=topic)
    return open_question(tracker, SmallQuestion.applied_on)

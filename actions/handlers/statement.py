"""Yes, no, don't know or a date while nothing is being asked by the form.

What is meant depends on what was said last: a correction of the check, the date after a billing
question, news for a verified member's look-up, or a topic told as a statement.
"""

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.claims import path
from actions.domain.dates import read_date
from actions.domain.heard import Heard, take_statement
from actions.handlers.billing import BILLING_TOPICS, take_billing_date
from actions.handlers.clarify import COMMONEST, TOPIC_OF, offer
from actions.handlers.desk import Desk, Speaker
from actions.handlers.procedure_check import go_on, open_check
from actions.handlers.reading import claims, heard, last_bot_custom
from actions.handlers.status_lookup import tell_status
from actions.handlers.telephone import tell_compared

# A topic that is told as a statement must stand out among the topics that are left.
_CLEAR = 0.6
# Below that a message names no topic at all: 「はい」 where nothing was asked.
_NAMED = 0.03


def actions(desk: Desk) -> list[Action]:
    """The handler of affirm, deny, unsure and inform_date outside the form."""
    return [Statement(desk)]


class Statement(Action):
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_statement"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        message = heard(tracker)
        speaker = await self._desk.speaker(tracker.sender_id)
        last = last_bot_custom(tracker)
        dated = read_date(message.text, speaker.today).date is not None
        if last.get("topic") in BILLING_TOPICS and dated:
            return await take_billing_date(dispatcher, self._desk, tracker, speaker, message.text)
        after = take_statement(message, claims(tracker), speaker.today)
        if after is not None:
            return await self._stated(dispatcher, tracker, speaker, after)
        return await self._as_topic(dispatcher, tracker, message)

    async def _stated(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, speaker: Speaker, after: Any
    ) -> list[EventType]:
        if speaker.number is not None and speaker.on_telephone:
            compared = await tell_compared(self._desk, dispatcher, tracker, speaker, after)
            if compared is not None:
                return compared
        if speaker.number is not None:
            return await tell_status(self._desk, dispatcher, tracker)
        checked = path(claims(tracker))
        dispatcher.utter_message(
            response="utter_check_changed" if checked else "utter_check_reason"
        )
        return await go_on(self._desk, dispatcher, tracker, speaker, after)

    async def _as_topic(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, message: Heard
    ) -> list[EventType]:
        intent, confidence = message.best_topic()
        topic = TOPIC_OF.get(intent or "", intent or "")
        clear = topic in ("mail_missing", "login_failed", "procedure_check") and (
            _share(message, intent or "") >= _CLEAR
        )
        if clear and topic == "mail_missing":
            dispatcher.utter_message(response="utter_mail_missing")
            return []
        if clear:
            return await open_check(self._desk, dispatcher, tracker, topic)
        nameless = confidence < _NAMED or topic == "out_of_scope"
        offer(dispatcher, self._desk, message, topics=COMMONEST if nameless else ())
        return []


def _share(message: Heard, intent: str) -> float:
    """How much of the topics' confidence one intent has (0-1)."""
    _, confidence = message.best_topic()
    others = sum(
        value
        for name, value in message.ranking.items()
        if name not in ("affirm", "deny", "unsure", "inform_date", "nlu_fallback")
    )
    return confidence / others if others and intent else 0.0

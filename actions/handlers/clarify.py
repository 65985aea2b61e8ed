"""Not sure what is meant: two or three likely topics as choices, and a person last."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.answers import claims_in_text
from actions.domain.claims import Question
from actions.domain.heard import Heard
from actions.handlers.desk import Desk
from actions.handlers.handing_over import misunderstood
from actions.handlers.procedure_check import open_check
from actions.handlers.reading import check_is_running, heard, intent_of, turns
from actions.handlers.telling import tell_url_error, tells_of_url

# Finer intents are offered as the topic that they belong to.
TOPIC_OF = {
    "url_error": "procedure_check",
    "mail_suspicious": "mail_meaning",
    "forgot_address": "mail_missing",
    "proxy": "faq",
    "complaint": "handoff",
    "leaving": "handoff",
}
_NEVER_OFFERED = frozenset(
    {
        "nlu_fallback",
        "affirm",
        "deny",
        "unsure",
        "inform_date",
        "answer",
        "handoff",
        "go_back",
        "start_over",
        "stop_check",
        "greet",
        "thanks",
        "goodbye",
    }
)
# Offered where a message names no topic at all (「はい」, 「まだ」 with nothing asked).
COMMONEST = ("procedure_check", "register_web", "mail_missing")
_MOST = 3
# A third choice that is all but impossible would only cost the reader time.
_WORTH_OFFERING = 0.02


def actions(desk: Desk) -> list[Action]:
    """The handlers of misunderstanding."""
    return [Clarify(desk), LastResort(desk)]


def offered_topics(message: Heard) -> list[str]:
    """The likeliest topics (at most three, at least two where there are any), best first."""
    found: dict[str, float] = {}
    for intent, confidence in message.ranking.items():
        topic = TOPIC_OF.get(intent, intent)
        if topic not in _NEVER_OFFERED:
            found[topic] = found.get(topic, 0.0) + confidence
    ordered = sorted(found, key=lambda t: found[t], reverse=True)
    return [t for i, t in enumerate(ordered[:_MOST]) if i < 2 or found[t] >= _WORTH_OFFERING]


def offer(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    message: Heard,
    words: Mapping[str, Any] | None = None,
    topics: Sequence[str] = (),
) -> None:
    """Ask which topic is meant: the likeliest, or `topics`; `words` are others than at first."""
    topics = topics or offered_topics(message) or ["capabilities"]
    dispatcher.utter_message(
        **(words or {"response": "utter_clarify"}),
        buttons=[{"title": desk.labels[t], "payload": f"/{t}"} for t in [*topics, "handoff"]],
    )


class Clarify(Action):
    """`nlu_fallback`: a second time in a row a person is offered in words too."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_clarify"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if tells_of_url(tracker) and not check_is_running(tracker):
            tell_url_error(dispatcher, tracker)
            return []
        if claims_in_text(heard(tracker).text) and not check_is_running(tracker):
            # Said which mail came and which not: that is what the check would ask.
            return await open_check(self._desk, dispatcher, tracker, "procedure_check")
        before = takewhile(lambda event: intent_of(event) == "nlu_fallback", turns(tracker))
        again = next(before, None) is not None
        words = await misunderstood(self._desk, tracker) if again else None
        offer(dispatcher, self._desk, heard(tracker), words)
        return []


class LastResort(Action):
    """No rule applied: never silent, never a wedge; the open question or the menu."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_default_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        asked = tracker.get_slot("requested_slot")
        if check_is_running(tracker) and asked in set(Question):
            dispatcher.utter_message(response=f"utter_ask_procedure_form_{asked}")
        else:
            offer(dispatcher, self._desk, heard(tracker))
        return []

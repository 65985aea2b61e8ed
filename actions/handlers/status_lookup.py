"""「自分の登録状況を知りたい」: the state where identity is proven, else how to prove it."""

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.answers import claims_in_text
from actions.domain.small_questions import SmallQuestion
from actions.handlers.desk import Desk, RegistryUnavailable, Speaker
from actions.handlers.procedure_check import after_advice, tell_disagreement
from actions.handlers.reading import heard
from actions.handlers.small_questions import end_check, listen, open_question
from actions.handlers.telling import tell_registry


def actions(desk: Desk) -> list[Action]:
    """The handlers of this topic."""
    return [StatusLookup(desk)]


async def tell_status(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    """The state with progress picture and next step, or the ways to get there."""
    speaker = await desk.speaker(tracker.sender_id)
    if speaker.number is None:
        return tell_how_to_check(desk, dispatcher, tracker, speaker)
    try:
        advice = await tell_registry(dispatcher, desk, speaker, "status_lookup")
    except RegistryUnavailable:
        dispatcher.utter_message(response="utter_registry_unavailable")
        return open_question(tracker, SmallQuestion.how_to_check)
    tell_disagreement(dispatcher, advice, claims_in_text(heard(tracker).text))
    return after_advice(tracker, advice)


def tell_how_to_check(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, speaker: Speaker
) -> list[EventType]:
    """Ask a guest how to get there; the mailed code only where mails can be sent.

    A running check steps aside, for its own question would take the place of the ways; on the
    telephone it goes on, since the clerk verifies the caller outside the conversation.
    """
    by_mail = "_mail" if desk.identity.offered else ""
    dispatcher.utter_message(response=speaker.to_identify(f"utter_ask_how_to_check{by_mail}"))
    ask = open_question if speaker.on_telephone else listen
    return ask(tracker, SmallQuestion.how_to_check)


class StatusLookup(Action):
    """`status_lookup`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_status_lookup"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        speaker = await self._desk.speaker(tracker.sender_id)
        # A caller who has just been verified hears the state, and nothing more is asked.
        known_now = speaker.on_telephone and speaker.number is not None
        ended = end_check(tracker) if known_now else []
        return [*ended, *await tell_status(self._desk, dispatcher, tracker)]

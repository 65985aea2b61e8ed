"""A person is wanted; the check steps aside, what was answered stays."""

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.words import tells_of_death
from actions.handlers.desk import Desk
from actions.handlers.handing_over import tell_person
from actions.handlers.reading import heard


def actions(desk: Desk) -> list[Action]:
    """The handlers of this topic."""
    return [HandOff(desk)]


class HandOff(Action):
    """`handoff`, `complaint` and `leaving`; a death is met with condolence first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        message = heard(tracker)
        key = message.intent if message.intent in ("complaint", "leaving") else "handoff"
        if tells_of_death(message.text):
            key = "condolence"
        return await tell_person(self._desk, dispatcher, tracker, key)

"""When My Page can be used: the rule and the date for an application made today."""

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.japanese import say_date
from actions.handlers.desk import Desk


def actions(desk: Desk) -> list[Action]:
    """The handlers of this topic."""
    return [Availability(desk)]


class Availability(Action):
    """`availability`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_availability"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        speaker = await self._desk.speaker(tracker.sender_id)
        days = self._desk.rules.days_until_opening
        earliest = (await self._desk.calendar()).add_business_days(speaker.today, days)
        dispatcher.utter_message(
            response="utter_availability",
            opening_days=str(days),
            today=say_date(speaker.today),
            earliest=say_date(earliest, speaker.today),
            facts={"earliest_date": earliest.isoformat()},
        )
        return []

"""Forgotten ID or password: which of the two logins, then the FAQ and a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.domain.words import named_login
from actions.handlers.reading import heard


def actions(desk: Any) -> list[Action]:
    """The handlers of this topic."""
    return [Credentials()]


class Credentials(Action):
    """`credentials_forgotten`; a text that names the login is not asked again."""

    def name(self) -> str:
        return "action_credentials"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        login = named_login(heard(tracker).text)
        dispatcher.utter_message(
            response=f"utter_credentials_{login}" if login else "utter_ask_which_login"
        )
        return []

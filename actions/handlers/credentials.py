"""Forgotten ID or password: which of the two logins, then the FAQ and a person."""

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.small_questions import SmallQuestion
from actions.domain.words import named_login
from actions.handlers.reading import check_is_running, check_waits, heard
from actions.handlers.small_questions import listen


def actions(desk: Any) -> list[Action]:
    """The handlers of this topic."""
    return [Credentials()]


class Credentials(Action):
    """`credentials_forgotten`; a text that names the login is not asked again."""

    def name(self) -> str:
        return "action_credentials"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        login = named_login(heard(tracker).text)
        if login is not None:
            dispatcher.utter_message(response=f"utter_credentials_{login}")
            return []
        # Under the check's question this one's choices would be gone: it steps aside until then.
        in_check = check_is_running(tracker) or check_waits(tracker)
        dispatcher.utter_message(
            response="utter_ask_which_login_in_check" if in_check else "utter_ask_which_login"
        )
        return listen(tracker, SmallQuestion.which_login)

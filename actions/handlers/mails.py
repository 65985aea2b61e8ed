"""Mails that do not come and URLs that fail; a second time it goes to a person."""

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.answers import claims_in_text, url_failed
from actions.domain.claims import Answer, Question
from actions.domain.procedure import Outcome
from actions.handlers.desk import Desk, RegistryUnavailable
from actions.handlers.procedure_check import open_check
from actions.handlers.reading import asked_before, check_is_running, heard, said_before
from actions.handlers.telling import tell_registry, tell_url_error

# Where a mail was sent, the places to look at help; elsewhere the state says what to do.
_WHERE_TO_LOOK = frozenset({Outcome.click_url, Outcome.wait_opening})


def actions(desk: Desk) -> list[Action]:
    """The handlers of these topics."""
    return [MailMissing(desk), UrlError(desk)]


class MailMissing(Action):
    """`mail_missing`: with identity what the registry says of that mail, then where to look."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_mail_missing"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        speaker = await self._desk.speaker(tracker.sender_id)
        variant = ""
        if speaker.number is not None and not check_is_running(tracker):
            try:
                advice = await tell_registry(dispatcher, self._desk, speaker, "mail_missing")
                if advice.outcome not in _WHERE_TO_LOOK:
                    return []
                if advice.outcome is Outcome.wait_opening:
                    variant = "_accepted"  # nobody who is done need apply again
            except RegistryUnavailable:
                dispatcher.utter_message(
                    response="utter_registry_unavailable", topic="mail_missing"
                )
        told = said_before(tracker, "utter_claims_mail_missing")
        if told or asked_before(tracker, "mail_missing"):
            variant = "_again"
        dispatcher.utter_message(response=f"utter_mail_missing{variant}")
        return []


class UrlError(Action):
    """`url_error`: apply again; when that failed too, a person.

    A URL that was not pressed yet (「まだ押していません」) is no error: the check says what to do.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_url_error"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        text = heard(tracker).text
        not_pressed = claims_in_text(text).get(Question.url_clicked) is Answer.no
        if not_pressed and not url_failed(text) and not check_is_running(tracker):
            return await open_check(self._desk, dispatcher, tracker, "procedure_check")
        tell_url_error(dispatcher, tracker)
        return []

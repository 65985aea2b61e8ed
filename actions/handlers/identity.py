"""The mailed code in the conversation, and which of several numbers is spoken of.

Numbers and codes themselves never get here: the app says only what became of them.
"""

from collections.abc import Sequence

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.small_questions import SmallQuestion
from actions.handlers.desk import Desk, NumberOption, Speaker
from actions.handlers.handing_over import tell_contact
from actions.handlers.reading import heard
from actions.handlers.small_questions import end_check, listen
from actions.handlers.status_lookup import tell_how_to_check, tell_status

_ASKS_FOR = {
    "number": ("utter_ask_mail_number", SmallQuestion.mail_number),
    "number_taken": ("utter_mail_code_sent", SmallQuestion.mail_code),
    "number_length": ("utter_mail_number_length", SmallQuestion.mail_number),
    "code_wrong": ("utter_mail_code_wrong", SmallQuestion.mail_code),
    "code_length": ("utter_mail_code_length", SmallQuestion.mail_code),
    "code_expired": ("utter_mail_code_expired", SmallQuestion.mail_code),
    "code_locked": ("utter_mail_code_locked", SmallQuestion.mail_code),
    "code_missing": ("utter_mail_code_missing", SmallQuestion.mail_code),
    "too_many": ("utter_mail_too_many", SmallQuestion.how_to_check),
}

CONTACT_STEPS = frozenset({"phone_taken", "phone_odd", "mail_taken", "mail_odd"})


def actions(desk: Desk) -> list[Action]:
    """The handler of what became of a number or a code."""
    return [IdentityStep(desk)]


async def ask_number(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[EventType]:
    """Ask for the registration number; a member who is known already hears the state."""
    speaker = await desk.speaker(tracker.sender_id)
    if speaker.number is not None:
        return await tell_status(desk, dispatcher, tracker)
    if not desk.identity.offered:
        return tell_how_to_check(desk, dispatcher, tracker, speaker)
    await desk.identity.ask_number(tracker.sender_id)
    return _tell(dispatcher, tracker, speaker, "number")


async def take_code_answer(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
) -> list[EventType]:
    """A button or words instead of the code: another one, another number, it did not come."""
    speaker = await desk.speaker(tracker.sender_id)
    if value == "missing":
        return _tell(dispatcher, tracker, speaker, "code_missing")
    if value == "resend" and desk.identity.offered:
        if speaker.number is not None:
            return await tell_status(desk, dispatcher, tracker)
        step = await desk.identity.resend(tracker.sender_id)
        if step != "number":
            return _tell(dispatcher, tracker, speaker, step)
    return await ask_number(desk, dispatcher, tracker)


async def take_number_choice(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
) -> list[EventType]:
    """Which of the speaker's numbers; `ask` asks it."""
    options = await desk.identity.numbers(tracker.sender_id)
    if value != "ask" and await desk.identity.switch(tracker.sender_id, value):
        return [*end_check(tracker), *await tell_status(desk, dispatcher, tracker)]
    if len(options) > 1:
        return _ask_which(desk, dispatcher, tracker, options)
    speaker = await desk.speaker(tracker.sender_id)
    if speaker.number is None:
        return tell_how_to_check(desk, dispatcher, tracker, speaker)
    dispatcher.utter_message(response=speaker.to_identify("utter_only_one_number"))
    return []


class IdentityStep(Action):
    """`identity_step`: the app has taken a number or a code out of the latest message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_identity_step"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        step = heard(tracker).value or ""
        if step in CONTACT_STEPS:
            return tell_contact(dispatcher, tracker, step)
        if step != "code_ok":
            speaker = await self._desk.speaker(tracker.sender_id)
            known = step if step in _ASKS_FOR else "code_expired"
            return _tell(dispatcher, tracker, speaker, known)
        dispatcher.utter_message(response="utter_mail_proven")
        options = await self._desk.identity.numbers(tracker.sender_id)
        if len(options) > 1:
            return _ask_which(self._desk, dispatcher, tracker, options)
        told = await tell_status(self._desk, dispatcher, tracker)
        return [*end_check(tracker), *told]


def _tell(
    dispatcher: CollectingDispatcher, tracker: Tracker, speaker: Speaker, step: str
) -> list[EventType]:
    response, question = _ASKS_FOR[step]
    offers_login = step == "too_many"
    dispatcher.utter_message(response=speaker.to_identify(response) if offers_login else response)
    return listen(tracker, question)


def _ask_which(
    desk: Desk,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    options: Sequence[NumberOption],
) -> list[EventType]:
    buttons = [
        {
            "title": option.label,
            "payload": f'/answer{{"question":"which_number","value":"{option.value}"}}',
        }
        for option in options
    ]
    person = {"title": desk.labels["handoff"], "payload": "/handoff"}
    dispatcher.utter_message(response="utter_ask_which_number", buttons=[*buttons, person])
    return listen(tracker, SmallQuestion.which_number)

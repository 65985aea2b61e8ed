"""A pressed button that answers a question, outside the check's form, however old it is."""

from collections.abc import Awaitable, Callable

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.claims import Question
from actions.domain.heard import with_choice
from actions.domain.small_questions import SmallQuestion
from actions.handlers.billing import BILLING_TOPICS, take_billing_date
from actions.handlers.clarify import offer
from actions.handlers.desk import Desk
from actions.handlers.handing_over import take_answer_by, tell_left, tell_person
from actions.handlers.identity import ask_number, take_code_answer, take_number_choice
from actions.handlers.procedure_check import go_on
from actions.handlers.reading import (
    FORM,
    check_is_running,
    check_waits,
    claims,
    heard,
    last_bot_custom,
    said_before,
)
from actions.handlers.small_questions import open_question
from actions.handlers.status_lookup import tell_status
from actions.handlers.telephone import tell_compared

_LEADS_ELSEWHERE = frozenset(
    {"stop_check", "goodbye", "handoff", "complaint", "leaving", "status_lookup"}
)

Run = Callable[[CollectingDispatcher, Tracker, str], Awaitable[list[EventType]]]


def actions(desk: Desk) -> list[Action]:
    """The handlers of answers outside the check's form."""
    choice = Choice(desk)
    return [choice, SmallAnswer(choice)]


class Choice(Action):
    """`answer`: which question the button belonged to decides."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_question: dict[str, Run] = {
            "which_login": self._which_login,
            "how_to_check": self._how_to_check,
            "login_result": self._login_result,
            "mail_checked": self._mail_checked,
            "check": self._continue_check,
            "mail_number": self._how_to_check,
            "mail_code": self._mail_code,
            "which_number": self._which_number,
            "answer_by": self._answer_by,
            "contact_phone": self._answer_by,
            "contact_mail": self._answer_by,
            "handoff_message": self._message_for_person,
        }

    def name(self) -> str:
        return "action_choice"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        pressed = heard(tracker)
        return await self.take(dispatcher, tracker, pressed.question or "", pressed.value or "")

    async def take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, question: str, value: str
    ) -> list[EventType]:
        """Go on from an answer, pressed or typed."""
        if question == "applied_on" and self._belongs_to_billing(tracker):
            speaker = await self._desk.speaker(tracker.sender_id)
            return await take_billing_date(dispatcher, self._desk, tracker, speaker, value)
        if question in set(Question):
            speaker = await self._desk.speaker(tracker.sender_id)
            after = with_choice(claims(tracker), Question(question), value, speaker.today)
            if speaker.on_telephone and speaker.number is not None:
                compared = await tell_compared(self._desk, dispatcher, tracker, speaker, after)
                if compared is not None:
                    return compared
            return await go_on(self._desk, dispatcher, tracker, speaker, after)
        run = self._by_question.get(question)
        if run is None:
            dispatcher.utter_message(response="utter_capabilities")
            return []
        return await run(dispatcher, tracker, value)

    @staticmethod
    def _belongs_to_billing(tracker: Tracker) -> bool:
        return last_bot_custom(tracker).get("topic") in BILLING_TOPICS

    async def _which_login(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        key = value if value in ("web", "mypage") else "unsure"
        dispatcher.utter_message(response=f"utter_credentials_{key}")
        return [FollowupAction(FORM)] if check_waits(tracker) else []

    async def _how_to_check(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        speaker = await self._desk.speaker(tracker.sender_id)
        if value == "identify" and speaker.number is not None:
            return await tell_status(self._desk, dispatcher, tracker)
        if value == "mail":
            return await ask_number(self._desk, dispatcher, tracker)
        if value == "identify":
            by_mail = "_mail" if self._desk.identity.offered else ""
            how = speaker.to_identify(f"utter_how_to_identify{by_mail}")
            dispatcher.utter_message(response=how)
            return []
        if check_is_running(tracker):
            dispatcher.utter_message(response="utter_check_continues")
            return []
        dispatcher.utter_message(response="utter_check_reason")
        return await go_on(self._desk, dispatcher, tracker, speaker, claims(tracker))

    async def _login_result(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        if value == "yes":
            dispatcher.utter_message(response="utter_login_worked")
            return []
        if said_before(tracker, "utter_login_trouble"):
            return await tell_person(self._desk, dispatcher, tracker, "login_trouble_again")
        dispatcher.utter_message(response="utter_login_trouble")
        return open_question(tracker, SmallQuestion.login_result)

    async def _mail_checked(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        dispatcher.utter_message(response="utter_mail_missing_again")
        return []

    async def _mail_code(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        if value == "questions":
            return await self._how_to_check(dispatcher, tracker, value)
        return await take_code_answer(self._desk, dispatcher, tracker, value)

    async def _which_number(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        return await take_number_choice(self._desk, dispatcher, tracker, value)

    async def _answer_by(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        return await take_answer_by(self._desk, dispatcher, tracker, value)

    async def _message_for_person(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        promise = await self._desk.handover.promise(tracker.sender_id)
        if promise.waiting:
            return tell_left(dispatcher, tracker)
        # Meanwhile a person has answered, or nobody waits any more.
        offer(dispatcher, self._desk, heard(tracker))
        return []

    async def _continue_check(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
    ) -> list[EventType]:
        if check_is_running(tracker):
            dispatcher.utter_message(response="utter_check_continues")
            return []
        return [FollowupAction(FORM)]


class SmallAnswer(Action):
    """What was typed to a question outside the check; nothing where another topic came."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def name(self) -> str:
        return "action_small_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        question, value = tracker.get_slot("small_question"), tracker.get_slot("small_answer")
        closed = [SlotSet("small_question", None), SlotSet("small_answer", None)]
        if not question or not value:
            return [*closed, *_back_to_check(tracker)]
        return [*closed, *await self._choice.take(dispatcher, tracker, question, value)]


def _back_to_check(tracker: Tracker) -> list[EventType]:
    """After another topic instead of the answer the check goes on, as after any digression.

    Not after words that end it, lead elsewhere in it, or ask for a person.
    """
    leads = heard(tracker).intent in _LEADS_ELSEWHERE
    return [FollowupAction(FORM)] if check_waits(tracker) and not leads else []

"""Questions outside the check, as a form of one slot.

The action that asks says the question itself and starts the form; the form listens. An answer
ends it; another topic is answered and the question is dropped, so that nobody is nagged.
"""

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.small_questions import SmallQuestion, for_a_person, read_small_answer
from actions.handlers.desk import Desk
from actions.handlers.reading import (
    came_back_from_digression,
    check_is_running,
    heard,
    said_before,
    set_in_this_turn,
)

FORM = "small_question_form"


def actions(desk: Desk) -> list[Action]:
    """The form's validation; the answer itself is taken in `choice`."""
    return [ValidateSmallQuestionForm(desk)]


def open_question(tracker: Tracker, question: SmallQuestion) -> list[EventType]:
    """Events that make the form listen for an answer; none inside the check, which goes on."""
    if check_is_running(tracker):
        return []
    return [
        SlotSet("small_question", question.value),
        SlotSet("small_answer", None),
        FollowupAction(FORM),
    ]


def listen(tracker: Tracker, question: SmallQuestion) -> list[EventType]:
    """As `open_question`; inside the check that one ends, for two questions would be asked."""
    if not check_is_running(tracker):
        return open_question(tracker, question)
    listening = [
        SlotSet("small_question", question.value),
        SlotSet("small_answer", None),
        FollowupAction(FORM),
    ]
    return [*end_check(tracker), *listening]


def end_check(tracker: Tracker) -> list[EventType]:
    """The check steps aside; what was answered stays."""
    running = check_is_running(tracker)
    return [ActiveLoop(None), SlotSet("requested_slot", None)] if running else []


class ValidateSmallQuestionForm(Action):
    """One message while a question outside the check is open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if not tracker.get_slot("requested_slot"):
            return [SlotSet("requested_slot", "small_answer")]
        if came_back_from_digression(tracker, FORM):
            asked_anew = set_in_this_turn(tracker, "small_question")
            return [SlotSet("requested_slot", "small_answer" if asked_anew else None)]
        question = tracker.get_slot("small_question")
        if question not in set(SmallQuestion):
            return []
        speaker = await self._desk.speaker(tracker.sender_id)
        value = read_small_answer(SmallQuestion(question), heard(tracker), speaker.today)
        if value is None and said_before(tracker, "utter_condolence_lead"):
            value = for_a_person(SmallQuestion(question), heard(tracker))
        if value is None:
            return []
        return [SlotSet("small_answer", value), SlotSet("requested_slot", None)]

"""The procedure check: begun, walked as a form, ended, changed."""

from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.domain.answers import claims_in_text
from actions.domain.claims import Answer, Claims, Question, next_question, path, step_back
from actions.domain.heard import ONLY_ANSWERS, take, with_answers, with_its_date
from actions.domain.procedure import Advice, Outcome
from actions.domain.small_questions import SmallQuestion
from actions.domain.words import tells_not_applied
from actions.handlers.desk import Desk, RegistryUnavailable, Speaker
from actions.handlers.reading import (
    FORM,
    came_back_from_digression,
    check_is_running,
    check_waits,
    claim_events,
    claims,
    heard,
    last_bot_custom,
)
from actions.handlers.small_questions import open_question
from actions.handlers.telephone import on_telephone, tell_compared
from actions.handlers.telling import tell_claims, tell_registry, tell_url_error, tells_of_url


def actions(desk: Desk) -> list[Action]:
    """The handlers of this topic."""
    return [
        OpenCheck(desk),
        ValidateProcedureForm(desk),
        Advise(desk),
        GoBack(desk),
        StartOver(desk),
        StopCheck(),
    ]


async def go_on(
    desk: Desk,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    speaker: Speaker,
    after: Claims,
) -> list[EventType]:
    """From `after` to the next question, or to the outcome where nothing is left to ask."""
    after = on_telephone(dispatcher, speaker, claims(tracker), after)
    events = [*claim_events(claims(tracker), after), SlotSet("misses", 0)]
    if next_question(after) is not None:
        return [*events, FollowupAction(FORM)]
    advice = await tell_claims(dispatcher, desk, speaker, after)
    return [*events, *after_advice(tracker, advice)]


def after_advice(tracker: Tracker, advice: Advice) -> list[EventType]:
    """Where login should work now, listen for whether it did."""
    if advice.outcome in (Outcome.login_ready, Outcome.opening_mail_bounced):
        return open_question(tracker, SmallQuestion.login_result)
    return []


async def open_check(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, topic: str
) -> list[EventType]:
    """Answer from the registry where identity is proven, else begin the questions."""
    speaker = await desk.speaker(tracker.sender_id)
    stated = claims_in_text(heard(tracker).text)
    if speaker.number is not None:
        try:
            advice = await tell_registry(dispatcher, desk, speaker, topic)
        except RegistryUnavailable:
            dispatcher.utter_message(response="utter_registry_unavailable", topic=topic)
            return open_question(tracker, SmallQuestion.how_to_check)
        tell_disagreement(dispatcher, advice, stated)
        return after_advice(tracker, advice)
    reason = "utter_login_failed" if topic == "login_failed" else "utter_check_reason"
    if stated.get(Question.opening_mail) is Answer.yes:
        reason = "utter_opening_came"
    dispatcher.utter_message(response=reason, topic=topic)
    known = with_its_date(with_answers(Claims(), stated), stated, heard(tracker), speaker.today)
    return await go_on(desk, dispatcher, tracker, speaker, known)


def tell_disagreement(
    dispatcher: CollectingDispatcher, advice: Advice, stated: dict[Question, Answer]
) -> None:
    """Where the member's words differ from the registry: the registry decides, said kindly."""
    if stated.get(Question.acceptance_mail) is Answer.yes and advice.accepted_on is None:
        dispatcher.utter_message(response="utter_note_subjects_differ")
    if stated.get(Question.url_clicked) is Answer.no and advice.accepted_on is not None:
        dispatcher.utter_message(response="utter_note_shared_mailbox")


class OpenCheck(Action):
    """`procedure_check` and `login_failed`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_open_check"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if check_is_running(tracker):
            dispatcher.utter_message(response="utter_check_continues")
            return []
        if check_waits(tracker):
            dispatcher.utter_message(response="utter_check_continues")
            return [FollowupAction(FORM)]
        if tells_of_url(tracker):
            tell_url_error(dispatcher, tracker)
            return []
        topic = "login_failed" if heard(tracker).intent == "login_failed" else "procedure_check"
        return await open_check(self._desk, dispatcher, tracker, topic)


class ValidateProcedureForm(Action):
    """One message while the form is open; Rasa calls it for every turn of the form.

    An answer comes back as slots and the next slot to ask for; no slot at all makes the form
    step aside, so that Rasa answers the other topic and then asks the same question again.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        known = claims(tracker)
        asked = tracker.get_slot("requested_slot")
        if not asked or came_back_from_digression(tracker):
            return [_request(known)]
        if asked not in set(Question):
            return _ask_instead(dispatcher, tracker, known)
        if tells_not_applied(heard(tracker).text):
            dispatcher.utter_message(response="utter_not_applied")
            dispatcher.utter_message(response="utter_register_mypage")
            # Rasa takes a form that sets no slot of its own for one that has heard nothing.
            return [SlotSet("misses", 0), ActiveLoop(None), SlotSet("requested_slot", None)]
        speaker = await self._desk.speaker(tracker.sender_id)
        misses = int(tracker.get_slot("misses") or 0)
        taken = take(heard(tracker), known, Question(asked), misses, speaker.today)
        if taken is None:
            return []
        for response in taken.say:
            dispatcher.utter_message(response=response)
        after = on_telephone(dispatcher, speaker, known, taken.claims)
        events = claim_events(known, after)
        return [*events, SlotSet("misses", taken.misses), _request(after)]


def _ask_instead(
    dispatcher: CollectingDispatcher, tracker: Tracker, known: Claims
) -> list[EventType]:
    """The open question is one of another release's tree: its answer fits nothing of this one."""
    if heard(tracker).intent not in ONLY_ANSWERS:
        return []  # answered first; then Rasa runs the form again, which asks what it knows
    dispatcher.utter_message(response="utter_check_renewed")
    return [SlotSet("misses", 0), _request(known)]


def _request(known: Claims) -> EventType:
    question = next_question(known)
    return SlotSet("requested_slot", question.value if question else None)


class Advise(Action):
    """The outcome once the form has all it needs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_advise"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        known = claims(tracker)
        if next_question(known) is not None:
            return []  # the check ended early, and why was said there
        speaker = await self._desk.speaker(tracker.sender_id)
        if speaker.on_telephone and speaker.number is not None:
            compared = await tell_compared(self._desk, dispatcher, tracker, speaker, known)
            if compared is not None:
                return compared
        advice = await tell_claims(dispatcher, self._desk, speaker, known)
        return after_advice(tracker, advice)


class GoBack(Action):
    """One step back after the check has ended; while it runs the form does it itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_go_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        known = claims(tracker)
        if not path(known) and not check_waits(tracker):
            dispatcher.utter_message(response="utter_capabilities")
            return []
        dispatcher.utter_message(response="utter_check_back")
        speaker = await self._desk.speaker(tracker.sender_id)
        # Where the check stepped aside for a question, its own question is the step before.
        before = known if check_waits(tracker) else step_back(known)
        return await go_on(self._desk, dispatcher, tracker, speaker, before)


class StartOver(Action):
    """From the start: the check where there was one, else the menu."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_start_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if not path(claims(tracker)) and not check_waits(tracker):
            dispatcher.utter_message(response="utter_capabilities")
            return []
        dispatcher.utter_message(response="utter_check_anew")
        speaker = await self._desk.speaker(tracker.sender_id)
        return await go_on(self._desk, dispatcher, tracker, speaker, Claims())


class StopCheck(Action):
    """Ends the questions; what was answered is kept for going on later."""

    def name(self) -> str:
        return "action_stop_check"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        running = check_is_running(tracker)
        asked_for_person = last_bot_custom(tracker).get("topic") == "handoff"
        otherwise = "utter_no_more" if asked_for_person else "utter_capabilities"
        stopped = running or check_waits(tracker)
        dispatcher.utter_message(response="utter_check_stopped" if stopped else otherwise)
        return [ActiveLoop(None), SlotSet("requested_slot", None)] if running else []

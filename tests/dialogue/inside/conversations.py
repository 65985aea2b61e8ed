"""Conversations as lists of events, made up at random from turns that do occur."""

import random
from functools import lru_cache
from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    FollowupAction,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

ROOT = Path(__file__).resolve().parents[3]
FORM = "procedure_form"
QUESTIONS = ("opening_mail", "acceptance_mail", "accepted_on", "first_mail", "applied_on")


@lru_cache(maxsize=1)
def domain() -> Domain:
    """The product's own."""
    return Domain.load([ROOT / "domain.yml", *sorted((ROOT / "data" / "responses").glob("*.yml"))])


def user(intent: str) -> UserUttered:
    return UserUttered("何か", intent={"name": intent, "confidence": 1.0}, message_id=intent)


def bot(key: str) -> BotUttered:
    return BotUttered("返事", metadata={"utter_action": key})


def listen() -> ActionExecuted:
    return ActionExecuted("action_listen")


def start() -> list[Event]:
    return [ActionExecuted("action_session_start"), SessionStarted(), listen()]


def answered(intent: str = "register_web") -> list[Event]:
    """A topic with one answer."""
    key = f"utter_{intent}"
    return [user(intent), ActionExecuted(key), bot(key), listen()]


def opened() -> list[Event]:
    """The check begins."""
    return [
        user("procedure_check"),
        ActionExecuted("action_open_check"),
        bot("utter_check_reason"),
        SlotSet("misses", 0),
        FollowupAction(FORM),
        ActionExecuted(FORM),
        ActiveLoop(FORM),
        SlotSet("requested_slot", QUESTIONS[0]),
        bot("utter_ask_procedure_form_opening_mail"),
        listen(),
    ]


def form_answer(dice: random.Random) -> list[Event]:
    """An answer inside the check, and the next question."""
    return [
        user("affirm"),
        ActionExecuted(FORM),
        SlotSet(dice.choice(QUESTIONS), dice.choice(("yes", "no", None))),
        SlotSet("requested_slot", dice.choice(QUESTIONS)),
        bot("utter_ask_procedure_form_acceptance_mail"),
        listen(),
    ]


def digression(dice: random.Random) -> list[Event]:
    """Another topic inside the check, and the question again."""
    key = "utter_faq"
    return [
        user("faq"),
        ActionExecutionRejected(FORM),
        ActionExecuted(key),
        bot(key),
        LoopInterrupted(True),
        ActionExecuted(FORM),
        bot("utter_ask_procedure_form_acceptance_mail"),
        listen(),
    ]


def closed() -> list[Event]:
    """The check ends with advice."""
    return [
        user("deny"),
        ActionExecuted(FORM),
        SlotSet("requested_slot", None),
        ActiveLoop(None),
        ActionExecuted("action_advise"),
        bot("utter_claims_wait_opening"),
        listen(),
    ]


def conversation(seed: int, turns: int) -> list[Event]:
    """Events of `turns` turns."""
    dice = random.Random(seed)
    events, in_form = start(), False
    for _ in range(turns):
        if in_form:
            kind = dice.choice(("answer", "answer", "digression", "closed"))
            made = {"answer": form_answer, "digression": digression}.get(kind)
            events += made(dice) if made else closed()
            in_form = kind != "closed"
        else:
            in_form = dice.random() < 0.4
            events += opened() if in_form else answered(dice.choice(("register_web", "faq")))
    for number, event in enumerate(events):
        event.timestamp = 1_000.0 + number
    return events


def tracker_of(events: list[Event]) -> DialogueStateTracker:
    """The tracker, by upstream's own replay."""
    return DialogueStateTracker.from_events("someone", events, domain().slots)


def state(tracker: DialogueStateTracker) -> dict[str, object]:
    """Everything about a tracker that is not its history."""
    loop = tracker.active_loop
    return {
        "slots": tracker.current_slot_values(),
        "loop": (loop.name, loop.is_interrupted, loop.rejected) if loop else None,
        "message": tracker.latest_message and tracker.latest_message.as_dict(),
        "bot": tracker.latest_bot_utterance and tracker.latest_bot_utterance.as_dict(),
        "action": tracker.latest_action,
        "paused": tracker.is_paused(),
    }

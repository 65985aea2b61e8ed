"""A person in words: what can be promised now, how the answer is wanted, what is to be told.

Where nobody works with the console the telephone is named, as ever. What the app is to note of it
goes along with the reply (`desk`), so that it is kept together with it or not at all.
"""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.domain.small_questions import SmallQuestion
from actions.handlers.desk import Desk, Promise, RegistryUnavailable
from actions.handlers.small_questions import end_check, listen

_TELEPHONE = "telephone"
# Those who are met with words of their own before anything is promised.
_LED = ("complaint", "leaving", "condolence", "login_trouble_again")
# Whoever is angry, leaves or tells of a death is offered a person only, no questions.
_PERSON_ONLY = ("complaint", "leaving", "condolence")
_ASKS_FOR = {"phone": SmallQuestion.contact_phone, "mail": SmallQuestion.contact_mail}


async def tell_person(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, key: str = "handoff"
) -> list[EventType]:
    """A person is wanted: `key` is handoff or one of those that have words of their own."""
    promise = await desk.handover.promise(tracker.sender_id)
    facts = {"handover": True}
    if promise.kind == _TELEPHONE:
        dispatcher.utter_message(response=f"utter_{key}", contact=desk.contact, facts=facts)
        return end_check(tracker)
    if key in _LED:
        dispatcher.utter_message(response=f"utter_{key}_lead", facts=facts)
    urgent = key in ("complaint", "condolence")
    dispatcher.utter_message(
        response=_promised(promise) + ("_only" if key in _PERSON_ONLY else ""),
        ahead=str(promise.ahead),
        opens=promise.opens,
        contact=desk.contact,
        facts=facts,
        desk={"reason": "asked", "urgent": urgent},
    )
    here = promise.kind == "present"
    return listen(tracker, SmallQuestion.handoff_message if here else SmallQuestion.answer_by)


async def is_noted(desk: Desk, conversation_id: str) -> bool:
    """Whether somebody works with the console, and so reads of an outcome without being called."""
    return (await desk.handover.promise(conversation_id)).kind != _TELEPHONE


async def tell_noted(
    desk: Desk, dispatcher: CollectingDispatcher, conversation_id: str, topic: str
) -> None:
    """After an outcome that goes to a person: it is known there already."""
    promise = await desk.handover.promise(conversation_id)
    if promise.kind != _TELEPHONE:
        dispatcher.utter_message(
            response=f"utter_noted_{promise.kind}", topic=topic, opens=promise.opens
        )


async def misunderstood(desk: Desk, tracker: Tracker) -> Mapping[str, Any]:
    """What a second misunderstanding in a row says; a person reads it where there is one."""
    promise = await desk.handover.promise(tracker.sender_id)
    if promise.kind == _TELEPHONE:
        return {"response": "utter_clarify_again"}
    return {"response": "utter_clarify_noted", "desk": {"reason": "misunderstood"}}


async def take_answer_by(
    desk: Desk, dispatcher: CollectingDispatcher, tracker: Tracker, value: str
) -> list[EventType]:
    """How the answer is wanted: here, phone or mail. What the registry has is not asked again."""
    promise = await desk.handover.promise(tracker.sender_id)
    if promise.kind == _TELEPHONE:
        return await tell_person(desk, dispatcher, tracker)
    if value not in _ASKS_FOR:
        dispatcher.utter_message(response="utter_answer_by_here", desk={"answer_by": "here"})
        return listen(tracker, SmallQuestion.handoff_message)
    known, ending = await _known(desk, tracker, value)
    if known:
        dispatcher.utter_message(
            response=f"utter_answer_by_{value}", ending=ending, desk={"answer_by": value}
        )
        return listen(tracker, SmallQuestion.handoff_message)
    dispatcher.utter_message(
        response=f"utter_ask_contact_{value}", desk={"answer_by": value, "awaiting": value}
    )
    return listen(tracker, _ASKS_FOR[value])


def tell_contact(dispatcher: CollectingDispatcher, tracker: Tracker, step: str) -> list[EventType]:
    """The app has taken a telephone number or mail address, or it had another form."""
    kind, _, fate = step.partition("_")
    if fate == "taken":
        dispatcher.utter_message(response=f"utter_contact_{kind}_taken")
        return listen(tracker, SmallQuestion.handoff_message)
    dispatcher.utter_message(response=f"utter_contact_{kind}_odd")
    return listen(tracker, _ASKS_FOR[kind])


def tell_left(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """The member has told what it is about; there may be more."""
    dispatcher.utter_message(response="utter_message_left", desk={"left": True})
    return listen(tracker, SmallQuestion.handoff_message)


def _promised(promise: Promise) -> str:
    if promise.kind == "present" and promise.ahead:
        return "utter_person_queue"
    return f"utter_person_{promise.kind}"


async def _known(desk: Desk, tracker: Tracker, by: str) -> tuple[bool, str]:
    """Whether the registry has it for a verified member; only a telephone's end is ever shown."""
    speaker = await desk.speaker(tracker.sender_id)
    if speaker.number is None:
        return False, ""
    try:
        found = await desk.look_up(speaker)
    except RegistryUnavailable:
        return False, ""
    if found.record is None:
        return False, ""
    if by == "mail":
        return bool(found.record.email), ""
    digits = [c for c in found.record.phone or "" if c.isdigit()]
    return len(digits) >= 9, "".join(digits[-2:])

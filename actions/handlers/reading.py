"""Between Rasa's tracker and the domain: slots to claims, the latest message, what was said."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.interfaces import Tracker

from actions.domain.claims import Claims, Question
from actions.domain.heard import Heard

FORM = "procedure_form"


def heard(tracker: Tracker) -> Heard:
    """The latest message as the domain takes it."""
    message: dict[str, Any] = tracker.latest_message or {}
    ranking = {
        str(row["name"]): float(row["confidence"])
        for row in message.get("intent_ranking", [])
        if row.get("name")
    }
    entities = {row["entity"]: row["value"] for row in message.get("entities", [])}
    return Heard(
        text=message.get("text") or "",
        intent=(message.get("intent") or {}).get("name"),
        ranking=ranking,
        question=entities.get("question"),
        value=entities.get("value"),
    )


def claims(tracker: Tracker) -> Claims:
    """What was said in the check so far."""
    return Claims.remembered({q.value: tracker.get_slot(q.value) for q in Question})


def claim_events(before: Claims, after: Claims) -> list[EventType]:
    """SlotSets for what changed."""
    return [
        SlotSet(q.value, _plain(getattr(after, q)))
        for q in Question
        if getattr(before, q) != getattr(after, q)
    ]


def plain_claims(known: Claims) -> dict[str, str]:
    """The claims as JSON values, as `Claims.from_values` takes them; without what is not said."""
    said = {q.value: _plain(getattr(known, q)) for q in Question}
    return {question: value for question, value in said.items() if value is not None}


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def turns(tracker: Tracker) -> Iterator[dict[str, Any]]:
    """The member's messages before the latest one, newest first."""
    users = [event for event in tracker.events if event.get("event") == "user"]
    yield from reversed(users[:-1])


def intent_of(event: dict[str, Any]) -> str | None:
    """The intent of a member's message in the tracker."""
    name = event.get("parse_data", {}).get("intent", {}).get("name")
    return str(name) if name else None


def asked_before(tracker: Tracker, *intents: str) -> bool:
    """Whether an earlier message of this conversation had one of the intents."""
    return any(intent_of(event) in intents for event in turns(tracker))


def last_bot_custom(tracker: Tracker) -> dict[str, Any]:
    """Topic and question of the bot's last message before the latest message."""
    seen_latest = False
    for event in reversed(tracker.events):
        kind = event.get("event")
        if kind == "user":
            seen_latest = True
        elif kind == "bot" and seen_latest:
            custom = (event.get("data") or {}).get("custom") or {}
            topic = (event.get("metadata") or {}).get("topic")
            return {**custom, "topic": topic} if topic else dict(custom)
    return {}


def told_last(tracker: Tracker) -> set[str]:
    """Keys of the responses that the bot gave to the message before the latest one."""
    keys: set[str] = set()
    seen = 0
    for event in reversed(tracker.events):
        seen += event.get("event") == "user"
        if seen > 1:
            break
        key = (event.get("metadata") or {}).get("utter_action")
        if seen == 1 and event.get("event") == "bot" and key:
            keys.add(str(key))
    return keys


def check_is_running(tracker: Tracker) -> bool:
    """Whether the check's form is active."""
    return (tracker.active_loop or {}).get("name") == FORM


def check_waits(tracker: Tracker) -> bool:
    """Whether the check stepped aside for the question that the bot asked last."""
    return bool(last_bot_custom(tracker).get("in_check"))


def came_back_from_digression(tracker: Tracker, form: str = FORM) -> bool:
    """Whether Rasa runs the form after having answered something else in this turn."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        own = (form, "action_listen", "action_extract_slots", f"validate_{form}")
        if event.get("event") == "action" and event.get("name") not in own:
            return True
    return False


def set_in_this_turn(tracker: Tracker, slot: str) -> bool:
    """Whether an action of this turn has given `slot` a value."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "slot" and event.get("name") == slot:
            return event.get("value") is not None
    return False


def state_was_told(tracker: Tracker) -> bool:
    """Whether the bot has told a state of the registry in this conversation."""
    keys = ((e.get("metadata") or {}).get("utter_action") for e in tracker.events)
    return any(str(key).startswith("utter_registry_") for key in keys if key)


def said_before(tracker: Tracker, response: str) -> bool:
    """Whether the bot has told `response` (its key) in this conversation."""
    return any(
        (event.get("metadata") or {}).get("utter_action") == response
        for event in tracker.events
        if event.get("event") == "bot"
    )

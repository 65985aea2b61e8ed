"""A message that its sender took back: unreadable in the dialogue's memory too.

The events keep their order and number, so the conversation goes on as it was.
"""

from collections.abc import Sequence
from typing import Any

UNSENT = "（取り消し）"
Event = dict[str, Any]


def blanked(events: Sequence[Event], turn_id: str) -> dict[int, Event] | None:
    """The events (`Event.as_dict()`) that change, by place; None where there is no such turn."""
    changed: dict[int, Event] = {}
    said: str | None = None
    for place, event in enumerate(events):
        if event.get("event") == "user":
            if said is not None:
                break
            if event.get("message_id") == turn_id:
                said = str(event.get("text"))
                changed[place] = _without_words(event)
        elif said:
            # Slots may hold the words as they were said.
            changed[place] = _replaced(event, said)
    return changed or None


def _without_words(event: Event) -> Event:
    parsed = event.get("parse_data") or {}
    kept = {key: parsed[key] for key in ("intent", "intent_ranking") if key in parsed}
    return {**event, "text": UNSENT, "parse_data": {"text": UNSENT, "entities": [], **kept}}


def _replaced(value: Any, said: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(inner, said) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, said) for inner in value]
    return UNSENT if value == said else value

"""A message that its sender took back: unreadable in the dialogue's memory too.

The events keep their order, so the conversation goes on as it was.
"""

from typing import Any

UNSENT = "（取り消し）"


def blanked(events: list[dict[str, Any]], turn_id: str) -> list[dict[str, Any]] | None:
    """The events with the words of a turn made unreadable; None where there is no such turn."""
    kept: list[dict[str, Any]] = []
    said = None
    for event in events:
        if event["event"] == "user":
            if event.get("message_id") == turn_id:
                said = event.get("text")
                event = _without_words(event)
        elif said:
            # Slots may hold the words as they were said, and so may what is told of them later.
            event = _replaced(event, said)
        kept.append(event)
    return kept if said is not None else None


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    parsed = event.get("parse_data") or {}
    kept = {key: parsed[key] for key in ("intent", "intent_ranking") if key in parsed}
    return {**event, "text": UNSENT, "parse_data": {"text": UNSENT, "entities": [], **kept}}


def _replaced(value: Any, said: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(inner, said) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, said) for inner in value]
    return UNSENT if value == said else value

"""The bot's button payloads: `/intent` or `/answer{"question": …, "value": …}`.

They come from the responses and from the handlers only; clients know opaque ids.
"""

import json
from typing import Any

# Directions have values of their own in the API (spec/api.md).
_VALUES = {"go_back": "back", "start_over": "restart"}


def parse(payload: str) -> dict[str, Any]:
    """What the dialogue is given: intent and entities. Raises ValueError for a malformed one."""
    if not payload.startswith("/"):
        raise ValueError("a payload begins with a slash")
    name, brace, rest = payload[1:].partition("{")
    entities = json.loads("{" + rest) if brace else {}
    if not name.isidentifier() or not isinstance(entities, dict):
        raise ValueError("a payload is /intent or /intent{…}")
    return {"intent": name, "entities": entities}


def value(payload: str) -> str:
    """The API's `value` of a choice: the answer, `back`, or the topic."""
    parsed = parse(payload)
    if "value" in parsed["entities"]:
        return str(parsed["entities"]["value"])
    intent = str(parsed["intent"])
    return _VALUES.get(intent, intent)

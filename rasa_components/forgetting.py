"""A message that its sender took back: unreadable in the dialogue's memory too.

Rows are changed in place: the events keep their order, so the conversation goes on as it was.
"""

import json
from typing import Any

UNSENT = "（取り消し）"


def blank(session: Any, table: Any, sender: str, turn_id: str) -> bool:
    """Blank the words of a turn in `table` (Rasa's SQLEvent); False where there is no such turn.

    `session` is SQLAlchemy's; the caller commits.
    """
    rows = session.query(table).filter(table.sender_id == sender).order_by(table.id).all()
    said = None
    for row in rows:
        event = json.loads(row.data)
        if row.type_name == "user":
            if said is not None:
                break
            if event.get("message_id") != turn_id:
                continue
            said = event.get("text")
            row.data = json.dumps(_without_words(event))
        elif said:
            # Slots may hold the words as they were said.
            row.data = json.dumps(_replaced(event, said))
    return said is not None


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

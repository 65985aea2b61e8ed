"""Places in a conversation's journal: taking them takes the conversation for the transaction."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.messages import Choice, Draft, Message
from bot.store import statements
from bot.store.records import Place, conversation_of, message_values


def next_places(
    connection: Connection, conversation_id: str, count: int, now: datetime
) -> Place | None:
    """Take the journal's next `count` places; the conversation is then this transaction's."""
    values = {"talk": conversation_id, "count": count, "now": now}
    return _place(statements.TAKE_PLACES.first(connection, values))


def bots_places(
    connection: Connection,
    conversation_id: str,
    count: int,
    now: datetime,
    since: int,
    silent: bool,
) -> Place | None:
    """Like `next_places` where the bot has had the conversation since version `since`, else None.

    `silent`: the dialogue was asked and gave no answer.
    """
    values = {"talk": conversation_id, "count": count, "now": now, "since": since}
    taking = statements.SILENT_AGAIN if silent else statements.ANSWERED
    return _place(taking.first(connection, values))


def _place(found: Any | None) -> Place | None:
    return Place(found.last_seq, conversation_of(found)) if found else None


def append(
    connection: Connection,
    place: Place,
    drafts: Sequence[Draft],
    now: datetime,
    turn_id: str | None,
) -> list[Message]:
    """Put the drafts on the places that were taken for them."""
    messages, choices = [], []
    conversation_id = place.conversation_id
    for seq, draft in enumerate(drafts, start=place.last_seq - len(drafts) + 1):
        placed = _with_ids(draft)
        messages.append(Message(str(uuid.uuid4()), seq, now, placed))
        choices += [
            {
                "id": choice.id,
                "conversation_id": conversation_id,
                "seq": seq,
                "label": choice.label,
                "payload": choice.payload,
            }
            for choice in placed.choices
        ]
    if messages:
        rows = [message_values(conversation_id, message, turn_id) for message in messages]
        statements.INSERT_MESSAGE.run(connection, rows)
    if choices:
        statements.INSERT_CHOICE.run(connection, choices)
    return messages


def _with_ids(draft: Draft) -> Draft:
    if not draft.choices:
        return draft
    # One beginning for all choices of a message: their rows then lie side by side in the index,
    # and one page of it is written instead of one for each. Nobody can guess the beginning.
    offer = secrets.token_urlsafe(12)
    named = tuple(
        Choice(choice.label, choice.value, choice.payload, f"{offer}{place}")
        for place, choice in enumerate(draft.choices)
    )
    return replace(draft, choices=named)

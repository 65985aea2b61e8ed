"""Places in a conversation's journal: taking them takes the conversation for the transaction."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm import Session

from bot.messages import Draft, Message
from bot.store.records import Place, message_values
from bot.store.tables import ChoiceRow, ConversationRow, MessageRow

# Statements are made once: making one costs as much as running it.
_ROW = cast(Table, ConversationRow.__table__).c
_TAKE_PLACES = (
    update(cast(Table, ConversationRow.__table__))
    .where(_ROW.id == bindparam("talk"))
    .values(last_seq=_ROW.last_seq + bindparam("count"), last_at=bindparam("now"))
    .returning(_ROW.last_seq, _ROW.owner, _ROW.owner_version, _ROW.handover_id)
)
_TAKE_BOTS_PLACES = _TAKE_PLACES.where(
    _ROW.owner.is_(None), _ROW.owner_version == bindparam("since")
)
_INSERT_MESSAGE = insert(cast(Table, MessageRow.__table__))
_INSERT_CHOICE = insert(cast(Table, ChoiceRow.__table__))


def next_places(
    session: Session,
    conversation_id: str,
    count: int,
    now: datetime,
    bot_since: int | None = None,
) -> Place | None:
    """Take the journal's next `count` places; the conversation is then this transaction's.

    With `bot_since` (a version) only where the bot has had the conversation since then, else None.
    """
    values: dict[str, object] = {"talk": conversation_id, "count": count, "now": now}
    if bot_since is None:
        found = session.execute(_TAKE_PLACES, values).one_or_none()
    else:
        found = session.execute(_TAKE_BOTS_PLACES, {**values, "since": bot_since}).one_or_none()
    return Place(conversation_id, *found) if found else None


def append(
    session: Session,
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
    # Plain inserts: as mapped objects the rows of one answer would take a millisecond more.
    if messages:
        rows = [message_values(conversation_id, message, turn_id) for message in messages]
        session.execute(_INSERT_MESSAGE, rows)
    if choices:
        session.execute(_INSERT_CHOICE, choices)
    return messages


def _with_ids(draft: Draft) -> Draft:
    choices = tuple(replace(choice, id=secrets.token_urlsafe(12)) for choice in draft.choices)
    return replace(draft, choices=choices)

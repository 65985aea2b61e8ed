"""Places in a conversation's journal: taking them takes the conversation for the transaction."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.orm import Session

from bot.messages import Draft, Message
from bot.store.records import AnyRow, Conversation, Place, conversation_of, message_values
from bot.store.tables import ChoiceRow, ConversationRow, MessageRow

# Statements are made once: making one costs as much as running it.
_ROW = cast(Table, ConversationRow.__table__).c
_TAKE_PLACES = (
    update(cast(Table, ConversationRow.__table__))
    .where(_ROW.id == bindparam("talk"))
    .values(last_seq=_ROW.last_seq + bindparam("count"), last_at=bindparam("now"))
    .returning(_ROW.last_seq, *(_ROW[name.name] for name in fields(Conversation)))
)
_TAKE_BOTS_PLACES = _TAKE_PLACES.where(
    _ROW.owner.is_(None), _ROW.owner_version == bindparam("since")
)
# A dialogue that answers is not stuck; one that was silent may be.
_ANSWERED = _TAKE_BOTS_PLACES.values(failures_in_a_row=0)
_SILENT_AGAIN = _TAKE_BOTS_PLACES.values(failures_in_a_row=_ROW.failures_in_a_row + 1)
_INSERT_MESSAGE = insert(cast(Table, MessageRow.__table__))
_INSERT_CHOICE = insert(cast(Table, ChoiceRow.__table__))


def next_places(
    session: Session | Connection, conversation_id: str, count: int, now: datetime
) -> Place | None:
    """Take the journal's next `count` places; the conversation is then this transaction's."""
    values = {"talk": conversation_id, "count": count, "now": now}
    return _place(session.execute(_TAKE_PLACES, values).one_or_none())


def bots_places(
    session: Session | Connection,
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
    taking = _SILENT_AGAIN if silent else _ANSWERED
    return _place(session.execute(taking, values).one_or_none())


def _place(found: AnyRow | None) -> Place | None:
    return Place(found.last_seq, conversation_of(found)) if found else None


def append(
    session: Session | Connection,
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

"""Places in a conversation's journal: taking them takes the conversation for the transaction."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.messages import Draft, Message
from bot.store.records import Place, message_row
from bot.store.tables import ChoiceRow, ConversationRow


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
    row = ConversationRow
    mine = [row.id == conversation_id]
    if bot_since is not None:
        mine += [row.owner.is_(None), row.owner_version == bot_since]
    found = session.execute(
        update(row)
        .where(*mine)
        .values(last_seq=row.last_seq + count, last_at=now)
        .returning(row.last_seq, row.owner, row.owner_version, row.handover_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Place(conversation_id, *found) if found else None


def append(
    session: Session,
    place: Place,
    drafts: Sequence[Draft],
    now: datetime,
    turn_id: str | None,
) -> list[Message]:
    """Put the drafts on the places that were taken for them."""
    messages = []
    conversation_id = place.conversation_id
    for seq, draft in enumerate(drafts, start=place.last_seq - len(drafts) + 1):
        placed = _with_ids(draft)
        messages.append(Message(str(uuid.uuid4()), seq, now, placed))
        session.add(message_row(conversation_id, messages[-1], turn_id))
        session.add_all(
            ChoiceRow(
                id=choice.id,
                conversation_id=conversation_id,
                seq=seq,
                label=choice.label,
                payload=choice.payload,
            )
            for choice in placed.choices
        )
    return messages


def _with_ids(draft: Draft) -> Draft:
    choices = tuple(replace(choice, id=secrets.token_urlsafe(12)) for choice in draft.choices)
    return replace(draft, choices=choices)

"""The journal's statements, made once: making one costs as much as running it."""

from dataclasses import fields
from typing import cast

from sqlalchemy import Table, bindparam, insert, select, update

from bot.store.records import Conversation
from bot.store.tables import ChoiceRow, ConversationRow, MessageRow, TurnRow

# After so many turns without any reply from a running dialogue server the dialogue's memory of
# the conversation is given up: it is stuck, and a member must never be.
_SILENT_TURNS = 2
_TURN, _TALK = cast(Table, TurnRow.__table__), cast(Table, ConversationRow.__table__)
INSERT_TURN = insert(_TURN)
CLOSE_TURN = (
    update(_TURN)
    .where(_TURN.c.id == bindparam("turn"), _TURN.c.status == "pending")
    .values(status=bindparam("result"), failure=bindparam("why"), finished_at=bindparam("now"))
    .returning(_TURN.c.id)
)
_TURN_COLUMNS = (
    _TURN.c.id,
    _TURN.c.conversation_id,
    _TURN.c.client_message_id,
    _TURN.c.body_digest,
    _TURN.c.seq,
    _TURN.c.input,
    _TURN.c.status,
    _TURN.c.owner_version,
)
SAME_MESSAGE = select(*_TURN_COLUMNS).where(
    _TURN.c.conversation_id == bindparam("talk"), _TURN.c.client_message_id == bindparam("message")
)
PENDING_TURNS = (
    select(*_TURN_COLUMNS)
    .where(_TURN.c.conversation_id == bindparam("talk"), _TURN.c.status == "pending")
    .order_by(_TURN.c.seq)
)
SAME_OR_PENDING = SAME_MESSAGE.union_all(PENDING_TURNS.order_by(None))
_CHOICE = cast(Table, ChoiceRow.__table__).c
CHOSEN = select(_CHOICE.label, _CHOICE.payload).where(
    _CHOICE.id == bindparam("choice"), _CHOICE.conversation_id == bindparam("talk")
)
_NEWEST_OFFER = (
    select(_CHOICE.seq)
    .where(_CHOICE.conversation_id == bindparam("talk"), _CHOICE.seq < bindparam("before"))
    .order_by(_CHOICE.seq.desc())
    .limit(1)
    .scalar_subquery()
)
OFFERED = select(_CHOICE.label, _CHOICE.payload).where(
    _CHOICE.conversation_id == bindparam("talk"), _CHOICE.seq == _NEWEST_OFFER
)
CONVERSATION = select(*(_TALK.c[field.name] for field in fields(Conversation))).where(
    _TALK.c.id == bindparam("talk")
)
ANSWER = (
    select(MessageRow)
    .join(TurnRow, TurnRow.conversation_id == MessageRow.conversation_id)
    .where(
        TurnRow.id == bindparam("turn"),
        MessageRow.seq > TurnRow.seq,
        MessageRow.turn_id == bindparam("turn"),
    )
    .order_by(MessageRow.seq)
)
_HERE = update(_TALK).where(_TALK.c.id == bindparam("talk"))
STUCK = _HERE.where(_TALK.c.failures_in_a_row >= _SILENT_TURNS).values(
    epoch=_TALK.c.epoch + 1, failures_in_a_row=0
)

"""The journal's statements, made once: making one costs as much as running it."""

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update

from bot.store.prepared import Prepared
from bot.store.records import Conversation
from bot.store.tables import IS_PENDING, ChoiceRow, ConversationRow, MessageRow, TurnRow

# After so many turns without any reply from a running dialogue server the dialogue's memory of
# the conversation is given up: it is stuck, and a member must never be.
_SILENT_TURNS = 2
_TURN, _TALK = cast(Table, TurnRow.__table__), cast(Table, ConversationRow.__table__)
INSERT_TURN = Prepared(
    insert(_TURN).values({c.name: bindparam(c.name) for c in _TURN.c if c.name != "failure"})
)
CLOSE_TURN = Prepared(
    update(_TURN)
    .where(_TURN.c.id == bindparam("turn"), IS_PENDING)
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
_SAME_MESSAGE = select(*_TURN_COLUMNS).where(
    _TURN.c.conversation_id == bindparam("talk"), _TURN.c.client_message_id == bindparam("message")
)
_PENDING_TURNS = (
    select(*_TURN_COLUMNS)
    .where(_TURN.c.conversation_id == bindparam("talk"), IS_PENDING)
    .order_by(_TURN.c.seq)
)
SAME_MESSAGE, PENDING_TURNS = Prepared(_SAME_MESSAGE), Prepared(_PENDING_TURNS)
SAME_OR_PENDING = Prepared(_SAME_MESSAGE.union_all(_PENDING_TURNS.order_by(None)))
_CHOICE = cast(Table, ChoiceRow.__table__).c
CHOSEN = Prepared(
    select(_CHOICE.label, _CHOICE.payload).where(
        _CHOICE.id == bindparam("choice"), _CHOICE.conversation_id == bindparam("talk")
    )
)
_NEWEST_OFFER = (
    select(_CHOICE.seq)
    .where(_CHOICE.conversation_id == bindparam("talk"), _CHOICE.seq < bindparam("before"))
    .order_by(_CHOICE.seq.desc())
    .limit(1)
    .scalar_subquery()
)
OFFERED = Prepared(
    select(_CHOICE.label, _CHOICE.payload).where(
        _CHOICE.conversation_id == bindparam("talk"), _CHOICE.seq == _NEWEST_OFFER
    )
)
CONVERSATION = Prepared(
    select(*(_TALK.c[field.name] for field in fields(Conversation))).where(
        _TALK.c.id == bindparam("talk")
    )
)
# Whether the conversation waits for a number, a code, a contact: nearly none does.
WAITING = Prepared(
    select(_TALK.c.awaiting, _TALK.c.awaiting_until, _TALK.c.handover_id).where(
        _TALK.c.id == bindparam("talk")
    )
)
_MESSAGE, _OFFER = cast(Table, MessageRow.__table__), cast(Table, ChoiceRow.__table__)
ANSWER = Prepared(
    select(*_MESSAGE.c)
    .join(_TURN, _TURN.c.conversation_id == _MESSAGE.c.conversation_id)
    .where(
        _TURN.c.id == bindparam("turn"),
        _MESSAGE.c.seq > _TURN.c.seq,
        _MESSAGE.c.turn_id == bindparam("turn"),
    )
    .order_by(_MESSAGE.c.seq)
)
MESSAGES = Prepared(
    select(*_MESSAGE.c)
    .where(_MESSAGE.c.conversation_id == bindparam("talk"), _MESSAGE.c.seq > bindparam("after"))
    .order_by(_MESSAGE.c.seq)
    .limit(bindparam("most"))
)
_HERE = update(_TALK).where(_TALK.c.id == bindparam("talk"))
STUCK = Prepared(
    _HERE.where(_TALK.c.failures_in_a_row >= _SILENT_TURNS).values(
        epoch=_TALK.c.epoch + 1, failures_in_a_row=0
    )
)
_NEW: dict[str, Any] = {field.name: bindparam(field.name) for field in fields(Conversation)}
INSERT_CONVERSATION = Prepared(
    insert(_TALK).values(
        **_NEW,
        created_at=bindparam("created_at"),
        last_at=bindparam("last_at"),
        last_seq=0,
        failures_in_a_row=0,
    )
)
_TAKE = (
    update(_TALK)
    .where(_TALK.c.id == bindparam("talk"))
    .values(last_seq=_TALK.c.last_seq + bindparam("count"), last_at=bindparam("now"))
    .returning(_TALK.c.last_seq, *(_TALK.c[field.name] for field in fields(Conversation)))
)
_TAKE_BOTS = _TAKE.where(_TALK.c.owner.is_(None), _TALK.c.owner_version == bindparam("since"))
TAKE_PLACES = Prepared(_TAKE)
# A dialogue that answers is not stuck; one that was silent may be.
ANSWERED = Prepared(_TAKE_BOTS.values(failures_in_a_row=0))
SILENT_AGAIN = Prepared(_TAKE_BOTS.values(failures_in_a_row=_TALK.c.failures_in_a_row + 1))
INSERT_MESSAGE = Prepared(insert(_MESSAGE).values({c.name: bindparam(c.name) for c in _MESSAGE.c}))
INSERT_CHOICE = Prepared(insert(_OFFER).values({c.name: bindparam(c.name) for c in _OFFER.c}))

"""A member's message becomes a turn, in the transaction that takes the conversation."""

import uuid
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import ConversationNotFound, InvalidRequest
from bot.messages import Draft
from bot.store import statements
from bot.store.handovers import member_spoke
from bot.store.joined import Writer
from bot.store.places import append, next_places
from bot.store.records import PENDING, WITHHELD, Accepted, Heard, Inbound, Offered, Taken, Turn

NOT_FOUND = "この会話は見つかりません。新しく始めてください。"
_TURNS = uuid.UUID("5d0a5c86-9d5b-4b0c-8d0e-2f1d9f2c6a44")
_UNKNOWN_CHOICE = "そのボタンは、この会話のものではないようです。画面を読み込み直してください。"


def new_turn(
    writer: Writer,
    conversation_id: str,
    inbound: Inbound,
    now: datetime,
    taken: Taken | None,
    is_next: bool,
    heard: Heard | None = None,
) -> Accepted:
    """Store it. Raises InvalidRequest for a choice that was never offered here.

    `is_next`: no turn of the conversation waited when the transaction began. `heard` is called
    where the words are for the bot to understand, before they are stored. Raises
    ConversationNotFound where the conversation was erased since it was opened.
    """
    connection = writer.connection
    text, given, offered = inbound.text, {"text": inbound.text}, None
    if taken is not None:
        text, given = taken.text, {"text": taken.text, "payload": taken.payload}
    if inbound.choice is not None:
        values = {"choice": inbound.choice, "talk": conversation_id}
        chosen = statements.CHOSEN.first(connection, values)
        if chosen is None:
            raise InvalidRequest(_UNKNOWN_CHOICE)
        text, given = chosen.label, {"text": chosen.label, "payload": chosen.payload}
    turn_id = _turn_id(conversation_id, inbound.client_message_id)
    place = next_places(connection, conversation_id, 1, now)
    if place is None:  # erased since it was opened
        raise ConversationNotFound(NOT_FOUND)
    if heard is not None and place.conversation.owner is None and "payload" not in given:
        heard()
    if is_next and connection.dialect.name != "sqlite":
        # Another app may have committed a message before this transaction had the conversation.
        is_next = not statements.PENDING_TURNS.rows(connection, {"talk": conversation_id})
    [message] = append(connection, place, [Draft("member", text or "")], now, None)
    talk = place.conversation
    status = PENDING if talk.owner is None else WITHHELD
    if status == PENDING and "payload" not in given:
        offered = offered_before(connection, conversation_id, message.seq)
    statements.INSERT_TURN.run(
        connection,
        [
            {
                "id": turn_id,
                "conversation_id": conversation_id,
                "client_message_id": inbound.client_message_id,
                "body_digest": inbound.body_digest,
                "seq": message.seq,
                "input": given,
                "status": status,
                "owner_version": talk.owner_version,
                "created_at": now,
                "finished_at": None if talk.owner is None else now,
            }
        ],
    )
    if place.handover_id is not None:
        member_spoke(writer.session(), place, now)
    turn = Turn(turn_id, conversation_id, message.seq, given, status, talk.owner_version)
    return Accepted(turn, message, talk, is_next, offered)


def _turn_id(conversation_id: str, client_message_id: str) -> str:
    """The same for the same message: where a power cut took the turn from the journal but not
    from the dialogue's memory, the message that is sent again is still the same turn."""
    return str(uuid.uuid5(_TURNS, f"{conversation_id} {client_message_id}"))


def offered_before(connection: Connection, conversation_id: str, before: int) -> Offered:
    """(label, payload) of the newest choices offered before message `before`."""
    values = {"talk": conversation_id, "before": before}
    return [(row.label, row.payload) for row in statements.OFFERED.rows(connection, values)]

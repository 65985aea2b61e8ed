"""The journal: conversations, messages, turns. Each method is one transaction.

A member's message is committed before anybody answers it; a turn is finished together with its
replies, so that neither a crash nor a retry can lose, double or reorder anything.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from bot.database import reading
from bot.errors import InvalidIdentity, MessageConflict
from bot.messages import Draft, Message
from bot.store import statements
from bot.store.accepting import new_turn, offered_before
from bot.store.handovers import desk_hears
from bot.store.joined import GroupedSessions, grouped
from bot.store.places import append, bots_places, next_places
from bot.store.records import (
    WITHHELD,
    Accepted,
    AnyRow,
    Conversation,
    Heard,
    Inbound,
    NoteReplies,
    Offered,
    TakeText,
    Turn,
    conversation_of,
    message_of,
    turn_of,
)
from bot.store.tables import (
    IS_PENDING,
    ConversationRow,
    FeedbackRow,
    TurnRow,
    UsedTokenRow,
)

SILENT = "silent"
DONE, FAILED = "done", "failed"
_REUSED = "同じ番号で別の内容が送られました。もう一度お送りください。"
_USED_TOKEN = "ログインの確認はすでに使われています。ページを読み込み直してください。"


class Journal:
    """Writes and reads conversations through sessions of `session_factory`."""

    def __init__(self, sessions: sessionmaker[Session] | GroupedSessions) -> None:
        self._sessions = grouped(sessions)

    def begin(
        self,
        conversation: Conversation,
        drafts: Sequence[Draft],
        now: datetime,
        token: tuple[str, datetime] | None = None,
    ) -> list[Message]:
        """Store a new conversation with its first messages; `token` is (jti, expiry).

        Raises InvalidIdentity where the token was used before.
        """
        with self._sessions.writing() as writer:
            if token is not None:
                _use_token(writer.session(), *token, now)
            connection = writer.connection
            row = asdict(conversation) | {"created_at": now, "last_at": now}
            statements.INSERT_CONVERSATION.run(connection, [row])
            place = next_places(connection, conversation.id, len(drafts), now)
            assert place is not None
            return append(connection, place, drafts, now, None)

    def find(self, conversation_id: str) -> Conversation | None:
        """The conversation, None where there is none."""
        with self._sessions.connected() as connection:
            row = statements.CONVERSATION.first(connection, {"talk": conversation_id})
            return conversation_of(row) if row else None

    def accept(
        self,
        conversation_id: str,
        inbound: Inbound,
        now: datetime,
        take: TakeText | None = None,
        heard: Heard | None = None,
    ) -> Accepted:
        """Commit a member's message once; the same id again gives the same turn.

        `take` may take the text for itself, in the same transaction and hence once. `heard` is
        called in it, perhaps more than once, where the text is for the bot to understand.

        Raises MessageConflict for the same id with another body, InvalidRequest for a choice
        that this conversation was never offered, ConversationNotFound for an erased conversation.
        """
        try:
            with self._sessions.writing() as writer:
                asked = {"talk": conversation_id, "message": inbound.client_message_id}
                turns = statements.SAME_OR_PENDING.rows(writer.connection, asked)
                if all(row.client_message_id != inbound.client_message_id for row in turns):
                    taken = take(writer, conversation_id, now) if take else None
                    writer.flush()
                    return new_turn(writer, conversation_id, inbound, now, taken, not turns, heard)
        except IntegrityError:
            # Two deliveries of one message at the same moment: the other one was first.
            pass
        return self._known(conversation_id, inbound)

    def _known(self, conversation_id: str, inbound: Inbound) -> Accepted:
        with self._sessions.connected() as connection:
            row = _turn_of(connection, conversation_id, inbound.client_message_id)
            if row is None or row.body_digest != inbound.body_digest:
                raise MessageConflict(_REUSED)
            return _accepted_before(connection, row)

    def taken(self, conversation_id: str, client_message_id: str) -> Accepted | None:
        """A message that was committed before, whatever its body was."""
        with self._sessions.connected() as connection:
            row = _turn_of(connection, conversation_id, client_message_id)
            return None if row is None else _accepted_before(connection, row)

    def pending(self, conversation_id: str) -> list[Turn]:
        """Unanswered turns, oldest first."""
        with self._sessions.connected() as connection:
            here = {"talk": conversation_id}
            return [turn_of(row) for row in statements.PENDING_TURNS.rows(connection, here)]

    def conversations_with_pending_turns(self, before: datetime | None = None) -> list[str]:
        """Conversations that a crash left unanswered; `before`: with a turn older than that."""
        found = select(TurnRow.conversation_id).where(IS_PENDING).distinct()
        if before is not None:
            found = found.where(TurnRow.created_at < before)
        with reading(self._sessions) as session:
            return list(session.scalars(found))

    def finish(
        self,
        turn: Turn,
        drafts: Sequence[Draft],
        now: datetime,
        failure: str | None = None,
        noted: NoteReplies | None = None,
    ) -> list[Message]:
        """Store the replies and close the turn, together; a closed turn stays as it is.

        Where the conversation has changed hands since the message came, the turn ends without
        replies. `noted` may note what the desk is to know, in the same transaction.
        """
        with self._sessions.writing() as writer:
            result = FAILED if failure else DONE
            values = {"turn": turn.id, "result": result, "why": failure, "now": now}
            connection = writer.connection
            if not statements.CLOSE_TURN.rows(connection, values):
                return _replies(connection, turn.id)
            here, silent = turn.conversation_id, failure == SILENT
            place = bots_places(connection, here, len(drafts), now, turn.owner_version, silent)
            if place is None:
                withheld = {"status": WITHHELD, "failure": None}
                connection.execute(update(TurnRow).where(TurnRow.id == turn.id).values(withheld))
                return []
            if silent:
                statements.STUCK.run(connection, [{"talk": here}])
            messages = append(connection, place, drafts, now, turn.id)
            if place.handover_id is not None:
                desk_hears(writer.session(), place, now)
            if noted is not None:
                noted(writer.session(), place, messages, now)
            return messages

    def replies(self, turn_id: str) -> list[Message]:
        """The stored answer to a turn."""
        with self._sessions.connected() as connection:
            return _replies(connection, turn_id)

    def status(self, turn_id: str) -> str:
        """pending, done, failed or withheld."""
        with reading(self._sessions) as session:
            return session.get_one(TurnRow, turn_id).status

    def messages(self, conversation_id: str, after: int, most: int = 500) -> list[Message]:
        """Messages with a greater `seq` than `after`, oldest first."""
        values = {"talk": conversation_id, "after": after, "most": most}
        with self._sessions.connected() as connection:
            return [message_of(row) for row in statements.MESSAGES.rows(connection, values)]

    def offered_last(self, conversation_id: str, before: int) -> Offered:
        """(label, payload) of the newest choices offered before message `before`."""
        with self._sessions.connected() as connection:
            return offered_before(connection, conversation_id, before)

    def add_feedback(
        self, conversation_id: str, helpful: bool, comment: str | None, now: datetime
    ) -> None:
        """Keep what the member said of the help so far."""
        with self._sessions.begin() as session:
            seq = session.get_one(ConversationRow, conversation_id).last_seq
            session.add(
                FeedbackRow(
                    conversation_id=conversation_id,
                    seq=seq,
                    helpful=helpful,
                    comment=comment,
                    created_at=now,
                )
            )

    def forget(self, before: datetime, most: int = 200) -> int:
        """Delete conversations that nobody wrote in since `before`; gives how many."""
        with self._sessions.begin() as session:
            old = session.scalars(
                select(ConversationRow.id)
                # The first condition follows from the second, and has an index.
                .where(ConversationRow.created_at < before, ConversationRow.last_at < before)
                .limit(most)
            ).all()
            session.execute(delete(ConversationRow).where(ConversationRow.id.in_(old)))
        return len(old)


def _use_token(session: Session, jti: str, expires_at: datetime, now: datetime) -> None:
    session.execute(delete(UsedTokenRow).where(UsedTokenRow.expires_at < now))
    session.add(UsedTokenRow(jti=jti, expires_at=expires_at))
    try:
        session.flush()
    except IntegrityError:
        raise InvalidIdentity(_USED_TOKEN) from None


def _accepted_before(connection: Connection, row: AnyRow) -> Accepted:
    place = {"talk": row.conversation_id, "after": row.seq - 1, "most": 1}
    [message] = statements.MESSAGES.rows(connection, place)
    return Accepted(turn_of(row), message_of(message))


def _replies(connection: Connection, turn_id: str) -> list[Message]:
    return [message_of(row) for row in statements.ANSWER.rows(connection, {"turn": turn_id})]


def _turn_of(connection: Connection, conversation_id: str, client_message_id: str) -> Any | None:
    values = {"talk": conversation_id, "message": client_message_id}
    return statements.SAME_MESSAGE.first(connection, values)

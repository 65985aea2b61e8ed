"""Changing hands, and a person's words: decided in the database, at the moment of writing.

Each method is one transaction. It locks the conversation's row first, as the journal does, so that
of two agents one gets a conversation, and nobody speaks in one that is not theirs.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.errors import ConversationNotFound, MessageConflict
from bot.handover.errors import NotYours, OwnedByAnother, Stale
from bot.handover.requests import OWNED, open_request, open_request_of
from bot.handover.requests import WAITING as WAITING_REQUEST
from bot.handover.words import said
from bot.messages import Draft, Message
from bot.staff.members import StaffMember
from bot.store.handover_tables import HandoverRow, OutgoingRow
from bot.store.handovers import log
from bot.store.places import append, next_places
from bot.store.records import message_of
from bot.store.tables import ConversationRow, MessageRow

STAFF_CHANNEL, LINE = "staff", "line"
JOURNAL, WAITING = "journal", "waiting"


class Ownership:
    """Who speaks in a conversation."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def take(
        self, conversation_id: str, person: StaffMember, now: datetime, from_owner: str | None
    ) -> bool:
        """Make the person the owner; False where they were it already.

        Only from the bot or from `from_owner`. Raises OwnedByAnother, ConversationNotFound.
        """
        with self._sessions.begin() as session:
            row = _locked(session, conversation_id)
            if row.owner == person.id:
                return False
            if row.owner is not None and row.owner != from_owner:
                raise _others(row)
            _hand_to(row, person, now)
            request = open_request_of(session, row.id) or open_request(
                session, row.id, "taken", now
            )
            request.state = OWNED
            request.taken_at = request.taken_at or now
            request.staff_id, request.staff_name = person.id, person.name
            session.flush()
            facts = {"owner": "staff", "staff_name": person.name}
            tell(session, row, [said("taken", name=person.name)], now, facts)
            log(session, "taken", row.id, now, row.last_seq, person.id)
            return True

    def end(
        self,
        conversation_id: str,
        person: StaffMember,
        state: str,
        now: datetime,
        seen: int | None = None,
    ) -> None:
        """Give back (`given_back`) or close (`closed`); the bot has the conversation again.

        A request that nobody took may be closed too: it was answered by telephone or mail.
        Raises OwnedByAnother, NotYours, ConversationNotFound, and Stale where the member has
        written after message `seen`, the last that the person was shown.
        """
        with self._sessions.begin() as session:
            row = _locked(session, conversation_id)
            request = open_request_of(session, row.id)
            untaken = row.owner is None and request is not None and state == "closed"
            if not untaken:
                _must_own(row, person)
            if seen is not None and _has_written(session, row.id, seen):
                raise Stale(said("errors.unseen"))
            state = "answered" if untaken else state
            if request is not None:
                request.staff_id, request.staff_name = person.id, person.name
            finish(session, row, request, state, [said(state)], now)
            log(session, state, row.id, now, row.last_seq, person.id)

    def say(
        self,
        conversation_id: str,
        person: StaffMember,
        client_message_id: str,
        digest: str,
        text: str,
        now: datetime,
    ) -> Message:
        """Keep a person's words, once. Raises MessageConflict, OwnedByAnother, NotYours."""
        with self._sessions.begin() as session:
            row = _locked(session, conversation_id)
            known = session.scalar(
                select(OutgoingRow).where(
                    OutgoingRow.conversation_id == row.id,
                    OutgoingRow.client_message_id == client_message_id,
                )
            )
            if known is not None:
                if known.body_digest != digest:
                    raise MessageConflict(said("errors.reused"))
                return message_of(session.get_one(MessageRow, (row.id, known.seq)))
            _must_own(row, person)
            draft = Draft("staff", text, facts={"staff_name": person.name})
            [message] = _put(session, row, [draft], now)
            _on_its_way(session, row, message, now, client_message_id, digest, person.id)
            request = open_request_of(session, row.id)
            if request is not None:
                request.first_answer_at = request.first_answer_at or now
                request.staff_at, request.unanswered_since = now, None
            log(session, "message", row.id, now, message.seq, person.id)
            return message


def finish(
    session: Session,
    row: ConversationRow,
    request: HandoverRow | None,
    state: str,
    words: list[str],
    now: datetime,
) -> None:
    """End a request and give the conversation to the bot, telling the member."""
    if request is not None:
        request.state, request.ended_at = state, now
        request.unanswered_since, request.awaiting = None, None
    if row.owner is not None:
        row.owner_version += 1
    row.owner = row.owner_name = row.owner_since = None
    row.handover_id = None
    session.flush()
    tell(session, row, words, now, {"owner": "bot"})


def let_go(session: Session, row: ConversationRow, request: HandoverRow, now: datetime) -> None:
    """The owner is gone: the member waits for anybody again, and is told so.

    The bot answers meanwhile, as it does for everybody who waits.
    """
    request.state = WAITING_REQUEST
    request.staff_id = request.staff_name = None
    row.owner_version += 1
    row.owner = row.owner_name = row.owner_since = None
    session.flush()
    tell(session, row, [said("owner_gone")], now, {"owner": "bot"})


def tell(
    session: Session,
    row: ConversationRow,
    words: list[str],
    now: datetime,
    facts: dict[str, Any],
) -> None:
    """The desk's own words to the member; `facts` say who speaks from here on."""
    drafts = [Draft("system", text, facts=facts) for text in words]
    for message in _put(session, row, drafts, now):
        _on_its_way(session, row, message, now, str(uuid.uuid4()), "", None)


def _locked(session: Session, conversation_id: str) -> ConversationRow:
    row = session.scalar(
        select(ConversationRow).where(ConversationRow.id == conversation_id).with_for_update()
    )
    # A telephone call's conversation is the clerk's own from the start.
    if row is None or row.channel == STAFF_CHANNEL:
        raise ConversationNotFound(said("errors.not_found"))
    return row


def _has_written(session: Session, conversation_id: str, seen: int) -> bool:
    newer = select(MessageRow.seq).where(
        MessageRow.conversation_id == conversation_id,
        MessageRow.seq > seen,
        MessageRow.author == "member",
    )
    return session.scalar(newer.limit(1)) is not None


def _hand_to(row: ConversationRow, person: StaffMember, now: datetime) -> None:
    row.owner, row.owner_name, row.owner_since = person.id, person.name, now
    row.owner_version += 1


def _must_own(row: ConversationRow, person: StaffMember) -> None:
    if row.owner is None:
        raise NotYours(said("errors.not_yours"))
    if row.owner != person.id:
        raise _others(row)


def _others(row: ConversationRow) -> OwnedByAnother:
    name = row.owner_name or ""
    return OwnedByAnother(said("errors.other", name=name), row.owner or "", name)


def _put(
    session: Session, row: ConversationRow, drafts: list[Draft], now: datetime
) -> list[Message]:
    session.flush()
    connection = session.connection()
    place = next_places(connection, row.id, len(drafts), now)
    assert place is not None
    session.refresh(row, ["last_seq", "last_at"])
    return append(connection, place, drafts, now, None)


def _on_its_way(
    session: Session,
    row: ConversationRow,
    message: Message,
    now: datetime,
    client_message_id: str,
    digest: str,
    staff_id: str | None,
) -> None:
    session.add(
        OutgoingRow(
            id=message.id,
            conversation_id=row.id,
            client_message_id=client_message_id,
            body_digest=digest,
            seq=message.seq,
            staff_id=staff_id,
            delivery=WAITING if row.channel == LINE else JOURNAL,
            tries=0,
            next_try_at=now,
            created_at=now,
        )
    )
    session.flush()

"""Notes for colleagues and saved answers. Each method is one transaction."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from bot.database import reading
from bot.errors import ConversationNotFound, InvalidRequest
from bot.handover.errors import NotAllowed
from bot.handover.views import Note, SavedAnswer
from bot.handover.words import said
from bot.staff.members import Role, StaffMember
from bot.store.handover_tables import NoteRow, SavedAnswerRow
from bot.store.handovers import log
from bot.store.tables import ConversationRow
from bot.text import clean

_MOST, _MOST_TITLE = 1000, 80


def checked(text: str) -> str:
    """A text that can be kept, 1-1000 characters. Raises InvalidRequest."""
    kept = clean(text)
    if not kept:
        raise InvalidRequest(said("errors.empty"))
    if len(kept) > _MOST:
        raise InvalidRequest(said("errors.too_long"))
    return kept


class DeskNotes:
    """What staff write for themselves; no member ever sees it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add_note(self, conversation_id: str, person: StaffMember, text: str, now: datetime) -> Note:
        """Keep a note. Raises InvalidRequest, ConversationNotFound."""
        kept = checked(text)
        with self._sessions.begin() as session:
            if session.get(ConversationRow, conversation_id) is None:
                raise ConversationNotFound(said("errors.not_found"))
            row = NoteRow(
                conversation_id=conversation_id,
                staff_id=person.id,
                staff_name=person.name,
                text=kept,
                created_at=now,
            )
            session.add(row)
            session.flush()
            log(session, "note", conversation_id, now, staff_id=person.id)
            return note_of(row)

    def saved(self, person: StaffMember) -> list[SavedAnswer]:
        """One's own and everybody's, by title."""
        with reading(self._sessions) as session:
            rows = session.scalars(
                select(SavedAnswerRow)
                .where(or_(SavedAnswerRow.staff_id == person.id, SavedAnswerRow.staff_id.is_(None)))
                .order_by(SavedAnswerRow.title, SavedAnswerRow.id)
            )
            return [_saved(row) for row in rows]

    def save(
        self,
        person: StaffMember,
        title: str,
        text: str,
        shared: bool,
        answer_id: int | None,
        now: datetime,
    ) -> SavedAnswer:
        """Keep or change one. Raises InvalidRequest, NotAllowed."""
        kept, name = checked(text), " ".join(clean(title).split())
        if not 1 <= len(name) <= _MOST_TITLE:
            raise InvalidRequest(said("errors.title"))
        if shared:
            _supervisors_only(person)
        with self._sessions.begin() as session:
            row = SavedAnswerRow() if answer_id is None else _own(session, person, answer_id)
            row.staff_id = None if shared else person.id
            row.title, row.text, row.updated_at = name, kept, now
            session.add(row)
            session.flush()
            return _saved(row)

    def delete(self, person: StaffMember, answer_id: int) -> None:
        """Take one away. Raises InvalidRequest, NotAllowed."""
        with self._sessions.begin() as session:
            session.delete(_own(session, person, answer_id))


def note_of(row: NoteRow) -> Note:
    """A note."""
    return Note(row.id, row.staff_id, row.staff_name, row.text, row.created_at)


def _saved(row: SavedAnswerRow) -> SavedAnswer:
    return SavedAnswer(row.id, row.title, row.text, row.staff_id is None)


def _own(session: Session, person: StaffMember, answer_id: int) -> SavedAnswerRow:
    row = session.get(SavedAnswerRow, answer_id)
    if row is None or row.staff_id not in (None, person.id):
        raise InvalidRequest(said("errors.no_answer"))
    if row.staff_id is None:
        _supervisors_only(person)
    return row


def _supervisors_only(person: StaffMember) -> None:
    if person.role is not Role.supervisor:
        raise NotAllowed(said("errors.supervisors_only"))

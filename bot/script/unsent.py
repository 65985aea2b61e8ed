"""A clerk's mail that could not be sent: said in its case, which asks for a call today."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import tokyo_date
from bot.database import reading
from bot.script.records import Note
from bot.script.store import keep_note
from bot.script.words import words
from bot.store.case_tables import CaseRow
from bot.store.script_tables import ScriptNoteRow

_MARK = "unsent-"


def note_unsent(session: Session, case_id: str, mail_id: str, refused: bool, now: datetime) -> None:
    """Note it once, and make the case due today where nothing is promised; in that transaction.

    `refused`: the mail server will not take it; else it was never reached. A case that was
    deleted meanwhile is let be.
    """
    row = session.get(CaseRow, case_id, with_for_update=True)
    if row is None:
        return
    said = words()["unsent"]
    note = Note(0, said["refused" if refused else "late"], said["by"], now)
    if not keep_note(session, case_id, f"{_MARK}{mail_id}", note):
        return
    if row.follow_up_on is None or row.follow_up_done_at is not None:
        row.follow_up_on, row.follow_up_done_at = tokyo_date(now), None


def unsent_notes(sessions: sessionmaker[Session], case_id: str) -> list[str]:
    """What these notes say, in their order."""
    of_case = (ScriptNoteRow.case_id == case_id, ScriptNoteRow.client_id.startswith(_MARK))
    with reading(sessions) as session:
        rows = session.scalars(select(ScriptNoteRow).where(*of_case).order_by(ScriptNoteRow.at))
        return [row.text for row in rows]

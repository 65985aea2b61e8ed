"""The path of a call in the database. Each method is one transaction."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from bot.cases.records import Case
from bot.database import reading
from bot.script.records import Note, Step, note_of, step_of
from bot.store.case_tables import CaseRow
from bot.store.script_tables import ScriptNoteRow, ScriptStepRow
from bot.store.tables import ConversationRow

STAFF_PATH = "staff"
_LONGEST_NOTED = 20_000


class ScriptStore:
    """Writes and reads steps and notes; keeps the conversation's identity that of the case."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def path(self, case_id: str) -> tuple[list[Step], list[Note]]:
        """Steps and notes in their order."""
        of_case = (ScriptStepRow.case_id == case_id, ScriptNoteRow.case_id == case_id)
        with reading(self._sessions) as session:
            steps = session.scalars(
                select(ScriptStepRow).where(of_case[0]).order_by(ScriptStepRow.seq)
            )
            notes = session.scalars(
                select(ScriptNoteRow).where(of_case[1]).order_by(ScriptNoteRow.at)
            )
            return [step_of(row) for row in steps], [note_of(row) for row in notes]

    def add(self, case_id: str, step: Step) -> None:
        """Keep a step, and what it says of the case; the same step again changes nothing."""
        with self._sessions.begin() as session:
            if session.get(ScriptStepRow, (case_id, step.seq)) is not None:
                return
            session.add(_step_row(case_id, step))
            values: dict[str, object] = {"updated_at": step.at}
            if step.topic:
                values["topic"] = step.topic
            if step.outcome:
                values["outcome"] = step.outcome
            session.execute(update(CaseRow).where(CaseRow.id == case_id).values(values))

    def add_note(self, case_id: str, client_id: str, note: Note) -> None:
        """Keep a note, and let the case be found by it; the same note again changes nothing."""
        with self._sessions.begin() as session:
            keep_note(session, case_id, client_id, note)

    def identify(self, conversation_id: str, case: Case, kind: str | None, now: datetime) -> None:
        """Let the dialogue look up for a verified caller, for as long as that holds; else not."""
        verified = case.is_verified(now)
        values = {
            "member_number": case.number if verified else None,
            "member_kind": kind if verified else None,
            "identity_path": STAFF_PATH if verified else None,
            "identity_until": case.verified_until if verified else None,
        }
        with self._sessions.begin() as session:
            session.execute(
                update(ConversationRow).where(ConversationRow.id == conversation_id).values(values)
            )


def keep_note(session: Session, case_id: str, client_id: str, note: Note) -> bool:
    """The same within a transaction; False where the note was kept before."""
    if session.get(ScriptNoteRow, (case_id, client_id)) is not None:
        return False
    row = session.get_one(CaseRow, case_id, with_for_update=True)
    row.noted = f"{row.noted}\n{note.text}".strip()[-_LONGEST_NOTED:]
    row.updated_at = note.at
    session.add(
        ScriptNoteRow(
            case_id=case_id,
            client_id=client_id,
            seq=note.seq,
            text=note.text,
            staff_name=note.staff_name[:100],
            at=note.at,
        )
    )
    return True


def _step_row(case_id: str, step: Step) -> ScriptStepRow:
    return ScriptStepRow(
        case_id=case_id,
        seq=step.seq,
        kind=step.kind.value,
        said=step.said,
        question=step.question,
        asks=step.asks,
        topic=step.topic,
        outcome=step.outcome,
        answers=step.answers,
        source=step.source.value,
        verified=step.verified,
        at=step.at,
    )

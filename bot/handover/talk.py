"""One conversation as a person reads it: summary, transcript, notes, all of one moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.japanese import say_instant
from actions.domain.procedure import Outcome, Rules, advise_from_registry
from actions.domain.progress import progress
from actions.domain.registry import Registry, RegistryRecord
from bot.database import reading
from bot.documents.words import outcome_name
from bot.errors import ConversationNotFound
from bot.handover.desk_notes import note_of
from bot.handover.inbox import item_of, last_event_id
from bot.handover.summary import answers, last_outcome, last_topic, pressed, topic_label
from bot.handover.views import Feedback, InboxItem, Line, Summary, Talk
from bot.handover.words import known, said, say_moment, undelivered
from bot.messages import Message
from bot.store.handover_tables import HandoverRow, NoteRow, OutgoingRow
from bot.store.records import message_of
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow
from bot.text import masked_number
from bot.wording import progress_label


@dataclass(frozen=True)
class _State:
    """What the registry says of the number now."""

    line: str | None = None
    outcome: str | None = None
    as_of: datetime | None = None
    progress: tuple[dict[str, str], ...] = ()
    record: RegistryRecord | None = None


class TalkReader:
    """Puts together what a person reads before they answer."""

    def __init__(self, sessions: sessionmaker[Session], registry: Registry, rules: Rules) -> None:
        self._sessions = sessions
        self._registry = registry
        self._rules = rules

    def talk(self, conversation_id: str, now: datetime) -> Talk:
        """The conversation. Raises ConversationNotFound."""
        with reading(self._sessions) as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None or row.channel == "staff":
                raise ConversationNotFound(said("errors.not_found"))
            messages = [message_of(m) for m in _of(session, MessageRow, row.id, MessageRow.seq)]
            outgoing = {o.seq: o for o in _of(session, OutgoingRow, row.id, OutgoingRow.seq)}
            notes = [note_of(n) for n in _of(session, NoteRow, row.id, NoteRow.id)]
            feedback = _of(session, FeedbackRow, row.id, FeedbackRow.id)
            requests = _of(session, HandoverRow, row.id, HandoverRow.id)
            item = item_of(session, row.id) or _without_request(row, messages)
            event_id = last_event_id(session)
        number = _proven(row, now)
        state = self._state(number, row.demo_now or now) if number else _State()
        request = requests[-1] if requests else None
        summary = _summary(row, number, state, messages, feedback, request)
        lines = _lines(messages, outgoing)
        return Talk(item, row.owner_version, summary, lines, notes, event_id)

    def _state(self, number: str, now: datetime) -> _State:
        try:
            record = self._registry.look_up(number)
            calendar = self._registry.calendar()
        except SQLAlchemyError:
            return _State(said("state.unknown"))
        if record is None:
            return _State(said("state.number_unknown"), Outcome.number_unknown.value)
        advice = advise_from_registry(record.registration, now, calendar, self._rules)
        steps = tuple(
            {"label": progress_label(step.value), "state": state.value}
            for step, state in progress(advice.outcome)
        )
        name = outcome_name(advice.outcome)
        line = said("state.known", state=name, as_of=say_instant(record.as_of))
        return _State(line, advice.outcome.value, record.as_of, steps, record)


def _of(session: Session, table: Any, conversation_id: str, order: Any) -> list[Any]:
    found = select(table).where(table.conversation_id == conversation_id).order_by(order)
    return list(session.scalars(found))


def _proven(row: ConversationRow, now: datetime) -> str | None:
    if row.identity_until is not None and row.identity_until <= now:
        return None
    return row.member_number


def _summary(
    row: ConversationRow,
    number: str | None,
    state: _State,
    messages: list[Message],
    feedback: list[FeedbackRow],
    request: HandoverRow | None,
) -> Summary:
    outcome, topic = last_outcome(messages), last_topic(messages)
    waiting = request.unanswered_since if request and request.ended_at is None else None
    return Summary(
        conversation_id=row.id,
        channel=row.channel,
        number=number,
        name=state.record.name if state.record else None,
        kind=row.member_kind if number else None,
        proof=_proof(row, number),
        registry_state=state.line,
        registry_outcome=state.outcome,
        as_of=state.as_of,
        progress=list(state.progress),
        outcome=outcome,
        outcome_label=outcome_name(outcome) if outcome else None,
        topic_label=topic_label(topic),
        reason=request.reason if request else None,
        reason_label=known("reasons", request.reason) if request else None,
        answers=answers(messages),
        feedback=[Feedback(f.seq, f.helpful, f.comment, f.created_at) for f in feedback],
        answer_by=known("answer_by", request.answer_by) if request else None,
        contact=_contact(request, state.record),
        waiting_since=waiting,
        started_at=row.created_at,
    )


def _contact(request: HandoverRow | None, record: RegistryRecord | None) -> str | None:
    """Where the member wants the answer (what they left, else what the registry has).

    A telephone number that was left unasked is there as well.
    """
    if request is None:
        return None
    left, by = request.contact, request.answer_by
    answers_it = left is not None and (by == "mail") == ("@" in left)
    if answers_it or record is None or by not in ("phone", "mail"):
        return left
    known = record.phone if by == "phone" else record.email
    return "、".join(one for one in (known, left) if one) or None


def _proof(row: ConversationRow, number: str | None) -> str:
    if number is None:
        return said("proofs.over" if row.member_number else "proofs.none")
    proof = known("proofs", row.identity_path) or said("proofs.none")
    if row.identity_until is None:
        return proof
    return said("proofs.until", proof=proof, until=say_moment(row.identity_until))


def _lines(messages: list[Message], outgoing: dict[int, OutgoingRow]) -> list[Line]:
    chosen = pressed(messages)
    lines = []
    for message in messages:
        sent = outgoing.get(message.seq)
        delivery = sent.delivery if sent else None
        lines.append(
            Line(
                message,
                chosen.get(message.seq),
                message.draft.facts.get("staff_name"),
                delivery,
                known("deliveries", delivery),
                undelivered=undelivered(delivery),
            )
        )
    return lines


def _without_request(row: ConversationRow, messages: list[Message]) -> InboxItem:
    """A conversation that the bot has: supervisors may look at it, and anybody may step in."""
    last = messages[-1] if messages else None
    return InboxItem(
        conversation_id=row.id,
        channel=row.channel,
        member=masked_number(row.member_number) if row.member_number else None,
        member_name=None,
        state="bot",
        reason="",
        topic=None,
        topic_label=None,
        outcome=None,
        outcome_label=None,
        urgent=False,
        answer_by=None,
        requested_at=row.created_at,
        waiting_since=None,
        owner_id=row.owner,
        owner_name=row.owner_name,
        last_author=last.draft.author if last else "",
        last_text=last.draft.text if last else "",
        member_text="",
        last_at=row.last_at,
        last_seq=row.last_seq,
    )

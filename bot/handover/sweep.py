"""What time alone brings: conversations given up, how they ended, rows that are old."""

from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import structlog
from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.procedure import Rules, advise_from_registry
from actions.domain.registry import Registry
from bot.clock import Clock
from bot.database import reading
from bot.handover.idle import Silence, given_up, left_alone
from bot.handover.ownership import finish, let_go
from bot.handover.presence import Presence
from bot.handover.requests import OWNED
from bot.handover.resolution import STAYS_FOR, Story, resolution
from bot.handover.words import said
from bot.live import STAFF, Live
from bot.settings import Settings
from bot.store.handover_tables import DeskEventRow, HandoverRow, PresenceRow, ResolutionRow
from bot.store.handovers import log
from bot.store.staff_tables import StaffRow
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow

_LOG = structlog.get_logger()
_EVENTS_KEPT = timedelta(days=2)
_MOST = 100


class Sweep:
    """One round is cheap; any process may do it, and two at once do it once."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        settings: Settings,
        registry: Registry,
        rules: Rules,
        live: Live,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._registry = registry
        self._rules = rules
        self._live = live
        self._clock = clock
        self._owned_for = timedelta(minutes=settings.handover_idle_minutes)
        self._patience = timedelta(minutes=settings.handover_owner_gone_minutes)
        self._waiting_for = timedelta(hours=settings.handover_given_up_hours)

    async def once(self) -> None:
        """Do what is due; a database that is away is tried again later."""
        try:
            ended = await anyio.to_thread.run_sync(self.close_silent)
            ended += await anyio.to_thread.run_sync(self.release_left)
            await anyio.to_thread.run_sync(self.resolve)
            await anyio.to_thread.run_sync(self._forget)
        except SQLAlchemyError as error:
            _LOG.error("the desk's sweep failed", error=type(error).__name__)
            return
        for conversation_id in ended:
            self._live.notify(conversation_id)
        if ended:
            self._live.notify(STAFF)

    def close_silent(self) -> list[str]:
        """End requests whose member has given up, with a kind word; gives their conversations."""
        now = self._clock()
        with reading(self._sessions) as session:
            rows = session.scalars(select(HandoverRow).where(HandoverRow.ended_at.is_(None)))
            silent = [row.id for row in rows if self._given_up(row, now)]
        return [found for row_id in silent if (found := self._close(row_id, now))]

    def _given_up(self, row: HandoverRow, now: datetime) -> bool:
        elsewhere = row.answer_by in ("phone", "mail") or row.message_seq is not None
        unanswered = row.unanswered_since is not None
        silence = Silence(row.state, row.member_at, row.staff_at, unanswered, elsewhere)
        return given_up(silence, now, self._owned_for, self._waiting_for)

    def _close(self, request_id: int, now: datetime) -> str | None:
        with self._sessions.begin() as session:
            locked = _locked(session, request_id)
            if locked is None or not self._given_up(locked[0], now):
                return None
            found, talk = locked
            key = "given_up_owned" if talk.owner else "given_up_waiting"
            finish(session, talk, found, "given_up", [said(key)], now)
            log(session, "closed", talk.id, now, talk.last_seq)
            return talk.id

    def release_left(self) -> list[str]:
        """Let members wait for anybody whose owner is gone; gives their conversations."""
        now = self._clock()
        with reading(self._sessions) as session:
            rows = session.scalars(
                select(HandoverRow).where(
                    HandoverRow.ended_at.is_(None), HandoverRow.state == OWNED
                )
            )
            left = [row.id for row in rows if self._is_left(session, row, now)]
        return [found for row_id in left if (found := self._release(row_id, now))]

    def _is_left(self, session: Session, row: HandoverRow, now: datetime) -> bool:
        if row.state != OWNED:
            return False
        owed = row.unanswered_since or (row.taken_at if row.staff_at is None else None)
        seen_at = session.scalar(
            select(PresenceRow.seen_at)
            .join(StaffRow, StaffRow.id == PresenceRow.staff_id)
            .where(PresenceRow.staff_id == row.staff_id, StaffRow.disabled_at.is_(None))
        )
        return left_alone(owed, seen_at, now, self._patience)

    def _release(self, request_id: int, now: datetime) -> str | None:
        with self._sessions.begin() as session:
            locked = _locked(session, request_id)
            if locked is None or not self._is_left(session, locked[0], now):
                return None
            found, talk = locked
            let_go(session, talk, found, now)
            log(session, "requested", talk.id, now, talk.last_seq)
            return talk.id

    def resolve(self) -> int:
        """Keep how conversations ended that can be judged by now; gives how many."""
        now = self._clock()
        with reading(self._sessions) as session:
            rows = session.scalars(
                select(ConversationRow)
                .outerjoin(ResolutionRow)
                .where(
                    or_(
                        ResolutionRow.conversation_id.is_(None),
                        ResolutionRow.computed_at < ConversationRow.last_at,
                    ),
                    ConversationRow.last_at < now - STAYS_FOR,
                    ConversationRow.channel != "staff",
                    ConversationRow.owner.is_(None),
                )
                .order_by(ConversationRow.last_at)
                .limit(_MOST)
            ).all()
            stories = {row.id: _story(session, row) for row in rows}
        found = [
            row
            for row in rows
            if self._keep(row.id, self._with_later(row, stories[row.id], now), now)
        ]
        return len(found)

    def _with_later(self, row: ConversationRow, story: Story, now: datetime) -> Story:
        if row.member_number is None:
            return story
        record = self._registry.look_up(row.member_number)
        if record is None:
            return story
        calendar = self._registry.calendar()
        advice = advise_from_registry(record.registration, now, calendar, self._rules)
        return replace(story, outcome_later=advice.outcome.value)

    def _keep(self, conversation_id: str, story: Story, now: datetime) -> bool:
        known = resolution(story, now)
        if known is None:
            return False
        with self._sessions.begin() as session:
            if session.get(ConversationRow, conversation_id) is None:
                return False
            session.merge(
                ResolutionRow(
                    conversation_id=conversation_id,
                    state=known.state,
                    cause=known.cause,
                    outcome_then=story.outcome_then,
                    outcome_later=story.outcome_later,
                    computed_at=now,
                )
            )
        return True

    def _forget(self) -> None:
        now = self._clock()
        with self._sessions.begin() as session:
            session.execute(delete(DeskEventRow).where(DeskEventRow.at < now - _EVENTS_KEPT))
        Presence(self._sessions).forget(now - _EVENTS_KEPT)


def _story(session: Session, row: ConversationRow) -> Story:
    outcome = session.scalar(
        select(MessageRow.outcome)
        .where(MessageRow.conversation_id == row.id, MessageRow.outcome.is_not(None))
        .order_by(MessageRow.seq.desc())
        .limit(1)
    )
    helpful = session.scalar(
        select(FeedbackRow.helpful)
        .where(FeedbackRow.conversation_id == row.id)
        .order_by(FeedbackRow.id.desc())
        .limit(1)
    )
    by_person = session.scalar(
        select(func.count()).where(
            HandoverRow.conversation_id == row.id, HandoverRow.state.in_(("closed", "answered"))
        )
    )
    came_back = None
    if row.member_number is not None:
        came_back = session.scalar(
            select(func.min(ConversationRow.created_at)).where(
                ConversationRow.member_number == row.member_number,
                ConversationRow.created_at > row.last_at,
            )
        )
    return Story(
        ended_at=row.last_at,
        decided=outcome is not None or bool(by_person),
        outcome_then=outcome,
        came_back_at=came_back,
        helpful=helpful,
        known_member=row.member_number is not None,
    )


def _locked(session: Session, request_id: int) -> tuple[HandoverRow, ConversationRow] | None:
    """An open request and its conversation, locked: somebody may have written meanwhile."""
    found = session.get(HandoverRow, request_id)
    if found is None:
        return None
    talk = session.scalar(
        select(ConversationRow).where(ConversationRow.id == found.conversation_id).with_for_update()
    )
    session.refresh(found)
    return (found, talk) if talk is not None and found.ended_at is None else None

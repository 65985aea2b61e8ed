"""The mailed code: a guest proves that a number's mailbox is theirs.

Nothing that a guest can see or measure tells whether a number exists: known and unknown numbers
take the same statements in the same order, and the mail leaves later, from the outbox.
"""

import random
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.audit import AuditEvent, audited
from bot.clock import Clock
from bot.identity.codes import Codes
from bot.identity.steps import Step, pressed_for_code, taken
from bot.identity.typed import Awaited, Typed, about_the_code, find, may_hold_digits
from bot.settings import Settings
from bot.store import statements
from bot.store.identity_tables import MailedCodeRow, OutboxRow
from bot.store.joined import Writer
from bot.store.records import Taken, TakeText
from bot.store.tables import ConversationRow

MAIL_PATH = "mail"
OPEN, REPLACED, USED = "open", "replaced", "used"
TRIES = 5
KEPT = timedelta(hours=24)
# The number is printed on a sheet of paper that has to be found first; for what does not look
# like one the patience is shorter.
_NUMBER_AWAITED_FOR, _MISTYPED_FOR = KEPT, timedelta(minutes=30)
# A clock that was set back must not make an old code young again.
_SKEW = timedelta(minutes=1)
# The mail leaves at a moment that has nothing to do with the request, so that sending it does
# not slow down the very answer that must not differ.
_LEAVES_AFTER_S = (1.0, 3.0)
_LOCK = 0x636F6465  # "code": requests for codes one after the other on PostgreSQL


class MailedCodes:
    """Numbers in, codes out, codes in, identity out. `offered`: whether mails can be sent."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        codes: Codes,
        settings: Settings,
        clock: Clock,
        offered: bool,
    ) -> None:
        self._sessions = sessions
        self._codes = codes
        self._clock = clock
        self.offered = offered
        self._per_day = settings.codes_per_day
        self._per_address = settings.codes_per_address
        self._per_hour = settings.codes_per_hour
        self._valid_for = timedelta(minutes=settings.identity_minutes)

    def begin(self, conversation_id: str) -> None:
        """Wait for a registration number."""
        with self._sessions.begin() as session:
            row = session.get_one(ConversationRow, conversation_id)
            _await(row, Awaited.number, self._clock() + _NUMBER_AWAITED_FOR)

    def resend(self, conversation_id: str) -> Step | None:
        """Another code for the number typed last; None where there is none any more."""
        now = self._clock()
        with self._sessions.begin() as session:
            row = session.get_one(ConversationRow, conversation_id)
            last = _newest(session, conversation_id)
            if last is None or last.created_at < now - KEPT:
                return None
            return self._request(session, row, last.number, last.origin_digest, now)

    def taking(self, words: str, origin: str) -> TakeText | None:
        """What the journal calls while it commits `words`; None where nothing can be in them.

        `origin` is the sender's network address, empty where there is none.
        """
        if not self.offered:
            return None
        about = about_the_code(words)
        if about is None and not may_hold_digits(words):
            return None
        digest = self._codes.origin(origin) if origin else ""

        def take(writer: Writer, conversation_id: str, now: datetime) -> Taken | None:
            waiting = statements.WAITING.first(writer.connection, {"talk": conversation_id})
            assert waiting is not None
            until = waiting.awaiting_until
            if waiting.awaiting is None or until is None or until < now:
                return self._again(writer, conversation_id, words, now)
            session = writer.session()
            row = session.get_one(ConversationRow, conversation_id)
            awaited, typed = self._found(session, row, words, now)
            if typed is None and about and awaited is Awaited.code and not row.owner:
                return pressed_for_code(about, words)
            if typed is None or (row.owner and not _is_a_code(awaited, typed)):
                return None
            step = self._step(session, row, awaited, typed, digest, now)
            return taken(typed, step)

        return take

    def _found(
        self, session: Session, row: ConversationRow, words: str, now: datetime
    ) -> tuple[Awaited, Typed | None]:
        """What is awaited and what of it is in `words`; an open code fits also before a number."""
        assert row.awaiting is not None and row.awaiting_until is not None
        awaited = Awaited(row.awaiting)
        typed = find(words, awaited)
        if awaited is Awaited.code or (typed and typed.digits):
            return awaited, typed
        code = find(words, Awaited.code)
        asked = _newest(session, row.id) if code and code.digits else None
        if asked is not None and asked.state == OPEN and not _is_over(asked, now):
            return Awaited.code, code
        is_late = now > row.awaiting_until - _NUMBER_AWAITED_FOR + _MISTYPED_FOR
        return awaited, None if is_late else typed

    def _again(
        self, writer: Writer, conversation_id: str, words: str, now: datetime
    ) -> Taken | None:
        """The code that proved this conversation already: said again, it proves nothing more."""
        typed = find(words, Awaited.code)
        if typed is None or typed.digits is None:
            return None
        session = writer.session()
        row = session.get_one(ConversationRow, conversation_id)
        if row.identity_path != MAIL_PATH or row.identity_until is None or row.identity_until < now:
            return None
        asked = _newest(session, row.id)
        if asked is None or asked.state != USED:
            return None
        fits = self._codes.fits(row.id, asked.salt, asked.code_digest, typed.digits)
        return taken(typed, Step.code_ok) if fits else None

    def _step(
        self,
        session: Session,
        row: ConversationRow,
        awaited: Awaited,
        typed: Typed,
        origin: str,
        now: datetime,
    ) -> Step:
        if awaited is Awaited.number:
            if typed.digits is None:
                return Step.number_length
            return self._request(session, row, typed.digits, origin, now)
        if typed.digits is None:
            return Step.code_length
        return self._check(session, row, typed.digits, now)

    def _request(
        self, session: Session, row: ConversationRow, number: str, origin: str, now: datetime
    ) -> Step:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if self._too_many(session, row.id, number, origin, now):
            return Step.too_many
        found = session.execute(select(MemberRow.email).where(MemberRow.number == number)).scalar()
        address = found if found and _can_be_sent_to(found) else ""
        session.execute(
            update(MailedCodeRow)
            .where(MailedCodeRow.conversation_id == row.id, MailedCodeRow.state == OPEN)
            .values(state=REPLACED)
        )
        code = self._codes.new(row.id)
        code_id = secrets.token_urlsafe(16)
        session.add(
            MailedCodeRow(
                id=code_id,
                conversation_id=row.id,
                number=number,
                mailbox_digest=self._codes.mailbox(address),
                origin_digest=origin,
                salt=code.salt,
                code_digest=code.digest,
                tries_left=TRIES,
                state=OPEN,
                created_at=now,
            )
        )
        leaves_at = now + timedelta(seconds=random.uniform(*_LEAVES_AFTER_S))
        session.add(
            OutboxRow(
                id=code_id,
                kind="code",
                recipient=address,
                params={"seed": code.seed},
                state="waiting",
                tries=0,
                next_try_at=leaves_at,
                created_at=now,
            )
        )
        _await(row, Awaited.code, now + KEPT)
        session.flush()
        return Step.number_taken

    def _too_many(
        self, session: Session, conversation_id: str, number: str, origin: str, now: datetime
    ) -> bool:
        row, day, hour = MailedCodeRow, now - KEPT, now - timedelta(hours=1)
        counted = select(
            func.count().filter(row.number == number),
            func.count().filter(row.conversation_id == conversation_id),
            func.count().filter(row.origin_digest == origin),
            func.count().filter(row.created_at > hour),
        ).where(row.created_at > day)
        of_number, of_conversation, of_origin, in_hour = session.execute(counted).one()
        return bool(
            of_number >= self._per_day
            or of_conversation >= self._per_day
            or (origin and of_origin >= self._per_address)
            or in_hour >= self._per_hour
        )

    def _check(self, session: Session, row: ConversationRow, code: str, now: datetime) -> Step:
        asked = _newest(session, row.id)
        if asked is None or asked.state != OPEN or _is_over(asked, now):
            return Step.code_expired
        # The try is used up by one statement, however many guesses arrive at once.
        left = session.execute(
            update(MailedCodeRow)
            .where(
                MailedCodeRow.id == asked.id,
                MailedCodeRow.state == OPEN,
                MailedCodeRow.tries_left > 0,
            )
            .values(tries_left=MailedCodeRow.tries_left - 1)
            .returning(MailedCodeRow.tries_left)
            .execution_options(synchronize_session=False)
        ).scalar()
        if left is None:
            return Step.code_locked
        fits = self._codes.fits(row.id, asked.salt, asked.code_digest, code)
        # Nobody was sent a code for a number without a mailbox, so no guess may fit it.
        if not fits or asked.mailbox_digest == self._codes.mailbox(""):
            return Step.code_wrong if left else Step.code_locked
        asked.state = USED
        self._bind(session, row, asked.number, now)
        row.mailbox_digest = asked.mailbox_digest
        session.add(audited(AuditEvent.identity_proven, MAIL_PATH, asked.number, row.id, now))
        session.flush()
        return Step.code_ok

    def _bind(self, session: Session, row: ConversationRow, number: str, now: datetime) -> None:
        row.member_number = number
        row.member_kind = session.scalar(select(MemberRow.kind).where(MemberRow.number == number))
        row.identity_path, row.identity_until = MAIL_PATH, now + self._valid_for
        row.awaiting = row.awaiting_until = None


def _is_a_code(awaited: Awaited, typed: Typed) -> bool:
    """Other digits that a member writes to a person are for that person to read."""
    return awaited is Awaited.code and typed.digits is not None


def _newest(session: Session, conversation_id: str) -> MailedCodeRow | None:
    return session.scalar(
        select(MailedCodeRow)
        .where(MailedCodeRow.conversation_id == conversation_id)
        .order_by(MailedCodeRow.created_at.desc())
        .limit(1)
    )


def _is_over(code: MailedCodeRow, now: datetime) -> bool:
    if now < code.created_at - _SKEW or now > code.created_at + KEPT:
        return True
    return code.expires_at is not None and code.expires_at <= now


def _await(row: ConversationRow, awaited: Awaited, until: datetime) -> None:
    row.awaiting, row.awaiting_until = awaited.value, until


def _can_be_sent_to(address: str) -> bool:
    name, at, domain = address.strip().rpartition("@")
    plain = not any(c.isspace() or ord(c) < 32 or c in "<>,;" for c in address.strip())
    return bool(name and at and "." in domain and plain)

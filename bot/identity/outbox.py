"""The outbox: mails leave from the database, one claim at a time, until the server takes them.

Several processes may work on it: a claim is one statement, and a claim of a process that died
runs out by itself. A mail may then be sent twice, never lost.
"""

import asyncio
import random
from datetime import datetime, timedelta

import anyio
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import Clock
from bot.database import reading
from bot.identity.codes import Codes
from bot.identity.mailed_code import KEPT
from bot.identity.mailer import Mailer, MailRefused, MailServerAway, OutgoingMail
from bot.metrics import MAILS
from bot.script.unsent import note_unsent
from bot.store.identity_tables import MailedCodeRow, OutboxRow
from bot.wording import mail_words

WAITING, DONE, REFUSED, LATE = "waiting", "done", "refused", "late"
STAFF_NOTE = "staff_note"
_LEASE = timedelta(minutes=2)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 120.0
_LOG = structlog.get_logger()


class Outbox:
    """The rows; each method is one transaction."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock, code_minutes: int) -> None:
        self._sessions = sessions
        self._clock = clock
        self._valid_for = timedelta(minutes=code_minutes)

    def claim(self) -> OutboxRow | None:
        """The next mail that is due; nobody else gets it for two minutes."""
        now = self._clock()
        due = (OutboxRow.state == WAITING) & (OutboxRow.next_try_at <= now)
        # Whoever claims at the same moment takes another one (PostgreSQL), instead of none.
        oldest = (
            select(OutboxRow.id)
            .where(due)
            .order_by(OutboxRow.next_try_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with reading(self._sessions) as session:
            # Nearly always there is nothing, and whoever only looks is in no writer's way.
            if session.scalar(select(OutboxRow.id).where(due).limit(1)) is None:
                return None
        with self._sessions.begin() as session:
            return session.scalar(
                update(OutboxRow)
                .where(OutboxRow.id == oldest.scalar_subquery(), due)
                .values(next_try_at=now + _LEASE, tries=OutboxRow.tries + 1)
                .returning(OutboxRow)
                .execution_options(synchronize_session=False)
            )

    def add(self, mail_id: str, kind: str, recipient: str, params: dict[str, str]) -> None:
        """Put a mail in; the same id again changes nothing."""
        now = self._clock()
        with self._sessions.begin() as session:
            if session.get(OutboxRow, mail_id) is None:
                session.add(
                    OutboxRow(
                        id=mail_id,
                        kind=kind,
                        recipient=recipient,
                        params=params,
                        state=WAITING,
                        tries=0,
                        next_try_at=now,
                        created_at=now,
                    )
                )

    def finish(self, mail: OutboxRow, state: str, failure: str | None = None) -> None:
        """Done with it. The code's time begins now, whatever became of the mail."""
        now = self._clock()
        with self._sessions.begin() as session:
            session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == mail.id)
                .values(state=state, failure=failure, recipient="", params={}, finished_at=now)
            )
            if mail.kind == STAFF_NOTE and state != DONE and "case" in mail.params:
                note_unsent(session, mail.params["case"], mail.id, state == REFUSED, now)
            session.execute(
                update(MailedCodeRow)
                .where(MailedCodeRow.id == mail.id, MailedCodeRow.expires_at.is_(None))
                .values(expires_at=now + self._valid_for)
            )

    def put_off(self, mail: OutboxRow, failure: str) -> None:
        """Try again later, each time a little later."""
        wait = min(_FIRST_WAIT_S * 2 ** (mail.tries - 1), _LONGEST_WAIT_S)
        at = self._clock() + timedelta(seconds=wait * random.uniform(0.8, 1.2))
        with self._sessions.begin() as session:
            session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == mail.id, OutboxRow.state == WAITING)
                .values(next_try_at=at, failure=failure)
            )

    def forget(self, before: datetime) -> None:
        """Delete codes and mails older than `before`, whatever became of them."""
        with self._sessions.begin() as session:
            session.execute(delete(OutboxRow).where(OutboxRow.created_at < before))
            session.execute(delete(MailedCodeRow).where(MailedCodeRow.created_at < before))


class OutboxWorker:
    """Sends what is due, one mail after the other."""

    def __init__(
        self, outbox: Outbox, mailer: Mailer, codes: Codes, clock: Clock, code_minutes: int
    ) -> None:
        self._outbox = outbox
        self._mailer = mailer
        self._codes = codes
        self._clock = clock
        self._code_minutes = code_minutes

    async def run(self, every_s: float = 0.5) -> None:
        """Work until cancelled. A database that is away is waited for."""
        while True:
            try:
                worked = await self.once()
            except SQLAlchemyError as error:
                _LOG.error("outbox cannot be read", error=type(error).__name__)
                worked = False
            if not worked:
                await asyncio.sleep(every_s)

    async def once(self) -> bool:
        """Send the next mail that is due; False where none is."""
        row = await anyio.to_thread.run_sync(self._outbox.claim)
        if row is None:
            return False
        state, failure = await self._try(row)
        MAILS.labels(state).inc()
        if state == WAITING:
            _LOG.warning("mail put off", reason=failure, tries=row.tries)
            await anyio.to_thread.run_sync(self._outbox.put_off, row, failure or "")
        else:
            await anyio.to_thread.run_sync(self._outbox.finish, row, state, failure)
        return True

    async def _try(self, row: OutboxRow) -> tuple[str, str | None]:
        if self._clock() - row.created_at > KEPT:
            return LATE, "too old"
        try:
            if row.recipient:
                await self._mailer.send(self._mail(row))
            else:
                # A number without a mailbox costs the same way to the server, so that its code
                # ends when another one's would.
                await self._mailer.knock()
        except MailRefused as refused:
            _LOG.warning("mail refused", reason=refused.reason)
            return REFUSED, refused.reason[:40]
        except MailServerAway as away:
            return WAITING, away.reason[:40]
        return DONE, None

    def _mail(self, row: OutboxRow) -> OutgoingMail:
        words = mail_words(row.kind)
        if row.kind == STAFF_NOTE:
            text = words["text"].format(note=row.params["note"])
            return OutgoingMail(row.id, row.recipient, words["subject"], text, self._clock())
        code = self._codes.code(row.params["seed"])
        text = words["text"].format(code=f"{code[:4]} {code[4:]}", minutes=self._code_minutes)
        return OutgoingMail(row.id, row.recipient, words["subject"], text, self._clock())

"""Everything about who is speaking, joined for these settings."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.audit import Audit
from bot.clock import Clock
from bot.identity.codes import Codes
from bot.identity.mailed_code import KEPT, MailedCodes
from bot.identity.mailer import DemoMails, Mailer, MailServerAway, SmtpMailer
from bot.identity.numbers import Numbers
from bot.identity.outbox import Outbox, OutboxWorker
from bot.identity.port import AppIdentity
from bot.settings import Settings
from bot.store.work import Work
from bot.wording import mail_sender

_CLEAN_EVERY_S = 3600.0
_LOG = structlog.get_logger()


@dataclass(frozen=True)
class IdentityParts:
    """The parts; `demo_mails` is there only in a demo without a mail server."""

    mailed_codes: MailedCodes
    port: AppIdentity
    audit: Audit
    outbox: Outbox
    worker: OutboxWorker | None
    mailer: Mailer | None
    demo_mails: DemoMails | None
    audit_days: int
    clock: Clock

    def work(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs beside the requests, for the app's lifespan."""
        if self.worker is not None and self.mailer is not None:
            yield _say_how_the_server_is(self.mailer)
            yield self.worker.run()
        yield self._clean()

    async def _clean(self) -> None:
        while True:
            now = self.clock()
            try:
                await anyio.to_thread.run_sync(self.outbox.forget, now - KEPT)
                await anyio.to_thread.run_sync(
                    self.audit.forget, now - timedelta(days=self.audit_days)
                )
            except SQLAlchemyError as error:
                _LOG.error("codes or audit not cleaned", error=type(error).__name__)
            await asyncio.sleep(_CLEAN_EVERY_S)


def create_identity(
    settings: Settings, sessions: sessionmaker[Session], clock: Clock, work: Work | None = None
) -> IdentityParts:
    """Join the parts. Without a mail server codes are offered in demo mode only."""
    codes = Codes(settings.secret_value())
    demo_mails = DemoMails() if settings.demo and not settings.smtp_host else None
    mailer: Mailer | None = demo_mails
    if settings.smtp_host:
        mailer = SmtpMailer(settings, mail_sender())
    mailed_codes = MailedCodes(sessions, codes, settings, clock, offered=mailer is not None)
    outbox = Outbox(sessions, clock, settings.code_minutes)
    worker = None
    if mailer is not None:
        worker = OutboxWorker(outbox, mailer, codes, clock, settings.code_minutes)
    return IdentityParts(
        mailed_codes=mailed_codes,
        port=AppIdentity(mailed_codes, Numbers(sessions, codes, clock), work),
        audit=Audit(sessions),
        outbox=outbox,
        worker=worker,
        mailer=mailer,
        demo_mails=demo_mails,
        audit_days=settings.audit_days,
        clock=clock,
    )


async def _say_how_the_server_is(mailer: Mailer) -> None:
    """Named in the log at the start; not fatal, since mails wait for a server that is down."""
    try:
        await mailer.knock()
    except MailServerAway as away:
        _LOG.error("the mail server (NAVI_SMTP_*) cannot be used now", reason=away.reason)

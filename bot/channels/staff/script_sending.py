"""The clerk's text to a verified member: by mail to the registry's address, or by LINE."""

import structlog
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.tables import LineSourceRow
from bot.channels.staff.cases_common import in_thread
from bot.database import reading
from bot.errors import NaviError
from bot.identity.outbox import STAFF_NOTE
from bot.script.words import words

_LOG = structlog.get_logger()
_LONGEST_LINE = 5000
_MAIL_ID = 24


class NotSent(NaviError, slug="not-sent", status=502):
    """The text did not go out; the sentence says why."""


async def send_by_mail(request: Request, number: str, case_id: str, key: str, text: str) -> None:
    """Put it into the outbox, which sends it; a refusal is noted in the case.

    Raises NotSent; the same `key` is one mail.
    """
    state = request.app.state
    if state.identity.mailer is None:
        raise NotSent(_problem("mail_off"))
    record = await in_thread(state.registry.look_up, number)
    if record is None or not record.email:
        raise NotSent(_problem("no_mail"))
    mail_id = key.replace("-", "")[:_MAIL_ID]
    add = state.identity.outbox.add
    await in_thread(add, mail_id, STAFF_NOTE, record.email, {"note": text, "case": case_id})


async def send_by_line(request: Request, number: str, key: str, text: str) -> None:
    """Push it, with `key` as LINE's retry key. Raises NotSent."""
    channel = getattr(request.app.state, "line", None)
    source = await in_thread(line_source, request.app.state.staff.sessions, number)
    if channel is None or source is None:
        raise NotSent(_problem("no_line"))
    # Imported here: line-bot-sdk takes a second, and most starts are without LINE.
    from bot.channels.line.client import LineRefused, LineUncertain

    try:
        await channel.api.push(source, [{"type": "text", "text": text[:_LONGEST_LINE]}], key)
    except LineRefused as refused:
        if refused.status == 409:  # the same key again: it went out before
            return
        _LOG.warning("clerk's text refused by LINE", status=refused.status)
        raise NotSent(_problem("line_failed")) from None
    except LineUncertain:
        raise NotSent(_problem("line_failed")) from None


def line_source(sessions: sessionmaker[Session], number: str) -> str | None:
    """The LINE user that is linked to the number and has not blocked us."""
    query = (
        select(LineSourceRow.id)
        .where(
            LineSourceRow.member_number == number,
            LineSourceRow.linked_at.is_not(None),
            LineSourceRow.blocked.is_(False),
        )
        .order_by(LineSourceRow.linked_at.desc())
        .limit(1)
    )
    with reading(sessions) as session:
        return session.scalar(query)


def _problem(key: str) -> str:
    return str(words()["problems"][key])

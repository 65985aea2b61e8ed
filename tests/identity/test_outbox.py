"""Mails leave through a real SMTP server on loopback; one that is down loses none."""

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import select

from bot.database import reading
from bot.identity.mailer import MailServerAway
from bot.store.identity_tables import MailedCodeRow, OutboxRow
from tests.identity.conftest import Office
from tests.ports import own_port

REFUSED = "550 no such mailbox"


@dataclass
class Postman:
    """The server's handler: takes mails, or answers what it is told to."""

    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith(("4", "5")):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return self.answer


_READY_S = 60.0  # an aiosmtpd of a busy machine begins late


@pytest.fixture
def postman() -> Postman:
    """What the server does."""
    return Postman()


@pytest.fixture
def server(postman: Postman) -> Iterator[Controller]:
    """A server that the tests start and stop."""
    with own_port() as port:
        controller = Controller(postman, hostname="127.0.0.1", port=port, ready_timeout=_READY_S)
        yield controller
        if controller.server is not None:
            controller.stop()
        if not controller.loop.is_closed():
            controller.loop.close()


@pytest.fixture
def smtp_office(make_office: Callable[..., Office], server: Controller) -> Office:
    """An office with that server."""
    return make_office(
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        smtp_from="navi@coop.example.jp",
        smtp_starttls=False,
        smtp_timeout=30.0,
    )


async def _work(office: Office) -> bool:
    assert office.identity.worker is not None
    return await office.identity.worker.once()


def _row(office: Office) -> OutboxRow:
    with reading(office.sessions) as session:
        return session.scalars(select(OutboxRow)).one()


async def test_mail_arrives_with_the_code(
    smtp_office: Office, server: Controller, postman: Postman
) -> None:
    server.start()
    guest = await smtp_office.guest()
    await smtp_office.says(guest, "100001")
    code = smtp_office.mailed_code()
    assert not await _work(smtp_office)  # it leaves a moment later
    smtp_office.clock.turn(seconds=4)
    assert await _work(smtp_office)
    [mail] = postman.mails
    text = mail.get_content()
    assert mail["To"] == "Doctor@clinic.example.jp" and "navi@coop.example.jp" in mail["From"]
    assert f"{code[:4]} {code[4:]}" in text and "10分" in text
    assert "東京医師歯科医師協同組合" in text and "http" not in text
    row = _row(smtp_office)
    assert (row.state, row.recipient, row.params) == ("done", "", {})
    assert await smtp_office.says(guest, code) == "code_ok"


async def test_server_that_is_down_loses_nothing(
    smtp_office: Office, server: Controller, postman: Postman
) -> None:
    guest = await smtp_office.guest()
    await smtp_office.says(guest, "100001")
    code = smtp_office.mailed_code()
    for tries in range(1, 6):
        smtp_office.clock.turn(minutes=3)
        assert await _work(smtp_office)
        assert (_row(smtp_office).state, _row(smtp_office).tries) == ("waiting", tries)
        assert not await _work(smtp_office)  # each time a little later
    server.start()
    smtp_office.clock.turn(minutes=3)
    assert await _work(smtp_office) and len(postman.mails) == 1
    smtp_office.clock.turn(minutes=9)
    assert await smtp_office.says(guest, code) == "code_ok"


@pytest.mark.parametrize(
    ("answer", "state"),
    [(REFUSED, "refused"), ("450 busy", "waiting"), ("421 closing", "waiting")],
)
async def test_refusals(
    smtp_office: Office, server: Controller, postman: Postman, answer: str, state: str
) -> None:
    server.start()
    postman.answer = answer
    guest = await smtp_office.guest()
    await smtp_office.says(guest, "100001")
    smtp_office.clock.turn(seconds=4)
    await _work(smtp_office)
    assert _row(smtp_office).state == state


@pytest.mark.parametrize("number", ["100001", "999999"])
async def test_the_code_ends_alike_whether_or_not_a_mail_went(
    smtp_office: Office, server: Controller, postman: Postman, number: str
) -> None:
    guest = await smtp_office.guest()
    await smtp_office.says(guest, number)
    smtp_office.clock.turn(seconds=4)
    await _work(smtp_office)  # down for both
    assert _row(smtp_office).state == "waiting"
    server.start()
    smtp_office.clock.turn(minutes=3)
    await _work(smtp_office)
    assert _row(smtp_office).state == "done"
    assert len(postman.mails) == (1 if number == "100001" else 0)
    with reading(smtp_office.sessions) as session:
        code = session.scalars(select(MailedCodeRow)).one()
    assert code.expires_at is not None
    assert (code.expires_at - smtp_office.clock.now).total_seconds() == 600


async def test_two_processes_send_a_mail_once(
    smtp_office: Office, server: Controller, postman: Postman
) -> None:
    server.start()
    for number in ("100001", "100002", "200001"):
        await smtp_office.says(await smtp_office.guest(), number)
    smtp_office.clock.turn(seconds=4)
    await asyncio.gather(*(_work(smtp_office) for _ in range(8)))
    assert len(postman.mails) == 3
    assert len({mail["Message-ID"] for mail in postman.mails}) == 3


async def test_a_claim_of_a_dead_process_runs_out(smtp_office: Office, server: Controller) -> None:
    server.start()
    await smtp_office.says(await smtp_office.guest(), "100001")
    smtp_office.clock.turn(seconds=4)
    assert smtp_office.identity.outbox.claim() is not None
    assert smtp_office.identity.outbox.claim() is None
    smtp_office.clock.turn(minutes=2, seconds=1)
    assert await _work(smtp_office) and _row(smtp_office).state == "done"


async def test_codes_and_mails_are_deleted_after_a_day(smtp_office: Office) -> None:
    await smtp_office.says(await smtp_office.guest(), "100001")
    smtp_office.clock.turn(hours=24, seconds=1)
    smtp_office.identity.outbox.forget(smtp_office.clock.now)
    with reading(smtp_office.sessions) as session:
        assert not session.scalars(select(OutboxRow)).all()
        assert not session.scalars(select(MailedCodeRow)).all()


@pytest.fixture
def port() -> Iterator[int]:
    """Where a server of the test's own listens."""
    with own_port() as port:
        yield port


async def test_wrong_password_is_named(
    make_office: Callable[..., Office], postman: Postman, port: int
) -> None:
    def nobody(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    controller = Controller(
        postman,
        hostname="127.0.0.1",
        port=port,
        ready_timeout=_READY_S,
        authenticator=nobody,
        auth_require_tls=False,
    )
    controller.start()
    from pydantic import SecretStr

    office = make_office(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_from="navi@coop.example.jp",
        smtp_starttls=False,
        smtp_username="navi",
        smtp_password=SecretStr("wrong"),
    )
    try:
        assert office.identity.mailer is not None
        with pytest.raises(MailServerAway, match="NAVI_SMTP_PASSWORD"):
            await office.identity.mailer.knock()
    finally:
        controller.stop()


async def test_encryption_is_never_dropped_silently(
    make_office: Callable[..., Office], server: Controller
) -> None:
    """The server offers no STARTTLS, so nothing is sent to it."""
    server.start()
    office = make_office(
        smtp_host="127.0.0.1", smtp_port=server.port, smtp_from="navi@coop.example.jp"
    )
    assert office.identity.mailer is not None
    with pytest.raises(MailServerAway):
        await office.identity.mailer.knock()

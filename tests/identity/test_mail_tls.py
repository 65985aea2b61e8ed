"""Encrypted mail servers on loopback: STARTTLS and TLS from the start, the certificate checked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiosmtpd.smtp import SMTP

from bot.identity.mailer import MailServerAway, OutgoingMail
from tests.identity.conftest import Office
from tests.identity.test_outbox import Postman

Serve = Callable[..., Awaitable[tuple[Postman, int]]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The office's own CA."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """Its certificate, as the setting names it."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def _context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(params=["starttls", "tls"])
def how(request: pytest.FixtureRequest) -> str:
    """Which of the two."""
    return str(request.param)


@pytest_asyncio.fixture
async def serve(how: str) -> AsyncIterator[Serve]:
    """Starts a server with such a certificate; gives its postman and port."""
    running: list[asyncio.Server] = []

    async def start(authority: trustme.CA, name: str = "127.0.0.1") -> tuple[Postman, int]:
        postman, context = Postman(), _context(authority, name)
        starttls, outer = (None, context) if how == "tls" else (context, None)

        def protocol() -> SMTP:
            return SMTP(postman, tls_context=starttls, require_starttls=starttls is not None)

        loop = asyncio.get_running_loop()
        running.append(await loop.create_server(protocol, "127.0.0.1", 0, ssl=outer))
        return postman, int(running[-1].sockets[0].getsockname()[1])

    yield start
    for server in running:
        server.close()


def _mail(office: Office) -> OutgoingMail:
    return OutgoingMail("m1", "doctor@clinic.example.jp", "題", "本文です", office.clock.now)


def _office(make: Callable[..., Office], how: str, port: int, **changes: Any) -> Office:
    return make(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_from="navi@coop.example.jp",
        smtp_tls=how == "tls",
        smtp_timeout=30.0,
        **changes,
    )


async def test_with_the_offices_ca_mails_go_out_encrypted(
    make_office: Callable[..., Office],
    serve: Serve,
    authority: trustme.CA,
    ca_file: Path,
    how: str,
) -> None:
    postman, port = await serve(authority)
    office = _office(make_office, how, port, smtp_ca_file=str(ca_file))
    assert office.identity.mailer is not None
    await office.identity.mailer.send(_mail(office))
    assert [mail["Subject"] for mail in postman.mails] == ["題"]


@pytest.mark.parametrize("wrong", ["unknown", "other_name"])
async def test_a_certificate_that_is_not_trusted_gets_no_mail(
    make_office: Callable[..., Office],
    serve: Serve,
    authority: trustme.CA,
    ca_file: Path,
    how: str,
    wrong: str,
) -> None:
    if wrong == "unknown":
        postman, port = await serve(trustme.CA())
        changes = {"smtp_ca_file": ""}
    else:
        postman, port = await serve(authority, "mail.elsewhere.example.jp")
        changes = {"smtp_ca_file": str(ca_file)}
    office = _office(make_office, how, port, **changes)
    assert office.identity.mailer is not None
    for work in (office.identity.mailer.send(_mail(office)), office.identity.mailer.knock()):
        with pytest.raises(MailServerAway, match="NAVI_SMTP_CA_FILE"):
            await work
    assert postman.mails == []

"""Sending a mail: by SMTP, or onto a page of the demo."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

import aiosmtplib

from bot.settings import Settings


class MailServerAway(Exception):
    """Not now: the same mail may be tried again later. `reason` is a word for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefused(Exception):
    """Never: the server will not take this mail. `reason` is a word for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class OutgoingMail:
    """A mail as it is written; `id` makes a mail that is sent twice recognisable."""

    id: str
    recipient: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    written_at: datetime


class Mailer(Protocol):
    """What the outbox needs."""

    async def send(self, mail: OutgoingMail) -> None:
        """Hand the mail over. Raises MailServerAway or MailRefused."""

    async def knock(self) -> None:
        """Reach the server without a mail. Raises MailServerAway."""


class SmtpMailer:
    """Sends through the office's mail server."""

    def __init__(self, settings: Settings, sender_name: str) -> None:
        self._settings = settings
        name, _, domain = settings.smtp_from.rpartition("@")
        self._from = Address(sender_name, name, domain)
        self._domain = domain

    async def send(self, mail: OutgoingMail) -> None:
        """Hand the mail over. Raises MailServerAway or MailRefused."""
        message = self._message(mail)
        try:
            async with self._client() as client:
                await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if any(refused.code < 500 for refused in error.recipients):
                raise MailServerAway("recipient deferred") from None
            raise MailRefused("recipient refused") from None
        except aiosmtplib.SMTPAuthenticationError:
            raise MailServerAway("NAVI_SMTP_USERNAME or NAVI_SMTP_PASSWORD not accepted") from None
        except aiosmtplib.SMTPResponseException as error:
            # Not the mail, but this server's mood or settings: never lose a mail for them.
            raise MailServerAway(f"server answered {error.code}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, asyncio.IncompleteReadError) as e:
            raise MailServerAway(_why(e)) from None

    async def knock(self) -> None:
        """Reach the server without a mail. Raises MailServerAway."""
        try:
            async with self._client() as client:
                await client.noop()
        except aiosmtplib.SMTPAuthenticationError:
            raise MailServerAway("NAVI_SMTP_USERNAME or NAVI_SMTP_PASSWORD not accepted") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, asyncio.IncompleteReadError) as e:
            raise MailServerAway(_why(e)) from None

    def _client(self) -> aiosmtplib.SMTP:
        s = self._settings
        return aiosmtplib.SMTP(
            hostname=s.smtp_host,
            port=s.smtp_port,
            username=s.smtp_username or None,
            password=s.smtp_password.get_secret_value() or None,
            use_tls=s.smtp_tls,
            start_tls=s.smtp_starttls and not s.smtp_tls,
            cert_bundle=s.smtp_ca_file or None,
            timeout=s.smtp_timeout,
        )

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.written_at)
        message["Message-ID"] = f"<{mail.id}@{self._domain}>"
        # No holiday notice should answer it.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, charset="utf-8", cte="base64")
        return message


class DemoMails:
    """Keeps the last mails of a demo without a mail server, newest first, for its page."""

    def __init__(self, most: int = 50) -> None:
        self.sent: deque[OutgoingMail] = deque(maxlen=most)

    async def send(self, mail: OutgoingMail) -> None:
        """Put the mail on the page."""
        self.sent.appendleft(mail)

    async def knock(self) -> None:
        """Always there."""


def _why(error: BaseException) -> str:
    """A word for logs; a certificate that is not trusted is named with its setting."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return "certificate not trusted (NAVI_SMTP_CA_FILE)"
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__

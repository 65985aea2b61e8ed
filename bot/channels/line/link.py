"""Account link: LINE's link token, the member site's nonce, and the event that joins them.

The nonce is bound to the LINE user for whom the link token was issued, so that neither a stolen
nor a swapped one links anybody else. Only digests are stored.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StrictStr
from sqlalchemy import delete, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.line.tables import LineLinkTokenRow, LineNonceRow
from bot.errors import InvalidIdentity, NaviError
from bot.identity.site_token import VerifiedMember
from bot.store.tables import UsedTokenRow
from bot.wording import problem_sentence

LIFE = timedelta(minutes=10)
ACCOUNT_LINK_PAGE = "https://access.line.me/dialog/bot/accountLink"

router = APIRouter(prefix="/api/line")


class UnknownLinkToken(NaviError, slug="line-link-token", status=404):
    """No such link token, or its ten minutes are over: the same answer for both."""


class NewNonce(BaseModel):
    """Body of POST /api/line/link-nonces."""

    identity_token: StrictStr
    link_token_sha256: Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{64}$")]


def digest(value: str) -> str:
    """SHA-256 in hex: tokens and nonces are random, so no key is needed."""
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


class Links:
    """Link tokens and nonces through sessions of `session_factory`."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._sessions = session_factory

    def issued(self, link_token: str, source_id: str, now: datetime) -> None:
        """Remember for whom LINE issued a link token."""
        with self._sessions.begin() as session:
            for table in (LineLinkTokenRow, LineNonceRow):
                # A day longer than they live: an event that comes late is still the same event.
                session.execute(delete(table).where(table.expires_at < now - timedelta(days=1)))
            session.merge(
                LineLinkTokenRow(
                    digest=digest(link_token), source_id=source_id, expires_at=now + LIFE
                )
            )

    def nonce(self, member: VerifiedMember, link_token_digest: str, now: datetime) -> str:
        """A nonce for the member who just logged in.

        Raises UnknownLinkToken, and InvalidIdentity where the identity token was used before.
        """
        nonce = secrets.token_urlsafe(32)
        with self._sessions.begin() as session:
            issued = session.get(LineLinkTokenRow, link_token_digest)
            if issued is None or issued.expires_at <= now:
                raise UnknownLinkToken(problem_sentence("link_expired"))
            session.add(UsedTokenRow(jti=member.jti, expires_at=member.expires_at))
            try:
                session.flush()
            except IntegrityError:
                raise InvalidIdentity(problem_sentence("link_login_used")) from None
            session.add(
                LineNonceRow(
                    digest=digest(nonce),
                    source_id=issued.source_id,
                    member_number=member.number,
                    expires_at=now + LIFE,
                )
            )
        return nonce

    def consume(self, nonce: str, source_id: str, event_id: str, now: datetime) -> str | None:
        """The member's number, once and for that LINE user only; None for any other nonce."""
        with self._sessions.begin() as session:
            return session.scalar(
                update(LineNonceRow)
                .where(
                    LineNonceRow.digest == digest(nonce),
                    LineNonceRow.source_id == source_id,
                    LineNonceRow.expires_at > now,
                    or_(LineNonceRow.used_by.is_(None), LineNonceRow.used_by == event_id),
                )
                .values(used_by=event_id)
                .returning(LineNonceRow.member_number)
            )


def login_address(login_url: str, link_token: str) -> str:
    """The member site's login page with the link token."""
    return f"{login_url}{'&' if '?' in login_url else '?'}linkToken={link_token}"


@router.post("/link-nonces", status_code=201)
async def link_nonces(request: Request, body: NewNonce) -> dict[str, Any]:
    """For the member site's server, after its login: a nonce for LINE's account-link page.

    Raises InvalidIdentity, UnknownLinkToken.
    """
    state = request.app.state
    member = state.site_tokens.verify(body.identity_token)
    links: Links = state.line.links
    nonce = await anyio.to_thread.run_sync(
        links.nonce, member, body.link_token_sha256, state.clock()
    )
    return {"nonce": nonce, "expires_in": int(LIFE.total_seconds()), "page": ACCOUNT_LINK_PAGE}

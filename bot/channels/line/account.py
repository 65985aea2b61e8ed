"""Whose LINE account it is: linking, unlinking, and the menu that goes with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import anyio
import structlog

from bot.audit import Audit, AuditEvent
from bot.channels.line.client import LineApi, LineRefused, LineUncertain
from bot.channels.line.link import Links, login_address
from bot.channels.line.records import Source
from bot.channels.line.richmenu import Menus
from bot.channels.line.store import LineStore
from bot.clock import Clock

LINE_PATH = "line"
_LOG = structlog.get_logger()


class Account:
    """Account links; without a login page of the member site they are off."""

    def __init__(
        self,
        store: LineStore,
        links: Links,
        api: LineApi,
        menus: Menus,
        login_url: str,
        member_kind: Callable[[str], str | None],
        clock: Clock,
        audit: Audit,
    ) -> None:
        self._store = store
        self._links = links
        self._api = api
        self._menus = menus
        self._login_url = login_url
        self._member_kind = member_kind
        self._clock = clock
        self._audit = audit

    @property
    def is_on(self) -> bool:
        """Whether accounts can be linked."""
        return bool(self._login_url)

    async def login_page(self, source: Source) -> str:
        """The member site's login page for this user. Raises LineRefused, LineUncertain."""
        token = await self._api.link_token(source.id)
        await _in_thread(self._links.issued, token, source.id, self._clock())
        return login_address(self._login_url, token)

    async def link(self, source: Source, nonce: str, event_id: str) -> str | None:
        """The number that is linked now; None where the nonce is not this user's, or used."""
        now = self._clock()
        number = await _in_thread(self._links.consume, nonce, source.id, event_id, now)
        if number is not None:
            await self._set(source, number, now)
            await self._menu(source.id, linked=True)
        return str(number) if number is not None else None

    async def note_proof(self, number: str, conversation_id: str) -> None:
        """Into the audit trail: this conversation is the linked member's."""
        event, now = AuditEvent.identity_proven, self._clock()
        await _in_thread(self._audit.note, event, LINE_PATH, number, conversation_id, now)

    async def forget(self, source: Source, blocked: bool = False) -> None:
        """Unlink; the next message begins a new conversation."""
        await self._set(source, None, None, blocked)
        if source.member_number and not blocked:
            await self._menu(source.id, linked=False)

    async def show_menu(self, source: Source) -> None:
        """The menu that fits, for who came back."""
        await self._menu(source.id, linked=source.member_number is not None)

    async def kind(self, number: str | None) -> str | None:
        """individual, corporate or None."""
        return await _in_thread(self._member_kind, number) if number else None

    async def _set(
        self, source: Source, number: str | None, at: datetime | None, blocked: bool = False
    ) -> None:
        values = {
            "member_number": number,
            "linked_at": at,
            "conversation_id": None,
            "blocked": blocked,
        }
        await anyio.to_thread.run_sync(lambda: self._store.change_source(source.id, **values))

    async def _menu(self, user_id: str, linked: bool) -> None:
        try:
            await self._menus.show(user_id, linked)
        except (LineRefused, LineUncertain) as error:
            # The words 「連携」「連携解除」 work without any menu.
            _LOG.error("rich menu not changed", error=type(error).__name__)


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))

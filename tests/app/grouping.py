"""Conversations and messages for tests of writes in groups."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from bot.store.grouped import GroupCommit
from bot.store.records import Inbound

NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
TALKS = [f"talk{n}" for n in range(12)]


def said(number: int, body: str = "d") -> Inbound:
    """A typed message; another `number` is another message."""
    return Inbound(f"00000000-0000-0000-0000-{number:012}", body * 64, "はい")


async def in_one_group(group: GroupCommit, *calls: Any) -> list[Any]:
    """All that come in the same turn of the loop are one group."""
    return list(await asyncio.gather(*map(group.run, calls), return_exceptions=True))

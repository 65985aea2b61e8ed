"""Lock store for one dialogue process: an asyncio lock a conversation.

Rasa's own store polls once a second while a second message of a conversation waits
(`rasa/core/lock_store.py:lock`); all its users call only `lock()`, so that alone is replaced.
This module is imported by every worker, therefore Rasa's fail-open behaviour is closed here too.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore

from rasa_components import patches


class ConversationLockStore(LockStore):
    """Serialises the turns of a conversation inside one process."""

    def __init__(self, endpoint_config: Any = None) -> None:
        """Rasa builds it from endpoints.yml; nothing there is needed."""
        patches.apply()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation. Raises LockError after `lock_lifetime` seconds of waiting."""
        lock = self._locks.get(conversation_id)
        if lock is None:  # nobody has it: there is no wait that could take long
            lock = self._locks[conversation_id] = asyncio.Lock()
            await lock.acquire()
        else:
            try:
                async with asyncio.timeout(lock_lifetime):
                    await lock.acquire()
            except TimeoutError:
                raise LockError(f"conversation {conversation_id} stayed busy") from None
        try:
            yield TicketLock(conversation_id)
        finally:
            lock.release()

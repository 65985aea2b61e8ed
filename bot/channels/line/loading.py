"""The three dots: an answer is on its way."""

import asyncio

import structlog

from bot.channels.line.client import LineApi, LineRefused, LineUncertain

_LOG = structlog.get_logger()
_AFTER_S = 1.5


class Loading:
    """Shows the dots while its block runs, where that takes longer; none without a user."""

    def __init__(self, api: LineApi, user_id: str | None) -> None:
        self._api = api
        self._user_id = user_id
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        if self._user_id:
            self._task = asyncio.create_task(self._later(self._user_id))

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _later(self, user_id: str) -> None:
        await asyncio.sleep(_AFTER_S)
        try:
            await self._api.show_loading(user_id)
        except (LineRefused, LineUncertain) as error:
            _LOG.info("no loading animation", error=type(error).__name__)

"""LINE's API as the channel uses it, over line-bot-sdk. Two kinds of failure and no others.

Importing the SDK takes a second, so it happens only where the channel is on.
"""

import json
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from linebot.v3.messaging import (
    AsyncApiClient,
    AsyncMessagingApi,
    AsyncMessagingApiBlob,
    Configuration,
    Message,
    PushMessageRequest,
    ReplyMessageRequest,
    RichMenuBulkLinkRequest,
    RichMenuRequest,
    ShowLoadingAnimationRequest,
)
from linebot.v3.messaging.exceptions import ApiException

Json = dict[str, Any]
API, DATA_API = "https://api.line.me", "https://api-data.line.me"
_TIMEOUT_S = 5
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_T = TypeVar("_T")


class LineRefused(Exception):
    """LINE said no (4xx). Nothing was done; the same again would be refused again."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"LINE answered {status}")
        self.status = status
        self.message = message

    @property
    def dead_token(self) -> bool:
        """The reply token was used, or its time is over."""
        return self.status == 400 and "invalid reply token" in self.message.lower()

    @property
    def quota_is_gone(self) -> bool:
        """The month's messages are used up (another 429 means: too fast)."""
        return self.status == 429 and "monthly limit" in self.message.lower()


class LineUncertain(Exception):
    """No answer, or 5xx: LINE may have done it."""


class LineUnreachable(LineUncertain):
    """Nobody took the connection: LINE cannot have done it."""


class LineApi:
    """A client with one access token; `base` is for tests and the demo."""

    def __init__(self, token: str, base: str = "") -> None:
        self._token = token
        self._base = base.rstrip("/")
        self._clients: list[AsyncApiClient] = []

    async def open(self) -> None:
        """Make the connection pools; needs a running event loop."""
        hosts = (self._base or API, self._base or DATA_API)
        self._clients = [await self._client(host) for host in hosts]
        self._api = AsyncMessagingApi(self._clients[0])
        self._blob = AsyncMessagingApiBlob(self._clients[1])

    async def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients:
            await client.close()

    async def reply(self, token: str, messages: Sequence[Json]) -> None:
        """Answer with a reply token: free, once. Raises LineRefused, LineUncertain."""
        request = ReplyMessageRequest(replyToken=token, messages=_models(messages))
        await _asked(self._api.reply_message(request, _request_timeout=_TIMEOUT_S))

    async def push(self, user_id: str, messages: Sequence[Json], retry_key: str) -> None:
        """Send by ourselves; counts against the quota. Raises LineRefused, LineUncertain."""
        request = PushMessageRequest(to=user_id, messages=_models(messages))
        await _asked(
            self._api.push_message(request, x_line_retry_key=retry_key, _request_timeout=_TIMEOUT_S)
        )

    async def show_loading(self, user_id: str, seconds: int = 20) -> None:
        """The three dots, until the next message or so many seconds."""
        request = ShowLoadingAnimationRequest(chatId=user_id, loadingSeconds=seconds)
        await _asked(self._api.show_loading_animation(request, _request_timeout=_TIMEOUT_S))

    async def link_token(self, user_id: str) -> str:
        """A token of LINE's account link, valid for ten minutes and once."""
        answer = await _asked(self._api.issue_link_token(user_id, _request_timeout=_TIMEOUT_S))
        return str(answer.link_token)

    async def bot(self) -> Json:
        """userId, displayName, basicId of this bot."""
        answer = await _asked(self._api.get_bot_info(_request_timeout=_TIMEOUT_S))
        return {"userId": answer.user_id, "name": answer.display_name, "id": answer.basic_id}

    async def quota(self) -> tuple[int | None, int]:
        """(messages a month or None for no limit, used in this month)."""
        limit = await _asked(self._api.get_message_quota(_request_timeout=_TIMEOUT_S))
        used = await _asked(self._api.get_message_quota_consumption(_request_timeout=_TIMEOUT_S))
        return (int(limit.value) if limit.value is not None else None, int(used.total_usage))

    async def menus(self) -> dict[str, str]:
        """Name -> id of the rich menus that are there."""
        answer = await _asked(self._api.get_rich_menu_list(_request_timeout=_TIMEOUT_S))
        return {str(menu.name): str(menu.rich_menu_id) for menu in answer.richmenus}

    async def create_menu(self, menu: Json, image: bytes) -> str:
        """Make a rich menu with its picture; gives its id."""
        request = RichMenuRequest.from_dict(menu)
        made = await _asked(self._api.create_rich_menu(request, _request_timeout=_TIMEOUT_S))
        menu_id = str(made.rich_menu_id)
        try:
            await _asked(
                self._blob.set_rich_menu_image(
                    menu_id,
                    body=image,
                    _headers={"Content-Type": "image/png"},
                    _request_timeout=30,
                )
            )
        except (LineRefused, LineUncertain):
            # Without its picture it cannot be shown, and by its name it would seem to be there.
            with suppress(LineRefused, LineUncertain):
                await self.delete_menu(menu_id)
            raise
        return menu_id

    async def delete_menu(self, menu_id: str) -> None:
        """Remove a rich menu."""
        await _asked(self._api.delete_rich_menu(menu_id, _request_timeout=_TIMEOUT_S))

    async def default_menu(self) -> str | None:
        """Id of the menu of everybody who has no own one."""
        try:
            answer = await _asked(self._api.get_default_rich_menu_id(_request_timeout=_TIMEOUT_S))
        except LineRefused as refused:
            if refused.status == 404:
                return None
            raise
        return str(answer.rich_menu_id)

    async def set_default_menu(self, menu_id: str) -> None:
        """Show it to everybody who has no own one."""
        await _asked(self._api.set_default_rich_menu(menu_id, _request_timeout=_TIMEOUT_S))

    async def give_menu(self, user_ids: Sequence[str], menu_id: str) -> None:
        """Show it to these users."""
        for start in range(0, len(user_ids), 500):
            request = RichMenuBulkLinkRequest(
                richMenuId=menu_id, userIds=list(user_ids[start : start + 500])
            )
            await _asked(self._api.link_rich_menu_id_to_users(request, _request_timeout=_TIMEOUT_S))

    async def take_menu(self, user_id: str) -> None:
        """Show the user what everybody sees."""
        await _asked(self._api.unlink_rich_menu_id_from_user(user_id, _request_timeout=_TIMEOUT_S))

    async def _client(self, host: str) -> AsyncApiClient:
        client = AsyncApiClient(Configuration(host=host, access_token=self._token))
        if urlsplit(host).hostname in _LOOPBACK:
            # The SDK believes HTTP_PROXY, also for this machine itself.
            await client.rest_client.pool_manager.close()
            client.rest_client.pool_manager = aiohttp.ClientSession(trust_env=False)
        return client


def _models(messages: Sequence[Json]) -> list[Message]:
    return [Message.from_dict(message) for message in messages]


async def _asked(call: Awaitable[_T]) -> _T:
    try:
        return await call
    except ApiException as error:
        status = int(error.status or 0)
        if 400 <= status < 500:
            raise LineRefused(status, _message(error.body)) from None
        raise LineUncertain from None
    except aiohttp.ClientConnectorError:
        raise LineUnreachable from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise LineUncertain from None
    except ValueError:
        # LINE did it, but the SDK could not read its answer.
        raise LineUncertain from None


def _message(body: object) -> str:
    try:
        return str(json.loads(body)["message"]) if isinstance(body, str | bytes) else ""
    except (ValueError, KeyError, TypeError):
        return ""

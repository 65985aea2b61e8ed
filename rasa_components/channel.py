"""The dialogue server's only door: one POST a turn (or to forget one), from the app alone.

Differs from Rasa's REST channel where that one fails open: a shared secret, real status codes,
a deadline inside which the turn either happens wholly or not at all, and a turn id: a turn that
is sent again after a crash is answered from the tracker and changes nothing.
"""

import asyncio
import copy
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_components.fast import settle
from rasa_components.story import story_of
from rasa_components.tracker_store import TurnTrackerStore, TurnWithoutReply

logger = logging.getLogger(__name__)

# What Rasa strips before it looks for a command: the second layer behind the app's own.
_COMMAND_PREFIX = re.compile(r"^[\s/\uff0f\u2044\u2215\u200b-\u200f\u2060\ufeff\u00ad\x00-\x1f]+")


class TurnOutput(OutputChannel):
    """Collects the turn's messages whole; its name selects channel variants of a wording."""

    def __init__(self, channel: str) -> None:
        """`channel` is web, line or staff."""
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]
        """The channel whose wording applies."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep the message as the domain's response and the action made it."""
        self.messages.append(_plain(message))


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    return {key: copy.deepcopy(value) for key, value in message.items() if value}


def store_of(agent: Any) -> TurnTrackerStore:
    """Our store inside Rasa's wrappers.

    Raises TypeError where it is another: Rasa takes a mistyped name in endpoints.yml for a wish
    to keep conversations in memory.
    """
    store = agent.tracker_store
    while not isinstance(store, TurnTrackerStore) and hasattr(store, "_tracker_store"):
        store = store._tracker_store
    if not isinstance(store, TurnTrackerStore):
        raise TypeError(f"endpoints.yml: {type(store).__name__} is not the tracker store")
    return store


def replies_of_turn(tracker: DialogueStateTracker, turn_id: str) -> list[dict[str, Any]] | None:
    """The bot messages that the tracker holds for a turn; None where it has not happened."""
    replies: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            replies.append(_plain(event.message()))
        elif isinstance(event, UserUttered):
            if event.message_id == turn_id:
                return replies[::-1]
            replies = []
    return None


def _parsed_choice(body: dict[str, Any]) -> dict[str, Any]:
    """A pressed button as Rasa's parse result: understanding is skipped."""
    intent = {"name": body["intent"], "confidence": 1.0}
    entities = [
        {"entity": name, "value": value} for name, value in body.get("entities", {}).items()
    ]
    return {
        "text": body["text"],
        "intent": intent,
        "entities": entities,
        "intent_ranking": [intent],
    }


class NaviChannel(InputChannel):
    """POST /webhooks/navi/turn and …/forget with the shared secret in `X-Navi-Secret`."""

    @classmethod
    def name(cls) -> str:
        """Part of the address."""
        return "navi"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """`secret` and `deadline` (seconds) come from credentials.yml."""
        given = credentials or {}
        return cls(str(given["secret"]), float(given.get("deadline", 8)))

    def __init__(self, secret: str, deadline: float) -> None:
        """Raises ValueError for a missing secret: an open door is not an option."""
        if len(secret) < 16:
            raise ValueError("credentials.yml: the channel's secret is missing or short")
        self._secret = secret
        self._deadline = deadline

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes; Rasa mounts them under /webhooks/navi."""
        door = Blueprint("navi_turns")

        @door.listener("after_server_start")
        async def started(*_: Any) -> None:
            settle()

        @door.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return response.json({"error": "forbidden"}, status=403)
            return await self._answer(request.app.ctx.agent, request.json)

        @door.route("/forget", methods=["POST"])
        async def forget(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return response.json({"error": "forbidden"}, status=403)
            return await self._forget(request.app.ctx.agent, request.json)

        @door.route("/story", methods=["POST"])
        async def story(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return response.json({"error": "forbidden"}, status=403)
            agent, sender = request.app.ctx.agent, request.json["conversation"]
            if agent is None or not agent.is_ready():
                return response.json({"error": "no model"}, status=503)
            tracker = await agent.tracker_store.retrieve_full_tracker(sender)
            if tracker is None:
                return response.json({"error": "unknown"}, status=404)
            return response.json({"yaml": story_of(tracker, request.json["name"])})

        @door.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            loaded = agent is not None and agent.is_ready()
            return response.json({"ready": loaded}, status=200 if loaded else 503)

        return door

    def _is_ours(self, request: Request) -> bool:
        given = request.headers.get("x-navi-secret", "")
        return hmac.compare_digest(given.encode(), self._secret.encode())

    async def _forget(self, agent: Any, body: dict[str, Any]) -> HTTPResponse:
        """A message was taken back: `turn` in each of `conversations` becomes unreadable."""
        if agent is None or not agent.is_ready():
            return response.json({"error": "no model"}, status=503)
        store = store_of(agent)
        found = 0
        for sender in body["conversations"]:
            async with agent.lock_store.lock(sender):
                found += await store.blank(sender, body["turn"])
        return response.json({"blanked": found})

    async def _answer(self, agent: Any, body: dict[str, Any]) -> HTTPResponse:
        if agent is None or not agent.is_ready():
            return response.json({"error": "no model"}, status=503)
        try:
            answer = await asyncio.wait_for(self._turn(agent, body), self._deadline)
        except asyncio.TimeoutError:  # noqa: UP041
            return response.json({"error": "deadline"}, status=504)
        except TurnWithoutReply:
            logger.error("turn %s ended without a reply", body.get("turn"))
            return response.json({"error": "no reply"}, status=502)
        except Exception as error:
            # No message text here: exceptions of actions may quote the member.
            logger.error("turn %s failed: %s", body.get("turn"), type(error).__name__)
            return response.json({"error": type(error).__name__}, status=500)
        return response.json(answer)

    async def _turn(self, agent: Any, body: dict[str, Any]) -> dict[str, Any]:
        sender, turn_id = body["conversation"], body["turn"]
        store = store_of(agent)
        async with agent.lock_store.lock(sender), store.turn(sender):
            tracker = await agent.processor.get_tracker(sender)
            known = replies_of_turn(tracker, turn_id)
            if known is not None:
                return {"replies": known, "repeated": True}
            output = TurnOutput(body.get("channel", "web"))
            message = self._message(body, output, agent.domain)
            await agent.processor.handle_message(message)
            return {"replies": output.messages, "repeated": False}

    @staticmethod
    def _message(body: dict[str, Any], output: TurnOutput, domain: Domain) -> UserMessage:
        text = _COMMAND_PREFIX.sub("", body["text"]) or "?"
        # A button of another release may stand for a topic that this model does not have: then
        # its label is understood as if it had been typed.
        pressed = body.get("intent") in domain.intent_properties
        return UserMessage(
            text=text,
            output_channel=output,
            sender_id=body["conversation"],
            parse_data=_parsed_choice({**body, "text": text}) if pressed else None,
            input_channel=body.get("channel", "web"),
            message_id=body["turn"],
        )

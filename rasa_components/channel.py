"""The dialogue server's only channel: one POST a turn (or to forget one), from the app alone.

Differs from Rasa's REST channel where that one fails open: a shared secret, real status codes,
a deadline inside which the turn either happens wholly or not at all, and a turn id: a turn that
is sent again after a crash is answered from the tracker and changes nothing.
"""

import asyncio
import hmac
import json
import logging
import re
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.door import Answer, Request
from rasa_components.fast.events import told
from rasa_components.fast.responses import copied
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
    return {key: copied(value) for key, value in message.items() if value}


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
    replies: list[BotUttered] = []
    for event in reversed(tracker.events):
        kind = type(event)
        if kind is BotUttered:
            replies.append(event)
        elif kind is UserUttered:
            if event.message_id == turn_id:
                return [_plain(reply.message()) for reply in reversed(replies)]
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


class NaviChannel:
    """POST /webhooks/navi/turn, …/forget and …/story with the shared secret in `X-Navi-Secret`."""

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None, agent: Agent) -> "NaviChannel":
        """`secret` and `deadline` (seconds) come from credentials.yml."""
        given = credentials or {}
        return cls(agent, str(given.get("secret", "")), float(given.get("deadline", 8)))

    def __init__(self, agent: Agent, secret: str, deadline: float) -> None:
        """Raises ValueError for a missing secret: an open door is not an option."""
        if len(secret) < 16:
            raise ValueError("credentials.yml: the channel's secret is missing or short")
        self._agent = agent
        self._secret = secret.encode()
        self._deadline = deadline
        self._understanding: asyncio.Task[None] | None = None
        self._understood: tuple[str, dict[str, Any]] | None = None
        self._posts = {
            "/webhooks/navi/turn": self._answer,
            "/webhooks/navi/forget": self._forget,
            "/webhooks/navi/story": self._story,
        }

    async def handle(self, request: Request) -> Answer:
        """Every address there is."""
        if request.path == "/webhooks/navi/ready" and request.method == "GET":
            loaded = self._agent.is_ready()
            return _json({"ready": loaded}, 200 if loaded else 503)
        post = self._posts.get(request.path)
        if post is None or request.method != "POST":
            return _json({"error": "not found"}, 404)
        if not hmac.compare_digest(request.secret, self._secret):
            return _json({"error": "forbidden"}, 403)
        if not self._agent.is_ready():
            return _json({"error": "no model"}, 503)
        try:
            body = json.loads(_without_beginning(request.body))
        except ValueError:
            return _json({"error": "no JSON"}, 400)
        return await post(body)

    def expect(self, request: Request) -> None:
        """A turn's first line with its text: it is understood while the app stores the message.

        Nothing happens to the conversation before the rest has come.
        """
        if (
            request.method != "POST"
            or self._posts.get(request.path) != self._answer
            or not hmac.compare_digest(request.secret, self._secret)
            or not self._agent.is_ready()
        ):
            return
        try:
            text = _spoken(json.loads(request.body)["text"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        self._understanding = asyncio.get_running_loop().create_task(self._understand(text))

    async def _understand(self, text: str) -> None:
        try:
            parsed = await self._agent.processor.parse_message(UserMessage(text))
        except Exception as error:  # the turn itself will meet it, and tell
            logger.warning("nothing was understood beforehand: %s", type(error).__name__)
        else:
            self._understood = (text, parsed)

    def _parsed(self, text: str, turn_id: str) -> dict[str, Any] | None:
        """What was understood of the same text beforehand, for this turn."""
        found, self._understood = self._understood, None
        if found is None or found[0] != text:
            return None
        return {**found[1], "message_id": turn_id}

    async def _story(self, body: dict[str, Any]) -> Answer:
        tracker = await self._agent.tracker_store.retrieve_full_tracker(body["conversation"])
        if tracker is None:
            return _json({"error": "unknown"}, 404)
        return _json({"yaml": story_of(tracker, body["name"])})

    async def _forget(self, body: dict[str, Any]) -> Answer:
        """A message was taken back: `turn` in each of `conversations` becomes unreadable."""
        store = store_of(self._agent)
        found = 0
        for sender in body["conversations"]:
            async with self._agent.lock_store.lock(sender):
                found += await store.blank(sender, body["turn"])
        return _json({"blanked": found})

    async def _answer(self, body: dict[str, Any]) -> Answer:
        try:
            async with asyncio.timeout(self._deadline):
                answer = await self._turn(body)
        except TimeoutError:
            return _json({"error": "deadline"}, 504)
        except TurnWithoutReply:
            logger.error("turn %s ended without a reply", body.get("turn"))
            return _json({"error": "no reply"}, 502)
        except Exception as error:
            # No message text here: exceptions of actions may quote the member.
            logger.error("turn %s failed: %s", body.get("turn"), type(error).__name__)
            return _json({"error": type(error).__name__}, 500)
        return _json(answer)

    async def _turn(self, body: dict[str, Any]) -> dict[str, Any]:
        agent, sender, turn_id = self._agent, body["conversation"], body["turn"]
        store = store_of(agent)
        async with agent.lock_store.lock(sender), store.turn(sender):
            tracker = await agent.processor.get_tracker(sender)
            known = replies_of_turn(tracker, turn_id)
            if known is not None:
                await store.settled()  # it may have been given up while it waited for the disk
                return {"replies": known, "repeated": True}
            output = TurnOutput(body.get("channel", "web"))
            message = self._message(body, output, agent.domain)
            await agent.processor.handle_message(message)
            return {"replies": output.messages, "repeated": False}

    def _message(self, body: dict[str, Any], output: TurnOutput, domain: Domain) -> UserMessage:
        text = _spoken(body["text"])
        # A button of another release may stand for a topic that this model does not have: then
        # its label is understood as if it had been typed.
        pressed = body.get("intent") in domain.intent_properties
        return UserMessage(
            text=text,
            output_channel=output,
            sender_id=body["conversation"],
            parse_data=_parsed_choice({**body, "text": text})
            if pressed
            else self._parsed(text, body["turn"]),
            input_channel=body.get("channel", "web"),
            message_id=body["turn"],
        )


def _without_beginning(body: bytes) -> bytes:
    """The request: behind the line for `expect`, where there was one."""
    first, line_break, rest = body.partition(b"\n")
    return rest if line_break and first.startswith(b'{"text":') and first.endswith(b"}") else body


def _spoken(text: str) -> str:
    return _COMMAND_PREFIX.sub("", text) or "?"


def _json(value: dict[str, Any], status: int = 200) -> Answer:
    try:
        return Answer(status, told(value).encode())
    except UnicodeEncodeError:  # half a character that somebody sent
        return Answer(status, json.dumps(value).encode())

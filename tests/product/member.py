"""A member (or guest) at the website: the HTTP API as the widget uses it."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any, TypeVar

import httpx

from bot.identity.site_token import SiteTokens
from bot.settings import DEMO_IDENTITY_KEY

Reply = dict[str, Any]
_T = TypeVar("_T")
_R = TypeVar("_R")
_PARALLEL = 8


def tokens() -> SiteTokens:
    """The demo member site's mint."""
    kid, _, secret = DEMO_IDENTITY_KEY.partition(":")
    return SiteTokens({kid: secret}, "member-site")


def midday(day: str | date) -> str:
    """An instant of a civil date in Tokyo, as `demo_now` takes it."""
    return f"{day}T12:00:00+09:00"


class Member:
    """One conversation. `replies` are those of the last message."""

    def __init__(self, base_url: str) -> None:
        # Plain HTTP on loopback; reading the certificates would cost more than a turn does.
        self._client = httpx.Client(base_url=base_url, timeout=60, trust_env=False, verify=False)
        self.id = ""
        self.access_token = ""
        self.replies: list[Reply] = []
        self.offered: dict[str, Reply] = {}

    def __enter__(self) -> "Member":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def start(self, token: str | None = None, now: str | datetime | None = None) -> dict[str, Any]:
        """Begin as a guest, or as the member of an identity token; `now` freezes the clock."""
        body: dict[str, Any] = {}
        if token is not None:
            body["identity_token"] = token
        if now is not None:
            body["demo_now"] = now if isinstance(now, str) else now.isoformat()
        answer = self._client.post("/api/conversations", json=body)
        assert answer.status_code == 201, answer.text
        begun: dict[str, Any] = answer.json()
        self.id, self.access_token = begun["conversation_id"], begun["access_token"]
        self._client.headers["Authorization"] = f"Bearer {self.access_token}"
        self._take(begun["messages"])
        return begun

    def say(self, text: str) -> list[Reply]:
        """Type a message."""
        return self.send({"client_message_id": str(uuid.uuid4()), "text": text})

    def press(self, value: str) -> list[Reply]:
        """Press the button with this `value` of the last reply."""
        for choice in self.last["choices"]:
            if choice["value"] == value:
                return self.press_id(choice["id"])
        raise AssertionError(f"no choice {value} in {self.last}")

    def press_id(self, choice_id: str) -> list[Reply]:
        """Press any button that was ever offered."""
        return self.send({"client_message_id": str(uuid.uuid4()), "choice": choice_id})

    def send(self, body: dict[str, Any]) -> list[Reply]:
        """Post a message and keep its replies."""
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        self._take(answer.json()["replies"])
        return self.replies

    def post(self, body: dict[str, Any]) -> httpx.Response:
        """Post a message as it is."""
        return self._client.post(f"/api/conversations/{self.id}/messages", json=body)

    def history(self, after: int = 0) -> list[Reply]:
        """The journal, page by page."""
        path, found = f"/api/conversations/{self.id}/messages", list[Reply]()
        while True:
            answer = self._client.get(path, params={"after": after})
            assert answer.status_code == 200, answer.text
            page: list[Reply] = answer.json()["messages"]
            if not page:
                return found
            found += page
            after = page[-1]["seq"]

    def _take(self, replies: Sequence[Reply]) -> None:
        self.replies = list(replies)
        for reply in replies:
            self.offered.update({choice["id"]: choice for choice in reply["choices"]})

    @property
    def last(self) -> Reply:
        """The last reply: the only one with question and choices."""
        return self.replies[-1]

    @property
    def question(self) -> str | None:
        """What is being asked."""
        asked: str | None = self.last["question"]
        return asked

    @property
    def topic(self) -> str | None:
        """What the message was understood as."""
        topic: str | None = self.replies[0]["topic"]
        return topic

    @property
    def decision(self) -> Reply | None:
        """The reply that carries an outcome."""
        return next((reply for reply in self.replies if reply["outcome"]), None)

    @property
    def outcome(self) -> str | None:
        """The outcome, where one was told."""
        return self.decision["outcome"] if self.decision else None

    @property
    def facts(self) -> dict[str, Any]:
        """All facts of the replies."""
        return {key: value for reply in self.replies for key, value in reply["facts"].items()}

    @property
    def text(self) -> str:
        """What the replies say."""
        return "\n\n".join(reply["text"] for reply in self.replies)


def in_parallel(work: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
    """`work` for every item, several conversations at a time; results in the items' order."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return list(pool.map(work, items))


def assert_none(wrong: Iterable[str | None]) -> None:
    """No conversation went wrong; else every one that did is named."""
    lines = [line for line in wrong if line]
    assert not lines, "\n" + "\n".join(lines)

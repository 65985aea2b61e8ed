"""The API as any client may use it, with every status left to the test."""

import uuid
from typing import Any

import httpx

Reply = dict[str, Any]


def new_id() -> str:
    """A client_message_id."""
    return str(uuid.uuid4())


def text_body(text: str) -> dict[str, str]:
    """A message that is typed."""
    return {"client_message_id": new_id(), "text": text}


def choice_body(choice_id: str) -> dict[str, str]:
    """A button that is pressed."""
    return {"client_message_id": new_id(), "choice": choice_id}


class Visitor:
    """A conversation at the app; requests return responses as they are."""

    def __init__(self, base_url: str) -> None:
        # Plain HTTP on loopback: no certificates are read.
        self.http = httpx.Client(base_url=base_url, timeout=60, trust_env=False, verify=False)
        self.id = ""
        self.access_token = ""
        self.begun: dict[str, Any] = {}

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def start(self, **body: Any) -> "Visitor":
        """Begin a conversation; it must succeed."""
        answer = self.http.post("/api/conversations", json=body)
        assert answer.status_code == 201, answer.text
        self.begun = answer.json()
        self.id, self.access_token = self.begun["conversation_id"], self.begun["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.access_token}"
        return self

    @property
    def path(self) -> str:
        """The conversation's address."""
        return f"/api/conversations/{self.id}"

    def post(self, body: Any) -> httpx.Response:
        """Post a message."""
        return self.http.post(f"{self.path}/messages", json=body)

    def say(self, text: str) -> list[Reply]:
        """Type something that must be answered."""
        answer = self.post(text_body(text))
        assert answer.status_code == 200, answer.text
        replies: list[Reply] = answer.json()["replies"]
        return replies

    def history(self, after: int = 0) -> list[Reply]:
        """The journal."""
        answer = self.http.get(f"{self.path}/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        messages: list[Reply] = answer.json()["messages"]
        return messages


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """A problem document of this status (RFC 9457), with a sentence in Japanese."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("http")
    assert document["title"]
    assert document["detail"].endswith("。")
    return document

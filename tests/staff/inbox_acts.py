"""What a script in the browser sends to the inbox, and conversations to send it about."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import FastAPI

from bot.messages import Draft
from bot.staff.members import Role, StaffMember

SCRIPT = {"Accept": "application/json", "Sec-Fetch-Dest": "empty"}
CHIEF = StaffMember("demo-supervisor", "デモ 一郎", Role.supervisor)

Begin = Callable[..., str]


def beginning(console: FastAPI) -> Begin:
    """Begins a conversation of a guest or a member, with these words of the member."""

    def make(*said: str, number: str | None = None) -> str:
        drafts = [Draft("bot", "こんにちは。"), *(Draft("member", text) for text in said)]
        pipe = console.state.conversations
        started = asyncio.run(pipe.begin("web", number, None, drafts))
        found: str = started.conversation.id
        return found

    return make


def act(client: httpx.Client, conversation_id: str, what: str, **data: Any) -> httpx.Response:
    """What a script sends."""
    path = f"/staff/inbox/{conversation_id}/{what}"
    return client.post(path, data={"csrf": client.headers["X-CSRF-Token"], **data}, headers=SCRIPT)


def say(client: httpx.Client, conversation_id: str, text: str) -> httpx.Response:
    """A clerk's words, sent once."""
    return act(client, conversation_id, "say", text=text, client_id=str(uuid.uuid4()))

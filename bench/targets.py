"""What is measured, as a member meets it: the product's gateway, stock Rasa, the floor."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from bench.script import Step
from bot import payloads
from bot.identity.site_token import SiteTokens
from bot.settings import DEMO_IDENTITY_KEY

Reply = dict[str, Any]


class WrongAnswer(Exception):
    """The target answered something else, or an error."""


class Talk(Protocol):
    """One conversation. Both methods raise WrongAnswer."""

    async def turn(self, step: Step) -> None:
        """Say or press, and check the answer."""

    async def verify(self) -> None:
        """Look whether every message was kept and answered once, in order."""


class Target(Protocol):
    """Something that conversations can be had with."""

    async def begin(self, number: str | None) -> Talk:
        """A new conversation, of a logged-in member where there is a number."""


def _expect(step: Step, topic: Any, question: Any) -> None:
    if (topic, question) != (step.topic, step.question):
        told = step.says or step.presses
        raise WrongAnswer(f"{told}: {topic}, {question} and not {step.topic}, {step.question}")


@dataclass
class OursTalk:
    """A conversation over the product's HTTP API, as the widget has it."""

    http: aiohttp.ClientSession
    path: str
    headers: dict[str, str]
    choices: dict[str, str]
    journal: list[str]

    async def turn(self, step: Step) -> None:
        """Topic, question and outcome are checked, and that only this turn was answered."""
        body = {"client_message_id": str(uuid.uuid4())}
        if step.says is not None:
            body["text"] = step.says
        else:
            body["choice"] = self.choices[step.presses or ""]
        told = await _json(self.http, "POST", f"{self.path}/messages", body, self.headers)
        replies: list[Reply] = told["replies"]
        if not replies:
            raise WrongAnswer("no reply")
        self.journal += [told["accepted"]["id"], *(reply["id"] for reply in replies)]
        for reply in replies:
            self.choices.update({c["value"]: c["id"] for c in reply["choices"]})
        _expect(step, replies[0]["topic"], replies[-1]["question"] if step.question else None)
        outcome = next((r["outcome"] for r in replies if r["outcome"]), None)
        if outcome != step.outcome:
            raise WrongAnswer(f"{step}: outcome {outcome}")

    async def verify(self) -> None:
        """The journal is what was acknowledged: nothing lost, doubled or in another order."""
        told = await _json(self.http, "GET", f"{self.path}/messages", None, self.headers)
        kept = [message["id"] for message in told["messages"]]
        if kept != self.journal[: len(kept)] or (len(kept) < 500 and kept != self.journal):
            raise WrongAnswer(f"the journal differs: {len(kept)} of {len(self.journal)}")


@dataclass
class Ours:
    """The product."""

    base_url: str
    http: aiohttp.ClientSession
    tokens: SiteTokens = field(
        default_factory=lambda: SiteTokens(dict([DEMO_IDENTITY_KEY.split(":", 1)]), "member-site")
    )

    async def begin(self, number: str | None) -> OursTalk:
        """POST /api/conversations."""
        body = {"identity_token": self.tokens.mint(number)} if number else {}
        begun = await _json(self.http, "POST", f"{self.base_url}/api/conversations", body)
        choices = {c["value"]: c["id"] for m in begun["messages"] for c in m["choices"]}
        return OursTalk(
            self.http,
            f"{self.base_url}/api/conversations/{begun['conversation_id']}",
            {"Authorization": f"Bearer {begun['access_token']}"},
            choices,
            [message["id"] for message in begun["messages"]],
        )


@dataclass
class StockTalk:
    """A conversation over Rasa's REST channel; its id carries the member's number."""

    http: aiohttp.ClientSession
    url: str
    sender: str
    choices: dict[str, str] = field(default_factory=dict)
    strict: bool = True

    async def turn(self, step: Step) -> None:
        """Topic and question are checked, and the outcome by its words."""
        value = step.presses or ""
        text = step.says or self.choices.get(value, f"/{value}")
        sent = {"sender": self.sender, "message": text}
        replies: list[Reply] = await _json(self.http, "POST", self.url, sent)
        if not replies:
            raise WrongAnswer("no reply")
        for reply in replies:
            for button in reply.get("buttons", ()):
                self.choices[payloads.value(button["payload"])] = button["payload"]
        data = [reply["custom"] for reply in replies if "custom" in reply] or [{}]
        _expect(step, data[0].get("topic"), data[-1].get("question") if step.question else None)
        if step.words not in json.dumps(replies, ensure_ascii=False):
            raise WrongAnswer(f"{step}: other words")

    async def verify(self) -> None:
        """Stock Rasa keeps nothing that a member could ask for."""


@dataclass
class Stock:
    """Stock Rasa."""

    base_url: str
    http: aiohttp.ClientSession

    async def begin(self, number: str | None) -> StockTalk:
        """A new sender."""
        sender = f"{number or 'guest'}-{uuid.uuid4()}"
        return StockTalk(self.http, f"{self.base_url}/webhooks/rest/webhook", sender)


@dataclass
class Floor:
    """A bare route with one durable commit; it is conversation and target at once."""

    base_url: str
    http: aiohttp.ClientSession

    async def begin(self, number: str | None) -> "Floor":
        """Nothing to begin."""
        return self

    async def turn(self, step: Step) -> None:
        """One commit."""
        body = {"client_message_id": str(uuid.uuid4()), "text": step.says or step.presses}
        await _json(self.http, "POST", f"{self.base_url}/commit", body)

    async def verify(self) -> None:
        """Nothing to verify."""


async def _json(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    body: Any,
    headers: dict[str, str] | None = None,
) -> Any:
    async with http.request(method, url, json=body, headers=headers) as answer:
        if answer.status not in (200, 201):
            raise WrongAnswer(f"{answer.status} {(await answer.text())[:200]}")
        return await answer.json()

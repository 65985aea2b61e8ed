"""Members who never give up on a message, and what they were told."""

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.script import MIXED, Step

_ACKNOWLEDGED_WITHIN_S = 60.0
_RETRY_AFTER_S = 0.1
_PAUSE_S = 0.05
_PAIR = ("会員登録番号はどこに書いてありますか", "ありがとうございます")


class Lost(Exception):
    """A message was never acknowledged, or refused."""


@dataclass
class Told:
    """An acknowledged message: the ids of its place in the journal."""

    accepted: dict[str, Any]
    replies: list[dict[str, Any]]


@dataclass
class Talked:
    """One conversation from the member's side. `pairs` were sent at the same moment."""

    path: str
    headers: dict[str, str]
    welcome: list[str]
    choices: dict[str, str]
    told: list[Told] = field(default_factory=list)


@dataclass
class Members:
    """All members of the trial over one load balancer."""

    base_url: str
    http: aiohttp.ClientSession
    talks: list[Talked] = field(default_factory=list)
    retries: int = 0
    unavailable: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    async def run(self, until: float, dice: random.Random) -> None:
        """Conversations one after the other until a monotonic time."""
        while time.monotonic() < until:
            try:
                await self._conversation(dice)
            except Lost as error:
                self.wrong.append(str(error))

    async def _conversation(self, dice: random.Random) -> None:
        talk = await self._begin()
        self.talks.append(talk)
        for step in MIXED.steps:
            told = await self._step(talk, step)
            if told.replies[0]["author"] == "system":
                self.unavailable += 1
                return  # the script cannot go on: the member begins anew
            found = (told.replies[0]["topic"], told.replies[-1]["question"])
            if found[0] != step.topic or (step.question and found[1] != step.question):
                self.wrong.append(f"{step.says or step.presses}: {found}")
                return
            await asyncio.sleep(dice.uniform(0, _PAUSE_S))
        # Two messages at once, and one of them twice: the apps must agree on order and answer.
        bodies = [_text(words) for words in _PAIR]
        first, second, again = await asyncio.gather(
            *(self._send(talk, body) for body in (*bodies, bodies[0]))
        )
        if _ids(again) != _ids(first):
            self.wrong.append("the same message again was answered differently")
        talk.told += sorted((first, second), key=lambda t: int(t.accepted["seq"]))

    async def _begin(self) -> Talked:
        begun = await self._post(f"{self.base_url}/api/conversations", {}, {})
        return Talked(
            f"{self.base_url}/api/conversations/{begun['conversation_id']}",
            {"Authorization": f"Bearer {begun['access_token']}"},
            [message["id"] for message in begun["messages"]],
            {c["value"]: c["id"] for m in begun["messages"] for c in m["choices"]},
        )

    async def _step(self, talk: Talked, step: Step) -> Told:
        if step.says is not None:
            body = _text(step.says)
        else:
            choice = talk.choices[step.presses or ""]
            body = {"client_message_id": str(uuid.uuid4()), "choice": choice}
        told = await self._send(talk, body)
        talk.told.append(told)
        return told

    async def _send(self, talk: Talked, body: dict[str, str]) -> Told:
        started = time.monotonic()
        answer = await self._post(f"{talk.path}/messages", body, talk.headers)
        self.slowest_s = max(self.slowest_s, time.monotonic() - started)
        told = Told(answer["accepted"], answer["replies"])
        if not told.replies:
            raise Lost("acknowledged without an answer")
        for reply in told.replies:
            talk.choices.update({c["value"]: c["id"] for c in reply["choices"]})
        return told

    async def _post(self, url: str, body: dict[str, str], headers: dict[str, str]) -> Any:
        until = time.monotonic() + _ACKNOWLEDGED_WITHIN_S
        while time.monotonic() < until:
            try:
                async with self.http.post(url, json=body, headers=headers) as answer:
                    if answer.status in (200, 201):
                        return await answer.json()
                    if answer.status < 500:
                        raise Lost(f"{answer.status} {(await answer.text())[:200]}")
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.retries += 1
            await asyncio.sleep(_RETRY_AFTER_S)
        raise Lost(f"never acknowledged: {body}")

    async def verify(self) -> int:
        """Compare every journal with what was acknowledged; gives the number of messages."""
        messages = 0
        for talk in self.talks:
            async with self.http.get(f"{talk.path}/messages", headers=talk.headers) as answer:
                journal = (await answer.json())["messages"]
            messages += sum(message["author"] == "member" for message in journal)
            self.wrong += _differences(talk, journal)
        return messages


def _differences(talk: Talked, journal: list[dict[str, Any]]) -> list[str]:
    """What is wrong in a journal: messages lost, doubled, unanswered or out of order."""
    wrong = []
    if [m["seq"] for m in journal] != list(range(1, len(journal) + 1)):
        wrong.append("a place in the journal is missing or doubled")
    expected = {*talk.welcome, *(i for told in talk.told for i in _ids(told))}
    if sorted(expected) != sorted(m["id"] for m in journal):
        wrong.append("the journal holds other messages than were acknowledged")
    said = [m["id"] for m in journal if m["author"] == "member"]
    if said != [told.accepted["id"] for told in talk.told]:
        wrong.append("the member's messages stand in another order")
    answers = [int(reply["seq"]) for told in talk.told for reply in told.replies]
    if answers != sorted(answers):
        wrong.append("answers stand in another order than their messages")
    return wrong


def _ids(told: Told) -> list[str]:
    return [told.accepted["id"], *(reply["id"] for reply in told.replies)]


def _text(words: str) -> dict[str, str]:
    return {"client_message_id": str(uuid.uuid4()), "text": words}

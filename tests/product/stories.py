"""Replaying a test story (Rasa's YAML) against the running product, and reading one back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import yaml

from tests.product.member import Member

Story = dict[str, Any]
_ANSWER = re.compile(r'^/answer\{.*"value": "(?P<value>[^"]+)"\}$')


@contextmanager
def supervisor(base_url: str) -> Iterator[httpx.Client]:
    """A browser that is signed in as the demo's supervisor."""
    headers = {"Origin": base_url}
    with httpx.Client(
        base_url=base_url, headers=headers, trust_env=False, verify=False, timeout=60
    ) as client:
        _sign_in(client)
        yield client


def _sign_in(client: httpx.Client) -> None:
    answer = client.post("/staff/sign-in/demo", data={"role": "supervisor"})
    assert answer.status_code == 303, answer.text
    # Over plain HTTP a client that is no browser keeps no Secure cookie.
    client.headers["Cookie"] = "; ".join(
        line.partition(";")[0] for line in answer.headers.get_list("set-cookie")
    )


def story_of(staff: httpx.Client, conversation_id: str) -> Story:
    """The conversation's story, as the review page gives it."""
    answer = staff.get(f"/staff/review/conversations/{conversation_id}/story.yml")
    assert answer.status_code == 200, answer.text
    [story] = yaml.safe_load(answer.text)["stories"]
    assert isinstance(story, dict)
    return story


def replay(story: Story, base_url: str) -> Member:
    """Say and press in a new guest's conversation what the story's member did."""
    member = Member(base_url)
    member.start(now=story["metadata"]["now"])
    for step in story["steps"]:
        said = step.get("user")
        if said is None:
            continue
        if not said.startswith("/"):
            member.say(said)
            continue
        answer = _ANSWER.match(said)
        member.press(answer["value"] if answer else said.removeprefix("/"))
    return member

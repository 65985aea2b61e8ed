"""Login, logout and another member: a new conversation each time, and the earlier one is closed."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from bot.identity.site_token import SiteTokens
from tests.app.client import Visitor
from tests.app.serving import RunningApp

_SPEAKERS = {"guest": None, "first": "000106", "second": "000107"}


@pytest.fixture
def talks(demo: RunningApp) -> Iterator[dict[str, Visitor]]:
    """What one browser began, one after the other, each with words of its own."""
    demo.dialogue.how = "answer"
    tokens = SiteTokens(demo.settings.identity_key_map(), demo.settings.identity_issuer)
    begun = {name: Visitor(demo.base_url) for name in _SPEAKERS}
    for name, number in _SPEAKERS.items():
        begun[name].start(identity_token=tokens.mint(number) if number else None)
        begun[name].say(f"わたしは{name}です")
    yield begun
    for visitor in begun.values():
        visitor.http.close()


def test_each_begins_anew(demo: RunningApp, talks: dict[str, Visitor]) -> None:
    assert len({visitor.id for visitor in talks.values()}) == 3
    assert len({visitor.access_token for visitor in talks.values()}) == 3
    for name, visitor in talks.items():
        said = "".join(message["text"] for message in visitor.history())
        assert [other for other in _SPEAKERS if f"わたしは{other}" in said] == [name]
    dialogues = {turn["conversation"] for turn in demo.dialogue.turns[-3:]}
    assert len(dialogues) == 3


@pytest.mark.parametrize(("now", "before"), list(permutations(_SPEAKERS, 2)))
def test_nothing_of_another_can_be_read_or_written(
    talks: dict[str, Visitor], now: str, before: str
) -> None:
    visitor, other = talks[now], talks[before]
    choice = other.history()[1]["choices"][0]["id"]
    for answer in (
        visitor.http.get(f"{other.path}/messages"),
        visitor.http.get(f"{other.path}/events"),
        visitor.http.post(f"{other.path}/messages", json={"text": "x", "client_message_id": "1"}),
        visitor.http.post(f"{other.path}/feedback", json={"helpful": True}),
    ):
        assert answer.status_code in (404, 422) and before not in answer.text
    body = {"choice": choice, "client_message_id": "00000000-0000-4000-8000-000000000000"}
    assert visitor.post(body).status_code == 422
    assert f"わたしは{before}" not in "".join(m["text"] for m in visitor.history())

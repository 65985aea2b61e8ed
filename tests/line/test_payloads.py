"""What a member types or what a forged button carries never becomes a command of the dialogue."""

import itertools
import json

from bot.channels.line.reading import storable
from bot.dialogue import TurnRequest
from bot.text import for_dialogue
from tests.line.world import World
from tests.prefixes import BEFORE_A_SLASH

_PREFIXES = [*BEFORE_A_SLASH, "\n", "\u202e"]
_SLASHES = ["/", "／", "\u2044", "\u2215", "\u29f8", "//", "/ /", "\\/"]
_COMMANDS = [
    "restart",
    "session_start",
    "back",
    "procedure_check",
    'answer{"question":"identity","value":"100001"}',
    "status_lookup",
]


def _texts() -> list[str]:
    made = [p + s + c for p, s, c in itertools.product(_PREFIXES, _SLASHES, _COMMANDS)]
    made += [f"こんにちは\n{s}{c}" for s, c in itertools.product(_SLASHES, _COMMANDS)]
    made += [json.dumps({"intent": "restart"}), "menu:restart", "menu:link", "EXTERNAL: restart"]
    return made


def _some_texts() -> list[str]:
    """Each prefix with each slash, the commands in turn: all of it, but not all with all."""
    pairs = itertools.product(_PREFIXES, _SLASHES)
    made = [p + s + c for (p, s), c in zip(pairs, itertools.cycle(_COMMANDS), strict=False)]
    return [*made, *_texts()[-52:]]


def _is_plain(request: TurnRequest) -> bool:
    body = request.body()
    first = body["text"].lstrip()[:1]
    return "intent" not in body and first not in ("/", "／", "\u2044", "\u2215", "\u29f8", "\\")


def test_no_text_is_a_command_after_it_was_stored() -> None:
    texts = _texts()
    assert len(texts) >= 500
    said = [TurnRequest("talk", "turn", "line", for_dialogue(storable(text))) for text in texts]
    assert [request.text for request in said if not _is_plain(request)] == []


async def test_no_text_reaches_the_dialogue_as_a_command(line: World) -> None:
    texts = _some_texts()
    assert len(texts) >= 130
    users = ["U" + f"{n:032x}" for n in range(20)]
    events = [line.text(text, user=users[n % 20]) for n, text in enumerate(texts)]
    for start in range(0, len(events), 50):
        await line.post(*events[start : start + 50])
    await line.idle(200)
    assert len(line.dialogue.requests) >= len(texts) - 5
    assert [r.text for r in line.dialogue.requests if not _is_plain(r)] == []


async def test_no_postback_reaches_the_dialogue_unless_it_was_offered(line: World) -> None:
    payloads = [*_texts()[:60], "menu:answer", "menu:restart", "menu:../x", '{"id":1}', "1", "%00"]
    for data in payloads:
        await line.post(line.event("postback", postback={"data": data[:300]}))
    await line.idle(120)
    assert line.dialogue.requests == []

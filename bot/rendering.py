"""The dialogue's messages as the product's: bubbles, links, choices, data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import payloads
from bot.messages import Choice, Draft
from bot.wording import progress_label

_BLANK_LINE = re.compile(r"\n\s*\n")
# A numbered list whose items are set apart by blank lines stays one bubble.
_ITEM = re.compile(r"^\d+\. ")

Links = Mapping[str, dict[str, str]]


def render(replies: Sequence[Mapping[str, Any]], links: Links) -> list[Draft]:
    """All messages of a turn. At most the last one carries a question and choices.

    A reply without a text carries data for the message that follows it.
    """
    drafts: list[Draft] = []
    data: dict[str, Any] = {}
    for reply in replies:
        bubbles = _bubbles(reply, links)
        if not bubbles:
            data |= reply.get("facts") or {}
        elif data:
            bubbles[0] = replace(bubbles[0], facts={**data, **bubbles[0].facts})
            data = {}
        drafts += bubbles
    if len(drafts) == 1 and (drafts[0].choices or drafts[0].question is None):
        return drafts
    asking = next((d for d in reversed(drafts) if d.choices), None)
    plain = [draft.without_question() for draft in drafts]
    if plain and asking is not None:
        plain[-1] = replace(plain[-1], question=asking.question, choices=asking.choices)
    return plain


def _bubbles(reply: Mapping[str, Any], links: Links) -> list[Draft]:
    custom = reply.get("custom") or {}
    texts = _paragraphs(str(reply.get("text") or ""))
    if not texts:
        return []
    topic = reply.get("topic") or custom.get("topic")
    first: dict[str, Any] = {
        "outcome": reply.get("outcome"),
        "facts": dict(reply.get("facts") or {}),
        "card": _card(reply.get("card")),
        "desk": reply.get("desk"),
    }
    last: dict[str, Any] = {
        "question": custom.get("question"),
        "links": tuple(links[key] for key in custom.get("links", ()) if key in links),
        "choices": _choices(reply.get("buttons") or ()),
    }
    if len(texts) == 1:
        return [Draft("bot", texts[0], topic=topic, **first, **last)]
    between = (Draft("bot", text, topic=topic) for text in texts[1:-1])
    return [
        Draft("bot", texts[0], topic=topic, **first),
        *between,
        Draft("bot", texts[-1], topic=topic, **last),
    ]


def _paragraphs(text: str) -> list[str]:
    joined: list[str] = []
    for part in filter(None, (piece.strip() for piece in _BLANK_LINE.split(text))):
        if joined and _ITEM.match(part) and _ITEM.match(joined[-1]):
            joined[-1] += "\n\n" + part
        else:
            joined.append(part)
    return joined


def _card(card: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not card:
        return None
    steps = [
        {"label": progress_label(step["key"]), "state": step["state"]} for step in card["steps"]
    ]
    return {"kind": card["kind"], "steps": steps}


def _choices(buttons: Sequence[Mapping[str, str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(button["title"], payloads.value(button["payload"]), button["payload"])
        for button in buttons
    )

"""Our messages as LINE's: at most five objects, quick replies, and the same choices by number.

LINE on a PC shows no quick replies, so the choices also stand in the text. Before a date they
have no numbers: 「3」 may be a day.
"""

from collections.abc import Sequence
from typing import Any

from bot.channels.line import flex
from bot.channels.line.measure import cut_graphemes, cut_utf16, split_utf16, utf16
from bot.channels.line.postbacks import HELPFUL, NOT_HELPFUL, postback_id
from bot.channels.line.words import words
from bot.messages import Choice, Draft

Json = dict[str, Any]
MAX_MESSAGES, MAX_TEXT, MAX_QUICK, MAX_LABEL, MAX_DISPLAY = 5, 5000, 13, 20, 300
DATE_QUESTIONS = frozenset({"applied_on", "accepted_on", "clicked_on"})
# Bubbles of a turn up to this length together are one: fewer pings for the reader.
_COMFORTABLE = 350


def render(
    drafts: Sequence[Draft],
    extra: Sequence[Json] = (),
    base: str = "",
    asks_feedback: bool = False,
) -> list[Json]:
    """1 to 5 message objects, none for no drafts; `extra` (a link button) is put at the end.

    `base` is the address under which relative links (the demo's) are found; `asks_feedback`
    adds 「役に立ちましたか」 with its two quick replies.
    """
    choices = next((d.choices for d in reversed(drafts) if d.choices), ())
    question = next((d.question for d in reversed(drafts) if d.question), None)
    pieces = _pieces(drafts, base)
    if choices:
        _append_text(pieces, _listed(choices, question))
    if asks_feedback:
        pieces.append(words()["feedback"]["ask"].strip())
    messages = _folded([*pieces, *extra])
    items = [*(_feedback() if asks_feedback else ()), *map(_choice, choices)][:MAX_QUICK]
    if messages and items:
        messages[-1] = {**messages[-1], "quickReply": {"items": items}}
    return messages


def plain(messages: Sequence[Json]) -> list[Json]:
    """The same as texts alone, for when LINE refuses a picture or a button."""
    texts = [str(m.get("text") or m.get("altText") or "") for m in messages]
    whole = "\n\n".join(text for text in texts if text) or words()["failed"].strip()
    return [_text(part) for part in split_utf16(whole, MAX_TEXT)[:MAX_MESSAGES]]


def has_numbers(question: str | None) -> bool:
    """Whether the choices under this question are numbered."""
    return question not in DATE_QUESTIONS


def _pieces(drafts: Sequence[Draft], base: str) -> list[str | Json]:
    """Texts and pictures in the order of reading; all links in one picture at the end."""
    pieces: list[str | Json] = []
    links: dict[str, dict[str, str]] = {}
    for draft in drafts:
        if draft.text:
            pieces.append(draft.text)
        if draft.card:
            pieces.append(flex.progress(draft.card))
        found = [_absolute(link, base) for link in draft.links]
        links |= {link["url"]: link for link in found if flex.is_link(link["url"])}
    if links:
        pieces.append(flex.links(list(links.values())[:10]))
    return pieces


def _absolute(link: dict[str, str], base: str) -> dict[str, str]:
    return {**link, "url": base + link["url"]} if link["url"].startswith("/") else link


def _append_text(pieces: list[str | Json], text: str) -> None:
    """To the last text, or as a text of its own."""
    for place in range(len(pieces) - 1, -1, -1):
        piece = pieces[place]
        if isinstance(piece, str):
            pieces[place] = piece + "\n\n" + text
            return
    pieces.append(text)


def _listed(choices: Sequence[Choice], question: str | None) -> str:
    hints = words()
    if not has_numbers(question):
        return "\n".join([hints["numbers_hint_date"], *(f"・{c.label}" for c in choices)])
    rows = [f"{number}. {choice.label}" for number, choice in enumerate(choices, start=1)]
    return "\n".join([hints["numbers_hint"], *rows])


def _folded(pieces: list[str | Json]) -> list[Json]:
    """Short neighbours together, then whatever is needed to come to five."""
    joined: list[str | Json] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        short = isinstance(last, str) and isinstance(piece, str)
        if short and utf16(f"{last}{piece}") <= _COMFORTABLE:
            joined[-1] = f"{last}\n\n{piece}"
        else:
            joined.append(piece)
    while len(joined) > MAX_MESSAGES and _join_shortest(joined):
        pass
    return _cut(joined)


def _join_shortest(pieces: list[str | Json]) -> bool:
    """Join the two neighbouring texts that are shortest together; False where there are none."""
    best, place = 0, -1
    for i in range(len(pieces) - 1):
        first, second = pieces[i], pieces[i + 1]
        if isinstance(first, str) and isinstance(second, str):
            size = utf16(first) + utf16(second)
            if place < 0 or size < best:
                best, place = size, i
    if place < 0:
        return False
    pieces[place : place + 2] = [f"{pieces[place]}\n\n{pieces[place + 1]}"]
    return True


def _cut(pieces: list[str | Json]) -> list[Json]:
    messages: list[Json] = []
    for piece in pieces:
        if isinstance(piece, str):
            messages += [_text(part) for part in split_utf16(piece, MAX_TEXT)]
        else:
            messages.append(piece)
    if len(messages) <= MAX_MESSAGES:
        return messages
    # More than any answer of ours: the picture goes first, then the end of the text.
    texts = [m for m in messages if m["type"] == "text"]
    return plain(texts) if len(texts) > MAX_MESSAGES else [*texts, *_pictures(messages, texts)]


def _pictures(messages: list[Json], texts: list[Json]) -> list[Json]:
    pictures = [m for m in messages if m["type"] != "text"]
    room = MAX_MESSAGES - len(texts)
    return pictures[-room:] if room else []


def _text(text: str) -> Json:
    return {"type": "text", "text": cut_utf16(text, MAX_TEXT)}


def _feedback() -> list[Json]:
    labels = words()["feedback"]["labels"]
    return [
        _item(labels["helpful"], postback_id(HELPFUL)),
        _item(labels["not_helpful"], postback_id(NOT_HELPFUL)),
    ]


def _choice(choice: Choice) -> Json:
    return _item(choice.label, choice.id)


def _item(label: str, data: str) -> Json:
    action = {
        "type": "postback",
        "label": cut_graphemes(label, MAX_LABEL),
        "data": data,
        "displayText": cut_utf16(label, MAX_DISPLAY),
    }
    return {"type": "action", "action": action}

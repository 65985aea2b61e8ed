"""Flex messages: the progress picture, and links as buttons."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.line.measure import cut_graphemes, cut_utf16
from bot.channels.line.words import words

Json = dict[str, Any]
MAX_ALT, MAX_LABEL, MAX_URI = 1500, 40, 1000
_MARKS = {"done": "✓", "current": "▶", "todo": "○", "problem": "！"}
_COLOURS = {"done": "#1B6E3C", "current": "#0B4A66", "todo": "#5A6468", "problem": "#A32A1A"}
_TEXT = "#22282B"


def progress(card: Mapping[str, Any]) -> Json:
    """The progress picture: one line a step, its state in words as well as in colour."""
    names = words()["flex"]
    steps = [(step["label"], step["state"]) for step in card["steps"]]
    said = "、".join(f"{label} {names['states'].get(state, '')}" for label, state in steps)
    contents = [_heading(names["progress_title"]), *(_step(*step) for step in steps)]
    return _message(names["progress_alt"].format(steps=said), {"body": _box(contents)})


def links(found: Sequence[Mapping[str, str]]) -> Json:
    """Links as buttons; a PC that shows no Flex shows the addresses."""
    names = words()["flex"]
    said = "、".join(f"{link['label']} {link['url']}" for link in found)
    buttons = [button(link["label"], link["url"], first=i == 0) for i, link in enumerate(found)]
    body = _box([_heading(names["links_title"]), *buttons])
    return _message(names["links_alt"].format(links=said), {"body": body})


def is_link(url: str) -> bool:
    """Whether LINE opens it as a web page."""
    return url.startswith(("https://", "http://")) and len(url) <= MAX_URI and url.isascii()


def button(label: str, url: str, first: bool = True) -> Json:
    """A button that opens a page."""
    return {
        "type": "button",
        "style": "primary" if first else "secondary",
        "height": "sm",
        "margin": "md",
        **({"color": _COLOURS["current"]} if first else {}),
        "action": {"type": "uri", "label": cut_graphemes(label, MAX_LABEL), "uri": url},
    }


def _step(label: str, state: str) -> Json:
    colour = _COLOURS.get(state, _TEXT)
    bold = {"weight": "bold"} if state in ("current", "problem") else {}
    return {
        "type": "box",
        "layout": "baseline",
        "spacing": "sm",
        "contents": [
            {"type": "text", "text": _MARKS.get(state, "・"), "flex": 1, "color": colour, **bold},
            {"type": "text", "text": label, "flex": 9, "wrap": True, "color": _TEXT, **bold},
            {
                "type": "text",
                "text": words()["flex"]["states"].get(state, "―"),
                "flex": 6,
                "wrap": True,
                "size": "sm",
                "align": "end",
                "color": colour,
                **bold,
            },
        ],
    }


def _heading(text: str) -> Json:
    return {"type": "text", "text": text, "weight": "bold", "wrap": True, "color": _TEXT}


def _box(contents: list[Json]) -> Json:
    return {"type": "box", "layout": "vertical", "spacing": "md", "contents": contents}


def _message(alt: str, parts: Json) -> Json:
    contents = {"type": "bubble", "size": "mega", **parts}
    return {"type": "flex", "altText": cut_utf16(alt, MAX_ALT), "contents": contents}


def link_button(label: str, url: str) -> Json:
    """One button. Its address carries a token, so the words for other screens leave it out."""
    return _message(label, {"body": _box([button(label, url)])})

"""Every wording that a member can read, in one form, from the files where it lies.

Sources: data/responses/*.yml (the dialogue), bot/wording/*.yml (the app), the widget's own
words. Nothing is filled in: variables stand as `{name}`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.documents.screen import screen_words
from bot.rendering import render

WEB = "web"
CHANNELS = (WEB, "line", "staff")


@dataclass(frozen=True)
class Button:
    """A choice: what it says, and the bot's own payload ("" where the app makes it)."""

    label: str
    payload: str = ""


@dataclass(frozen=True)
class Wording:
    """One entry of the sheet. `texts` by channel; several texts of one channel alternate.

    `whole`: the text is one bubble; else blank lines part it into bubbles.
    """

    key: str
    file: str
    texts: Mapping[str, tuple[str, ...]]
    topic: str | None = None
    buttons: tuple[Button, ...] = ()
    links: tuple[str, ...] = ()
    group: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)
    # Buttons that only another channel has.
    elsewhere: tuple[Button, ...] = ()
    whole: bool = False

    def all_texts(self) -> tuple[str, ...]:
        """The texts of all channels."""
        return tuple(text for texts in self.texts.values() for text in texts)

    def bubbles(self, text: str) -> list[str]:
        """One of the texts as the member sees it, bubble by bubble."""
        return [text] if self.whole else [draft.text for draft in render([{"text": text}], {})]


def all_wordings(root: Path) -> list[Wording]:
    """Everything, in the order of the files; `root` is the project's folder."""
    found = [w for path in sorted((root / "data/responses").glob("*.yml")) for w in _file(path)]
    for path in sorted((root / "bot/wording").glob("*.yml")):
        if not path.stem.startswith("staff"):  # the console's words are for colleagues
            found += _own_words(path)
    screen = "bot/channels/web/static/strings.ja.js"
    spoken = screen_words((root / screen).read_text(encoding="utf-8"))
    return [*found, *_labels("screen", spoken, screen)]


def by_key(wordings: list[Wording]) -> dict[str, Wording]:
    """The same, to look one up."""
    return {wording.key: wording for wording in wordings}


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _file(path: Path) -> Iterator[Wording]:
    for key, variants in (_load(path).get("responses") or {}).items():
        yield _response(key, variants, f"data/responses/{path.name}")


def _response(key: str, variants: list[dict[str, Any]], file: str) -> Wording:
    texts: dict[str, tuple[str, ...]] = {}
    for variant in variants:
        channel = str(variant.get("channel", WEB))
        texts[channel] = (*texts.get(channel, ()), str(variant.get("text", "")).strip())
    custom: dict[str, Any] = {}
    buttons: dict[str, dict[Button, None]] = {}
    for variant in sorted(variants, key=lambda v: "channel" not in v):  # the web's comes last
        custom |= variant.get("custom") or {}
        said = buttons.setdefault(str(variant.get("channel", WEB)), {})
        said |= {Button(b["title"], b["payload"]): None for b in variant.get("buttons") or ()}
    own = buttons.pop(WEB, {})
    return Wording(
        key,
        file,
        texts,
        custom.get("topic"),
        tuple(own),
        tuple(custom.get("links", ())),
        custom=custom,
        elsewhere=tuple(b for others in buttons.values() for b in others if b not in own),
    )


def _own_words(path: Path) -> Iterator[Wording]:
    """A file of the app's own words; those of system.yml have short keys."""
    stem = "" if path.stem == "system" else path.stem
    # A file that is named after a channel is said there only.
    channel = stem if stem in CHANNELS else WEB
    return _entries(_load(path), stem, f"bot/wording/{path.name}", channel)


def _entries(loaded: dict[str, Any], group: str, file: str, channel: str) -> Iterator[Wording]:
    """Texts, messages with choices, lists, and groups of such."""
    for name, value in loaded.items():
        key = f"{group}.{name}" if group else str(name)
        row: dict[str, Any] = {"key": key, "file": file, "group": group or None, "whole": True}
        if isinstance(value, str):
            yield Wording(texts={channel: (value.strip(),)}, **row)
        elif isinstance(value, list):
            texts = {channel: (_listed(value),)}
            yield Wording(texts=texts, buttons=_choices(value), **row | {"group": group or key})
        elif isinstance(value, dict) and "text" in value:
            subject = f"件名：{value['subject']}\n\n" if "subject" in value else ""
            texts = {channel: (subject + str(value["text"]).strip(),)}
            yield Wording(texts=texts, buttons=_choices(value.get("choices", ())), **row)
        elif isinstance(value, dict):
            yield from _entries(value, key, file, channel)


def _choices(rows: Iterable[Any]) -> tuple[Button, ...]:
    found = [row for row in rows if isinstance(row, dict) and "intent" in row]
    return tuple(Button(row["label"], f"/{row['intent']}") for row in found)


def _listed(rows: list[Any]) -> str:
    """A list of words, or of tiles with two lines; choices are shown as buttons instead."""
    tiles = [row for row in rows if isinstance(row, dict) and "title" in row]
    words = [str(row) for row in rows if isinstance(row, str)]
    return "、".join([*words, *(f"{row.get('sub', '')} {row['title']}".strip() for row in tiles)])


def _labels(group: str, labels: Mapping[str, str], file: str) -> Iterator[Wording]:
    for name, label in labels.items():
        yield Wording(f"{group}.{name}", file, {WEB: (label,)}, group=group, whole=True)


_VARIABLE = re.compile(r"\{(\w+)\}")


def variables(text: str) -> list[str]:
    """Names of the `{variables}` of a text."""
    return _VARIABLE.findall(text)


def with_variables(text: str, shown: Mapping[str, str]) -> str:
    """The text with something in place of each variable; unknown ones stay."""
    return _VARIABLE.sub(lambda found: shown.get(found[1], found[0]), text)

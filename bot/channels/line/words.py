"""The channel's own words (bot/wording/line.yml)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot import payloads
from bot.messages import Choice, Draft
from bot.settings import PROJECT_ROOT
from bot.text import same_words

_FILE: Path = PROJECT_ROOT / "bot/wording/line.yml"


@cache
def words() -> Any:
    """All of them, by name."""
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def draft(text: str, choices: tuple[Choice, ...] = (), topic: str | None = None) -> Draft:
    """A message of the bot."""
    return Draft("bot", text.strip(), choices=choices, topic=topic)


def is_link_word(text: str) -> bool:
    """「連携」 and its like, said alone."""
    return _plain(text) in {same_words(word) for word in words()["link_words"]}


def is_unlink_word(text: str) -> bool:
    """「連携解除」 and its like, said alone."""
    return _plain(text) in {same_words(word) for word in words()["unlink_words"]}


def feedback_word(text: str) -> bool | None:
    """Whether it helped, in the words of the two buttons, said alone; None for anything else."""
    labels, said = words()["feedback"]["labels"], _plain(text)
    return {same_words(labels["helpful"]): True, same_words(labels["not_helpful"]): False}.get(said)


def menu_choice(key: str) -> Choice | None:
    """What a place of the rich menu asks; None for a key that the menus do not have."""
    label = words()["richmenu"]["labels"].get(key)
    if label is None or key in ("link", "unlink"):
        return None
    payload = f"/{key}"
    return Choice(label, payloads.value(payload), payload)


def _plain(text: str) -> str:
    return same_words(text).removesuffix("です").removesuffix("します")

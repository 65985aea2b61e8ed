"""The channel's own words (bot/wording/line.yml)."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot import payloads
from bot.messages import Choice, Draft
from bot.settings import PROJECT_ROOT
from bot.text import same_words

_POLITE = re.compile(
    r"(?:を|の)?(?:(?:お願い|おねがい)(?:いたし|致し|し)ます|教えて(?:ください|下さい)?"
    r"|して(?:ください|下さい|ほしい)|したい|する|します|です)$"
)
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
    return _plain(text) in {_plain(word) for word in words()["link_words"]}


def is_unlink_word(text: str) -> bool:
    """「連携解除」 and its like, said alone."""
    return _plain(text) in {_plain(word) for word in words()["unlink_words"]}


def feedback_word(text: str) -> bool | None:
    """Whether it helped, in the words of the two buttons, said alone; None for anything else."""
    labels, said = words()["feedback"]["labels"], _plain(text)
    return {_plain(labels["helpful"]): True, _plain(labels["not_helpful"]): False}.get(said)


def menu_choice(key: str) -> Choice | None:
    """What a place of the rich menu asks; None for a key that the menus do not have."""
    label = words()["richmenu"]["labels"].get(key)
    if label is None or key in ("link", "unlink"):
        return None
    payload = f"/{key}"
    return Choice(label, payloads.value(payload), payload)


def _plain(text: str) -> str:
    said, whole = same_words(text), ""
    while said != whole:
        said, whole = _POLITE.sub("", said), said
    return said

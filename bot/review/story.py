"""A transcript as a test story: what could point to a person is taken out first."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import yaml

from bot.text import mask

# Names of people and clinics by what stands behind or before them; too much is better than a name.
_CALLED = re.compile(r"[一-龠々ァ-ヶー]{1,8}(?=(?:歯科|医院|クリニック|診療所|病院|先生|様|さん))")
_I_AM = re.compile(
    r"(私は|わたしは|わたくしは|名前は|氏名は)[一-龠々ァ-ヶーぁ-ん]{2,10}?(?=です|と申|といい)"
)
_BEGINS_WITH = re.compile(r"^[一-龠々]{2,6}(?=です[。、,.\s])")
_SAID_TO_BE = re.compile(r"[一-龠々ァ-ヶー]{1,8}(?=と申し|といいます|と言います)")
_NUMBER = re.compile(r"(?<!\d)\d{4,}(?!\d|年)")
_NAME, _DIGITS = "〇〇", "〔番号〕"
_NO_NAMES = re.compile(
    r"(?:担当|担当者|医者|歯科|医師|皆|組合|事務|事務局|院長|奥|客|患者|会員|係|何|他|同じ)$"
)


def without_person(text: str, names: Iterable[str]) -> str:
    """The text without masked secrets, numbers, the given names and what looks like a name."""
    plain = mask(unicodedata.normalize("NFKC", text))
    for name in names:
        parts = [part for part in re.split(r"\s+", unicodedata.normalize("NFKC", name)) if part]
        for known in ("".join(parts), " ".join(parts), *parts):
            if len(known) >= 2 or len(parts) == 1:
                plain = plain.replace(known, _NAME)
    plain = _CALLED.sub(lambda m: m[0] if _NO_NAMES.search(m[0]) else _NAME, plain)
    plain = _I_AM.sub(lambda m: m[1] + _NAME, plain)
    plain = _BEGINS_WITH.sub(_NAME, plain)
    plain = _SAID_TO_BE.sub(_NAME, plain)
    return _NUMBER.sub(_DIGITS, plain)


def clean_story(exported: str, names: Iterable[str], now: datetime, channel: str) -> str:
    """Rasa's export without the person; `now` (of the rules' clock) lets it be replayed.

    Raises ValueError for what is no story.
    """
    known = list(names)
    story = yaml.safe_load(exported)
    [only] = story["stories"]
    for step in only["steps"]:
        said = step.get("user")
        if said is not None and not said.strip().startswith("/"):
            step["user"] = without_person(said.strip(), known)
        elif said is not None:
            step["user"] = said.strip()
    only["metadata"] = {"now": now.isoformat(timespec="seconds"), "channel": channel}
    return str(yaml.safe_dump(story, allow_unicode=True, sort_keys=False, width=100))

"""Opaque ids for what is pressed outside a conversation: the rich menus, 「役に立ちましたか」.

LINE keeps uploaded menus for years, so an id depends on nothing but its name: no secret that is
changed one day may make a menu deaf. Buttons inside a conversation carry the journal's own ids.
"""

import hashlib
from functools import cache

from bot.channels.line.words import words

HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
# Menus that were uploaded before the ids were opaque.
_READABLE = "menu:"


def postback_id(name: str) -> str:
    """The id of a place of the menus, of HELPFUL or of NOT_HELPFUL."""
    return "n" + hashlib.sha256(f"navi LINE postback\0{name}".encode()).hexdigest()[:20]


def meaning(data: str) -> str | None:
    """The name that belongs to an id; None for what is none of ours."""
    known = _names()
    if data.startswith(_READABLE):
        name = data.removeprefix(_READABLE)
        return name if name in words()["richmenu"]["labels"] else None
    return known.get(data)


@cache
def _names() -> dict[str, str]:
    names = [*words()["richmenu"]["labels"], HELPFUL, NOT_HELPFUL]
    return {postback_id(name): name for name in names}

"""The rich menus: one for everybody, one for linked members; made once, found by name.

The name carries a digest of definition and picture, so that a changed menu is a new one and an
unchanged one is left alone.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.line.client import LineApi
from bot.channels.line.postbacks import postback_id
from bot.channels.line.words import words
from bot.settings import PROJECT_ROOT

PICTURES = PROJECT_ROOT / "bot/channels/line/menus"
KINDS = ("guest", "member")
UNLINKED = "guest_unlinked"
WIDTH, HEIGHT, COLUMNS, ROWS = 960, 648, 3, 2
_PREFIX = "navi-"
_REMEMBERED_S = 600.0
Json = dict[str, Any]


@dataclass(frozen=True)
class Menu:
    """A rich menu as the project defines it."""

    kind: str
    definition: Json
    picture: bytes

    @property
    def name(self) -> str:
        """navi-guest-1a2b3c4d: kind and digest."""
        plain = json.dumps(self.definition, sort_keys=True).encode()
        digest = hashlib.sha256(plain + b"\0" + self.picture).hexdigest()[:12]
        return f"{_PREFIX}{self.kind}-{digest}"

    @property
    def request(self) -> Json:
        """LINE's form, with the name."""
        return {**self.definition, "name": self.name}


def menus(can_link: bool = True) -> list[Menu]:
    """The guest's and the linked member's menu; the guest's offers the link where there is one."""
    content = {"guest": "guest" if can_link else UNLINKED}
    return [
        Menu(kind, _definition(name), _picture(name))
        for kind in KINDS
        for name in (content.get(kind, kind),)
    ]


def plan(
    there: dict[str, str], default: str | None, linked: int, can_link: bool = True
) -> list[str]:
    """What `set_up` would do, a sentence each; empty where nothing is to be done."""
    wanted = menus(can_link)
    names = {menu.name for menu in wanted}
    steps = [f"make {m.name} ({len(m.picture) // 1024} KB)" for m in wanted if m.name not in there]
    guest = wanted[0].name
    if default is None or there.get(guest) != default:
        steps.append(f"show {guest} to everybody")
    if linked and _is_unfinished(there, default, wanted):
        steps.append(f"show {wanted[1].name} to {linked} linked members")
    steps += [f"remove {name}" for name in _old(there, names)]
    return steps


async def set_up(
    api: LineApi, linked: Sequence[str], say: Callable[[str], None], can_link: bool = True
) -> None:
    """Make what is missing, show it, remove what is old. Raises LineRefused, LineUncertain."""
    there, default = await api.menus(), await api.default_menu()
    wanted = menus(can_link)
    unfinished = _is_unfinished(there, default, wanted)
    for menu in [menu for menu in wanted if menu.name not in there]:
        there[menu.name] = await api.create_menu(menu.request, menu.picture)
        say(f"made {menu.name}")
    guest, member = (there[menu.name] for menu in wanted)
    # In this order: as long as the default or an old menu is left, a run that was cut off shows.
    if linked and unfinished:
        await api.give_menu(linked, member)
        say(f"{wanted[1].name} is shown to {len(linked)} linked members")
    if default != guest:
        await api.set_default_menu(guest)
        say(f"{wanted[0].name} is shown to everybody")
    for name in _old(there, {menu.name for menu in wanted}):
        await api.delete_menu(there[name])
        say(f"removed {name}")


class Menus:
    """Shows a user the menu that fits; does nothing before `navi line setup` has made them."""

    def __init__(self, api: LineApi) -> None:
        self._api = api
        self._there: dict[str, str] = {}
        self._read_at = float("-inf")

    async def show(self, user_id: str, linked: bool) -> None:
        """Raises LineRefused, LineUncertain."""
        member = await self._member_menu()
        if member is None:
            return
        if linked:
            await self._api.give_menu([user_id], member)
        else:
            await self._api.take_menu(user_id)

    async def _member_menu(self) -> str | None:
        name = menus()[1].name
        if name not in self._there or time.monotonic() - self._read_at > _REMEMBERED_S:
            self._there, self._read_at = await self._api.menus(), time.monotonic()
        return self._there.get(name)


def _is_unfinished(there: dict[str, str], default: str | None, wanted: Sequence[Menu]) -> bool:
    """Whether linked members may not have their menu yet; to give it again does no harm."""
    guest, member = wanted
    made = guest.name in there and member.name in there and there[guest.name] == default
    return not made or bool(_old(there, {menu.name for menu in wanted}))


def _old(there: dict[str, str], wanted: set[str]) -> list[str]:
    ours = tuple(f"{_PREFIX}{kind}-" for kind in KINDS)
    return sorted(name for name in there if name.startswith(ours) and name not in wanted)


def _definition(kind: str) -> Json:
    said = words()["richmenu"]
    return {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": said["bar"],
        "areas": [_area(place, entry["key"]) for place, entry in enumerate(said[kind])],
    }


def _area(place: int, key: str) -> Json:
    width, height = WIDTH // COLUMNS, HEIGHT // ROWS
    row, column = divmod(place, COLUMNS)
    label = words()["richmenu"]["labels"][key]
    return {
        "bounds": {"x": column * width, "y": row * height, "width": width, "height": height},
        "action": {
            "type": "postback",
            "label": label,
            "data": postback_id(key),
            "displayText": label,
        },
    }


def _picture(kind: str) -> bytes:
    return (PICTURES / f"{kind}.png").read_bytes()

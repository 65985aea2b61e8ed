"""Settings, commands and the rich menus."""

import asyncio
import struct

import pytest
from pydantic import SecretStr

from bot.channels.line.client import LineApi, LineUncertain
from bot.channels.line.fake import FakeLine
from bot.channels.line.richmenu import menus, plan, set_up
from bot.errors import SettingsError
from bot.serving.checks import check_settings
from bot.settings import Environment, Settings
from tests.line.platform import running


async def test_setup_says_what_it_would_do_and_does_it_once() -> None:
    line = FakeLine()
    async with running(line) as platform:
        api = LineApi("token-of-the-tests", platform.base)
        await api.open()
        steps = plan(await api.menus(), await api.default_menu(), 2)
        assert len(steps) == 4 and line.menus == {}
        users = ["U" + "1" * 32, "U" + "2" * 32]
        await set_up(api, users, lambda _: None)
        assert len(line.menus) == len(line.pictures) == 2
        assert all(p.startswith(b"\x89PNG") for p in line.pictures.values())
        assert line.menu_of(users[0]) != line.menu_of("U" + "3" * 32)
        assert plan(await api.menus(), await api.default_menu(), 2) == []
        whole = menus()[0].request
        line.menus["richmenu-old"] = {**whole, "name": "navi-guest-000000000000"}
        line.menus["richmenu-theirs"] = {**whole, "name": "the office's own"}
        await set_up(api, users, lambda _: None)
        assert "richmenu-old" not in line.menus and "richmenu-theirs" in line.menus
        await api.close()
        assert platform.errors == []


async def test_a_setup_that_was_cut_off_is_finished_by_the_next() -> None:
    line = FakeLine()
    async with running(line) as platform:
        api = LineApi("token-of-the-tests", platform.base)
        await api.open()
        user = "U" + "1" * 32
        platform.fail("content", (500, "", False))
        with pytest.raises(LineUncertain):
            await set_up(api, [user], lambda _: None)
        assert line.menus == {}, "a menu without its picture was left"
        platform.fail("link", (500, "", False))
        with pytest.raises(LineUncertain):
            await set_up(api, [user], lambda _: None)
        assert any("linked" in s for s in plan(await api.menus(), await api.default_menu(), 1))
        await set_up(api, [user], lambda _: None)
        assert line.menu_of(user) != line.menu_of("U" + "3" * 32)
        assert plan(await api.menus(), await api.default_menu(), 1) == []
        await api.close()
        assert platform.errors == []


def test_the_pictures_fit_their_menus() -> None:
    for menu in menus():
        size = struct.unpack(">II", menu.picture[16:24])
        assert size == (menu.definition["size"]["width"], menu.definition["size"]["height"])
        assert len(menu.picture) < 64 * 1024


@pytest.mark.parametrize("env", list(Environment))
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"line_channel_secret": SecretStr("x")}, "NAVI_LINE_CHANNEL_TOKEN is missing"),
        ({"line_channel_token": SecretStr("x")}, "NAVI_LINE_CHANNEL_SECRET is missing"),
        ({"line_destination": "U" + "0" * 32}, "NAVI_LINE_CHANNEL_SECRET is missing"),
        ({"line_destination": "@navi"}, "NAVI_LINE_DESTINATION is not"),
    ],
)
def test_a_part_of_the_settings_stops_the_start(
    env: Environment, values: dict[str, object], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        check_settings(Settings(env=env).model_copy(update=values))


def test_without_settings_the_channel_is_off() -> None:
    from bot.channels.line.channel import line_account

    assert line_account(Settings(env=Environment.production), "http://127.0.0.1:1") is None
    assert asyncio.iscoroutinefunction(LineApi.open)

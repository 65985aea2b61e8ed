"""What the bot says on LINE fits LINE: there is no site to log in to around the conversation."""

from typing import Any

import pytest
import yaml

from bot.settings import PROJECT_ROOT


def _responses() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted((PROJECT_ROOT / "data/responses").glob("*.yml")):
        found |= yaml.safe_load(file.read_text(encoding="utf-8"))["responses"]
    return found


_RESPONSES = _responses()


def _of_the_site(variant: dict[str, Any]) -> bool:
    """Whether it sends the reader to a login around the window, which LINE does not have."""
    labels = [button["title"] for button in variant.get("buttons", ())]
    said = "\n".join([variant["text"], *labels])
    return "この窓口を" in said or "ログインして調べる" in said


def _offers_the_link(variant: dict[str, Any]) -> bool:
    labels = [button["title"] for button in variant.get("buttons", ())]
    return "連携" in "\n".join([variant["text"], *labels])


@pytest.mark.parametrize(
    "name", [n for n, v in _RESPONSES.items() if any(map(_offers_the_link, v))]
)
def test_each_offer_of_the_link_has_words_without_it(name: str) -> None:
    unlinked = _RESPONSES[f"{name}_unlinked"]
    assert not any(map(_offers_the_link, unlinked))
    assert not any(map(_of_the_site, unlinked)), "nor a login around the window"
    [on_line] = [v for v in _RESPONSES[name] if v.get("channel") == "line"]
    for kept in ("topic", "question"):
        assert unlinked[0]["custom"].get(kept) == on_line["custom"].get(kept)


@pytest.mark.parametrize("name", [n for n, v in _RESPONSES.items() if any(map(_of_the_site, v))])
def test_a_login_around_the_window_is_not_said_on_line(name: str) -> None:
    on_line = [v for v in _RESPONSES[name] if v.get("channel") == "line"]
    assert on_line and not any(map(_of_the_site, on_line))
    assert all(
        "連携" in v["text"] or any("連携" in b["title"] for b in v["buttons"]) for v in on_line
    )

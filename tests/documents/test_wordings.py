"""Reading the files in which wordings lie."""

from pathlib import Path

from bot.documents.wordings import Wording, all_wordings, by_key, variables, with_variables

RESPONSES = """
version: "3.1"
responses:
  utter_a:
  - text: |-
      一つ目。

      二つ目。
    custom: {topic: faq, links: [faq]}
    buttons:
    - {title: 担当者に聞く, payload: /handoff}
  - channel: line
    text: 短く。
"""
OWN = """
hello:
  text: |-
    こんにちは。

    どうぞ。
  choices:
    - {label: 担当者に聞く, intent: handoff}
groups: {one: 一, deeper: {two: 二}}
lines: [一言, 二言]
tiles: [{key: a, title: 聞く, sub: 担当者に}]
limit: 3
"""


def project(root: Path) -> dict[str, Wording]:
    """The wordings of a small project."""
    for name, text in {
        "data/responses/a.yml": RESPONSES,
        "bot/wording/system.yml": OWN,
        "bot/wording/mails.yml": OWN,
        "bot/wording/line.yml": "hello: ラインです。",
        "bot/channels/web/static/strings.ja.js": 'export const T = { title: "題" };',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return by_key(all_wordings(root))


def test_every_file_is_read(tmp_path: Path) -> None:
    found = project(tmp_path)
    own = ["hello", "groups.one", "groups.deeper.two", "lines", "tiles"]
    assert list(found) == [
        "utter_a",
        "line.hello",
        *(f"mails.{key}" for key in own),
        *own,
        "screen.title",
    ]
    assert found["utter_a"].texts == {"web": ("一つ目。\n\n二つ目。",), "line": ("短く。",)}
    assert found["utter_a"].links == ("faq",)
    assert found["line.hello"].texts == {"line": ("ラインです。",)}
    assert found["lines"].texts == {"web": ("一言、二言",)}
    assert found["tiles"].texts == {"web": ("担当者に 聞く",)}
    assert [button.label for button in found["hello"].buttons] == ["担当者に聞く"]


def test_bubbles_are_those_that_the_member_sees(tmp_path: Path) -> None:
    found = project(tmp_path)
    response, own = found["utter_a"], found["hello"]
    assert response.bubbles(response.texts["web"][0]) == ["一つ目。", "二つ目。"]
    assert own.bubbles(own.texts["web"][0]) == ["こんにちは。\n\nどうぞ。"]


def test_variables() -> None:
    assert variables("{a}と{b_c}、{{d}}") == ["a", "b_c", "d"]
    assert with_variables("{a}と{b}", {"a": "一"}) == "一と{b}"

"""What the dialogue's memory keeps of a message that was taken back (pure; no Rasa here)."""

import importlib.util
import json
from typing import Any

from bot.settings import PROJECT_ROOT

Json = dict[str, Any]


def _blanked(events: list[Json], turn_id: str) -> dict[int, Json] | None:
    # By its path: the dialogue's package belongs to another environment.
    file = PROJECT_ROOT / "rasa_components/forgetting.py"
    spec = importlib.util.spec_from_file_location("forgetting", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[int, Json] | None = module.blanked(events, turn_id)
    return found


def _said(turn: str, text: str) -> Json:
    parsed = {
        "text": text,
        "intent": {"name": "inform_date"},
        "entities": [{"entity": "x", "value": text}],
        "text_tokens": [[0, 1]],
    }
    return {"event": "user", "message_id": turn, "text": text, "parse_data": parsed}


def test_the_words_of_one_turn_go() -> None:
    events = [
        {"event": "session_started"},
        _said("a", "水曜日に申し込んだ"),
        {"event": "slot", "name": "small_answer", "value": "水曜日に申し込んだ"},
        {"event": "bot", "text": "承りました", "data": {"custom": {"topic": "faq"}}},
        _said("b", "水曜日に申し込んだ"),
        {"event": "slot", "name": "small_answer", "value": "水曜日に申し込んだ"},
    ]
    changed = _blanked(events, "a")
    assert changed is not None and sorted(changed) == [1, 2, 3]
    assert "水曜日" not in json.dumps(changed, ensure_ascii=False)
    assert changed[1]["parse_data"]["intent"] == {"name": "inform_date"}
    assert changed[1]["message_id"] == "a" and changed[3] == events[3]


def test_an_unknown_turn_changes_nothing() -> None:
    assert _blanked([_said("a", "言葉"), {"event": "bot", "text": "言葉"}], "c") is None

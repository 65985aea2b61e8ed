"""docs/registry-events.md says what the code does."""

import json
import re
from pathlib import Path

from actions.domain.registration import MailKind, MemberKind
from bot.registry_events.schema import MOST_EVENTS, EventKind, event_of
from tests.events.conftest import NOW

_DOC = Path(__file__).resolve().parents[2] / "docs" / "registry-events.md"


def test_schema_and_example() -> None:
    text = _DOC.read_text(encoding="utf-8")
    example, schema = map(json.loads, re.findall(r"```json\n(.*?)```", text, re.S))
    assert event_of(example, NOW).mail is MailKind.confirmation
    properties = schema["properties"]
    assert set(properties["kind"]["enum"]) == set(EventKind)
    assert set(properties["mail"]["enum"]) == set(MailKind)
    assert set(properties["member_kind"]["enum"]) == set(MemberKind)
    assert f"1 to {MOST_EVENTS}" in text

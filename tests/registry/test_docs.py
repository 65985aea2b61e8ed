"""docs/registry.md says what the import does."""

import json
import re
from typing import Any

from bot.importing import columns, jsonl, values
from bot.settings import PROJECT_ROOT

TEXT = (PROJECT_ROOT / "docs" / "registry.md").read_text(encoding="utf-8")


def _example() -> Any:
    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_example_can_be_imported() -> None:
    member = jsonl.member_of(_example())
    assert member is not None
    assert len(member.applications[0].mails) == 2


def test_every_required_column_is_named() -> None:
    for kind in (columns.MEMBERS, columns.APPLICATIONS, columns.MAILS, columns.WIDE):
        for column in kind.required:
            assert column in TEXT, column
            assert any(header in TEXT.casefold() for header in kind.headers[column]), column


def test_every_word_of_a_cell_is_named() -> None:
    for word in (*values.MAIL_KINDS, *values.MAIL_STATUSES, *values.MEMBER_KINDS):
        assert word in TEXT


def test_the_headers_of_the_document_are_known() -> None:
    for header in re.findall(r"`([^`]*メール(?:状態|送信日時))`", TEXT):
        assert any(header in known for known in columns.WIDE.headers.values()), header

"""The specification's files that lie beside the project, row by row."""

import csv
import json
from pathlib import Path
from typing import Any


def json_rows(path: Path) -> list[dict[str, Any]]:
    """A file of JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def csv_rows(path: Path) -> list[dict[str, str]]:
    """A sheet with a header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def tsv_rows(path: Path) -> list[list[str]]:
    """A file of tab-separated lines without a header."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]


def told(outcome: str | None, facts: dict[str, Any]) -> dict[str, Any]:
    """An answer under the names of the tables' expected columns."""
    return {
        "expected_outcome": outcome,
        "expected_earliest": facts.get("earliest_date"),
        "expected_later_than_earliest": facts.get("later_than_earliest", False),
        "expected_handover": facts.get("handover", False),
    }


def expected(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of a table asks for."""
    return {key: value for key, value in row.items() if key.startswith("expected_")}

"""The words of the console's inbox and office-hours pages (YAML beside this file)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).resolve().parent


@cache
def inbox_words() -> dict[str, Any]:
    """Of the inbox."""
    return _read("staff_inbox.yml")


@cache
def hours_words() -> dict[str, Any]:
    """Of the page of the office hours."""
    return _read("staff_hours.yml")


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return loaded

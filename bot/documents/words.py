"""The Japanese of the papers (words.yml), and the outcomes' names that the commands use too."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.cli.output import words as command_words


@cache
def words() -> Any:
    """All of words.yml."""
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def outcome_name(outcome: str) -> str:
    """Short Japanese name of an outcome, as `navi advice` prints it.

    The id itself where it is stored and another release's: this one has no words for it.
    """
    return str(command_words()["advice"]["outcomes"].get(outcome, {}).get("label", outcome))


def matches(key: str, patterns: list[str]) -> bool:
    """Whether a key is one of the patterns (`*` is anything)."""
    return any(fnmatchcase(key, pattern) for pattern in patterns)

"""The console's own Japanese: bot/wording/staff*.yml, one file for each part of it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import PROJECT_ROOT

_FOLDER = PROJECT_ROOT / "bot/wording"


@cache
def staff_words(name: str = "staff") -> dict[str, Any]:
    """A file of wordings, e.g. `staff` or `staff_inbox`."""
    loaded: dict[str, Any] = yaml.safe_load(_read(_FOLDER / f"{name}.yml"))
    return loaded


def sentence(key: str) -> str:
    """A sentence for staff, from staff.yml."""
    return str(staff_words()["sentences"][key])


def browser_name(user_agent: str) -> str:
    """A browser as people call it: Chrome（Windows）."""
    words = staff_words()["browsers"]
    program = next((n for sign, n in words["programs"].items() if sign in user_agent), "")
    system = next((n for sign, n in words["systems"].items() if sign in user_agent), "")
    if not program:
        return str(words["unknown"])
    return f"{program}（{system}）" if system else str(program)


@cache
def audit_labels() -> dict[str, str]:
    """Label of each event of the audit trail; every part's file may name some."""
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob("staff*.yml")):
        found |= (yaml.safe_load(_read(path)) or {}).get("audit_events", {})
    return found


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")

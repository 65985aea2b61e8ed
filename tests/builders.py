"""Builders with overrides: plain values of the import format, one builder an aggregate."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def mail(kind: str = "confirmation", status: str = "delivered", **overrides: Any) -> Line:
    """A mail that was sent a minute after the application below."""
    sent_at = "2026-06-08T10:01:00+09:00" if status in ("delivered", "bounced") else None
    return {"kind": kind, "status": status, "sent_at": sent_at} | overrides


def application(**overrides: Any) -> Line:
    """An application whose first mail went out and whose URL was not clicked."""
    return {
        "applied_at": "2026-06-08T10:00:00+09:00",
        "url_clicked_at": None,
        "opened_at": None,
        "mails": [mail()],
    } | overrides


def member(number: str = "100001", **overrides: Any) -> Line:
    """A member's line of an import: Web会員 registered, one application."""
    return {
        "member": {"number": number},
        "web_registered_on": "2026-05-01",
        "applications": [application()],
    } | overrides


def write_jsonl(path: Path, lines: Iterable[Line | str]) -> Path:
    """Write lines (objects, or text as it is) as JSON Lines."""
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path

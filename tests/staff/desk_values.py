"""Builders of what the desk tells the inbox, one for each kind of value."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.handover.views import InboxItem, Line, Summary, Talk
from bot.messages import Choice, Draft, Message
from bot.staff.members import Role, StaffMember

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # 10:30 in Tokyo
SATO = StaffMember("sato", "佐藤", Role.agent)
SUZUKI = StaffMember("suzuki", "鈴木", Role.agent)


def ago(**delta: float) -> datetime:
    """An instant before `NOW`."""
    return NOW - timedelta(**delta)


def item(**changes: Any) -> InboxItem:
    """Somebody who waits."""
    values: dict[str, Any] = {
        "conversation_id": "c1",
        "channel": "web",
        "member": "••••12",
        "member_name": "見本 一郎",
        "state": "waiting",
        "reason": "asked",
        "topic": None,
        "topic_label": None,
        "outcome": None,
        "outcome_label": None,
        "urgent": False,
        "answer_by": None,
        "requested_at": ago(minutes=4),
        "waiting_since": ago(minutes=4),
        "owner_id": None,
        "owner_name": None,
        "last_author": "member",
        "last_text": "担当者に聞く",
        "member_text": "担当者に聞く",
        "last_at": ago(minutes=4),
        "last_seq": 5,
    }
    return InboxItem(**{**values, **changes})


def line(seq: int, author: str, text: str, **more: Any) -> Line:
    """A message of the transcript; `labels` are its choices, `about` fields of the line."""
    labels = tuple(Choice(label, "", "", label) for label in more.pop("labels", ()))
    about = more.pop("about", {})
    at = more.pop("at", ago(minutes=30 - seq))
    return Line(Message(f"m{seq}", seq, at, Draft(author, text, choices=labels, **more)), **about)


def summary(**changes: Any) -> Summary:
    """Of a member who is proven."""
    values: dict[str, Any] = {
        "conversation_id": "c1",
        "channel": "web",
        "number": "012345",
        "name": "見本 一郎",
        "kind": "individual",
        "proof": "会員サイトのログイン",
        "registry_state": None,
        "registry_outcome": None,
        "as_of": None,
        "progress": [],
        "outcome": None,
        "outcome_label": None,
        "topic_label": None,
        "reason": None,
        "reason_label": None,
        "answers": [],
        "feedback": [],
        "answer_by": None,
        "contact": None,
        "waiting_since": None,
        "started_at": ago(minutes=30),
    }
    return Summary(**{**values, **changes})


def talk(about: InboxItem | None = None, **changes: Any) -> Talk:
    """A conversation without any words yet."""
    values: dict[str, Any] = {
        "item": about or item(),
        "owner_version": 0,
        "summary": summary(),
        "lines": [],
        "notes": [],
        "event_id": 0,
    }
    return Talk(**{**values, **changes})

"""The inbox's list as its template shows it: pure functions from the desk's values to words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.domain.calendar import TOKYO
from bot.handover.views import Inbox, InboxItem
from bot.staff.members import StaffMember
from bot.staff.words import staff_words

View = dict[str, Any]
_WARN_AFTER, _LATE_AFTER = timedelta(minutes=3), timedelta(minutes=10)


def inbox_words() -> dict[str, Any]:
    """bot/wording/staff_inbox.yml."""
    return staff_words("staff_inbox")


@dataclass(frozen=True)
class Viewer:
    """Who looks, and when (an instant in UTC)."""

    person: StaffMember
    now: datetime


def queue_view(inbox: Inbox, viewer: Viewer) -> list[View]:
    """The sections of the list; 「お待ちの方」 is always there, the others where they hold any."""
    words = inbox_words()["list"]
    parts = {
        "waiting": inbox.waiting,
        "mine": inbox.mine,
        "others": inbox.others,
        "closed": inbox.ended,
    }
    if not any(parts.values()):
        return []
    return [
        {"key": key, "title": words[key], "rows": [_row(item, key, viewer) for item in items]}
        for key, items in parts.items()
        if items or key == "waiting"
    ]


def _row(item: InboxItem, part: str, viewer: Viewer) -> View:
    since = item.waiting_since if part != "closed" else None
    return {
        "id": item.conversation_id,
        "who": who(item),
        "number": item.member,
        "channel": channel(item.channel),
        "reason": " ・ ".join(filter(None, [_reason(item), item.outcome_label])),
        "last": _last_words(item),
        "member_seq": item.last_seq if item.last_author == "member" else 0,
        "since": since.isoformat() if since else None,
        "since_label": inbox_words()["list"]["wait" if part == "waiting" else "unanswered"],
        "waited": waited(viewer.now - since) if since else "",
        "urgency": _urgency(viewer.now - since) if since else "",
        "left_message": item.answer_by is not None and part == "waiting",
        "owner": item.owner_name if part == "others" else None,
        "ended": moment(item.last_at, viewer.now) if part == "closed" else None,
        "ended_iso": item.last_at.isoformat(),
    }


def who(item: InboxItem) -> str:
    """The name of a proven member, else 「未確認の方」."""
    words = inbox_words()["who"]
    if item.member is None:
        return str(words["guest"])
    return f"{item.member_name} 様" if item.member_name else str(words["nameless"])


def channel(name: str) -> str:
    """The label of a channel."""
    return str(inbox_words()["channel"].get(name, name))


def waited(time: timedelta) -> str:
    """「3分」, 「1時間5分」, 「2日」; the page's script counts on in the same words."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes < 1:
        return "1分未満"
    if minutes < 60:
        return f"{minutes}分"
    if minutes < 24 * 60:
        return f"{minutes // 60}時間{minutes % 60}分" if minutes % 60 else f"{minutes // 60}時間"
    return f"{minutes // (24 * 60)}日"


def moment(at: datetime, now: datetime) -> str:
    """「14:05」 today, 「3/20 14:05」 on other days, in Tokyo."""
    local = at.astimezone(TOKYO)
    clock = f"{local.hour}:{local:%M}"
    today = local.date() == now.astimezone(TOKYO).date()
    return clock if today else f"{local.month}/{local.day} {clock}"


def _urgency(time: timedelta) -> str:
    return "bad" if time >= _LATE_AFTER else "warn" if time >= _WARN_AFTER else ""


def _reason(item: InboxItem) -> str:
    reasons = inbox_words()["reason"]
    return str(reasons.get(item.reason, "")) or (item.topic_label or "")


def _last_words(item: InboxItem) -> str:
    """A person's last words; the bot's only where the member has said nothing."""
    by, text = item.last_author, item.last_text
    if by in ("bot", "system") and item.member_text:
        by, text = "member", item.member_text
    author, text = inbox_words()["author"].get(by, ""), " ".join(text.split())
    return f"{author}：{text[:60]}" if text else ""

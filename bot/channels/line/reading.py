"""A verified webhook body, read tolerantly: event by event, field by field.

LINE adds event types, message types and fields without notice, so nothing here fails: what is
not understood becomes a kind that nobody answers, and is logged by that kind.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.handover.contacts import masked_but_contacts
from bot.identity.typed import code_places
from bot.text import clean, mask

# What the worker does something about; everything else is counted and left alone.
ANSWERED = frozenset({"message", "postback", "follow", "unfollow", "accountLink", "unsend", "join"})
MESSAGE_KINDS = frozenset({"text", "image", "video", "audio", "file", "location", "sticker"})
_MAX_ID, _MAX_TEXT, _MAX_DATA = 64, 5000, 300
_WORD = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Incoming:
    """An event as it is stored. `source_id` is a user, or a group or room (then `is_group`)."""

    id: str
    kind: str
    source_id: str
    timestamp: int
    redelivered: bool
    body: dict[str, Any]
    message_id: str | None = None
    # The text with contacts in it: it waits like this only where a person is wanted.
    words: str = field(default="", repr=False)


def read_events(body: Mapping[str, Any]) -> list[Incoming]:
    """All events that can be stored, in the order of the body."""
    events = body.get("events")
    if not isinstance(events, list):
        return []
    return [read for event in events if (read := _event(event)) is not None]


def _event(event: object) -> Incoming | None:
    if not isinstance(event, dict):
        return None
    source = _mapping(event, "source")
    group = _text(source, "groupId", _MAX_ID) or _text(source, "roomId", _MAX_ID)
    source_id = group or _text(source, "userId", _MAX_ID) or ""
    kind = _WORD.sub("", _text(event, "type", 32) or "") or "unknown"
    message = _mapping(event, "message")
    stamp = event.get("timestamp")
    is_stamp = isinstance(stamp, int) and not isinstance(stamp, bool) and 0 <= stamp < 2**62
    return Incoming(
        id=_event_id(event),
        kind=kind,
        source_id=source_id,
        timestamp=int(stamp) if is_stamp and stamp is not None else 0,
        redelivered=_mapping(event, "deliveryContext").get("isRedelivery") is True,
        body=_body(event, kind, message, bool(group)),
        message_id=_message_id(event, kind, message) if not group else None,
        words="" if group else _with_contacts(message),
    )


def _message_id(event: Mapping[str, Any], kind: str, message: Mapping[str, Any]) -> str | None:
    """Which message came, or was taken back."""
    if kind == "unsend":
        return _text(_mapping(event, "unsend"), "messageId", _MAX_ID)
    return _text(message, "id", _MAX_ID) if kind == "message" else None


def _body(
    event: Mapping[str, Any], kind: str, message: Mapping[str, Any], group: bool
) -> dict[str, Any]:
    """Only what an answer needs; nothing at all of what people say in a group."""
    kept: dict[str, Any] = {
        "reply_token": _text(event, "replyToken", 256),
        "standby": event.get("mode") not in (None, "active"),
        "group": group,
    }
    if group:
        return kept
    if kind == "message":
        said = _WORD.sub("", _text(message, "type", 32) or "") or "unknown"
        kept["message"] = said
        if said == "text":
            kept["text"] = storable(_text(message, "text", _MAX_TEXT) or "")
    elif kind == "postback":
        kept["data"] = _text(_mapping(event, "postback"), "data", _MAX_DATA) or ""
    elif kind == "accountLink":
        link = _mapping(event, "link")
        kept["result"] = _text(link, "result", 16)
        kept["nonce"] = _text(link, "nonce", 255)
    return kept


def _with_contacts(message: Mapping[str, Any]) -> str:
    return masked_but_contacts(_text(message, "text", _MAX_TEXT) or "", storable)


def storable(text: str) -> str:
    """A member's words as they may wait in the store: masked, but for what looks like a code.

    A mailed code must reach the conversation as it is; it is masked there before it is kept.
    """
    text = clean(text)
    kept, end = "", 0
    for start, until in code_places(text):
        kept, end = kept + mask(text[end:start]) + text[start:until], until
    return kept + mask(text[end:])


def _event_id(event: Mapping[str, Any]) -> str:
    given = _text(event, "webhookEventId", _MAX_ID)
    if given:
        return given
    # Two deliveries of an event without an id differ in `deliveryContext` alone.
    same = {key: value for key, value in event.items() if key != "deliveryContext"}
    text = json.dumps(same, sort_keys=True).encode("utf-8", "replace")
    return "x" + hashlib.sha256(text).hexdigest()[:40]


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(value: Mapping[str, Any], key: str, most: int) -> str | None:
    """A string of at most `most` characters; a longer id is no id, a longer text is cut."""
    found = value.get(key)
    if not isinstance(found, str) or not found:
        return None
    if len(found) > most and key != "text":
        return None
    # NUL cannot be stored by PostgreSQL, lone surrogates by no database.
    found = found[:most].replace("\x00", "")
    return found.encode("utf-8", "replace").decode() or None

"""A LINE user as it stands, and an event that is being worked on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]
# Of `delivery`: an answer is about to go out that way, so that after a crash it may have gone out.
REPLY, PUSH = "reply", "push"
# Of `delivery`: the answer is in `body` and goes out later; nothing of it went out as a reply.
REPLY_LATER, PUSH_LATER = "reply-later", "push-later"
# The same, where the month's pushes are used up: until LINE is asked again (quota.py).
QUOTA_LATER = "quota-later"
# Of `delivery`: no answer was due, a person has the conversation; its reply token is kept.
HELD = "held"
# Of `kind`: no event of LINE but words of ours (a clerk's) on their way.
OUTGOING = "outgoing"


@dataclass(frozen=True)
class Source:
    """A LINE user or group as it stands.

    `last_at` is the last word of its conversation, `length` how many messages that has.
    """

    id: str
    conversation_id: str | None
    member_number: str | None
    blocked: bool
    told: bool
    last_at: datetime | None
    length: int = 0


@dataclass(frozen=True)
class Waiting:
    """An event that is being worked on; `attempts` counts this one."""

    id: str
    source_id: str
    kind: str
    timestamp: int
    body: Json
    token_from: datetime
    attempts: int
    message_id: str | None
    conversation_id: str | None
    delivery: str | None

    @property
    def messages(self) -> list[Json] | None:
        """The answer, where it was made before and could not go out yet."""
        found: list[Json] | None = self.body.get("messages")
        return found

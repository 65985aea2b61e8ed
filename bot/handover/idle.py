"""When a member has given up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Silence:
    """An open request: how it stands, and who spoke last when.

    `elsewhere`: the member wants the answer by telephone or mail, or left a message; nobody
    expects another word from them.
    """

    state: str
    member_at: datetime
    staff_at: datetime | None
    unanswered: bool
    elsewhere: bool


def left_alone(
    owed_since: datetime | None, owner_seen_at: datetime | None, now: datetime, patience: timedelta
) -> bool:
    """Whether a member waits for an owner who is gone.

    `owed_since`: since when staff owe a word (None: they don't); `owner_seen_at`: the last sign of
    the owner's console (None: none, or the account is disabled).
    """
    if owed_since is None or now - owed_since < patience:
        return False
    return owner_seen_at is None or now - owner_seen_at >= patience


def given_up(silence: Silence, now: datetime, owned_for: timedelta, waiting_for: timedelta) -> bool:
    """Whether the request ends because nobody answers any more; never while staff owe a word."""
    if silence.state == "owned":
        if silence.unanswered or silence.staff_at is None:
            return False
        return now - max(silence.member_at, silence.staff_at) >= owned_for
    return not silence.elsewhere and now - silence.member_at >= waiting_for

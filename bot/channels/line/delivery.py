"""How an answer ended, and what becomes of one that could not go out now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.channels.line.records import PUSH_LATER, REPLY_LATER


class Delivery(StrEnum):
    """How an answer ended, or why it waits."""

    replied = "replied"
    pushed = "pushed"
    nothing = "nothing"  # there was nothing to send
    standby = "standby"
    blocked = "blocked"
    quota = "quota"
    limited = "limited"  # LINE wants it slower
    away = "away"  # nobody took the connection
    refused = "refused"
    unsure = "unsure"  # LINE did not answer: it may have gone out
    withheld = "withheld"  # a person has the conversation now
    left = "left"  # it waited, and the conversation is another one by now
    expired = "expired"  # a group, whose reply token is too old
    failed = "failed"  # the product could not make an answer


UNDELIVERED = tuple(
    str(d)
    for d in (
        Delivery.blocked,
        Delivery.quota,
        Delivery.limited,
        Delivery.away,
        Delivery.refused,
        Delivery.unsure,
        Delivery.left,
        Delivery.expired,
        Delivery.failed,
    )
)
# Together 53 minutes: a reply token lives for the first of them, a retry key for a day.
_WAITS = tuple(timedelta(seconds=s) for s in (3, 15, 60, 300, 900, 1900))


@dataclass(frozen=True)
class Sent:
    """What became of a try; `later` says how it may be tried again without a double.

    `at`: when, where the pause is not one of ours but until the quota is looked at again.
    """

    delivery: Delivery
    later: str | None = None
    at: datetime | None = None


def by_reply(delivery: Delivery) -> Sent:
    """After a reply: only what certainly did not go out may go out later."""
    waits = delivery in (Delivery.limited, Delivery.away)
    return Sent(delivery, REPLY_LATER if waits else None)


def by_push(delivery: Delivery) -> Sent:
    """After a push: the retry key makes every further try harmless. (Not for the quota.)"""
    waits = delivery in (Delivery.limited, Delivery.away, Delivery.unsure)
    return Sent(delivery, PUSH_LATER if waits else None)


def wait_before(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None where it was tried often enough."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else None

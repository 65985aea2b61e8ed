"""What a turn's replies mean for the desk. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.messages import Draft

# A request is remembered by the strongest of its reasons.
STRENGTH = {"off": 0, "failed": 0, "misunderstood": 1, "outcome": 2, "asked": 3, "taken": 4}


@dataclass(frozen=True)
class Wish:
    """That a person is wanted (`reason`: see `STRENGTH`), or more about it.

    `answer_by` here, phone or mail; `awaiting` phone or mail is expected in the next message;
    `left` says that the member's message is what the person is to read.
    """

    reason: str | None = None
    topic: str | None = None
    outcome: str | None = None
    urgent: bool = False
    answer_by: str | None = None
    awaiting: str | None = None
    left: bool = False


def wish_of(drafts: Sequence[Draft]) -> Wish | None:
    """The wish in a turn's replies; None where the desk is not concerned."""
    told: dict[str, Any] = {}
    for draft in drafts:
        told |= draft.desk or {}
    outcome = next((draft.outcome for draft in drafts if draft.outcome), None)
    handed = any(draft.facts.get("handover") for draft in drafts)
    reason = told.get("reason") or (("outcome" if outcome else "asked") if handed else None)
    if reason is None and not told:
        return None
    return Wish(
        reason,
        next((draft.topic for draft in drafts if draft.topic), None),
        outcome,
        bool(told.get("urgent")),
        told.get("answer_by"),
        told.get("awaiting"),
        bool(told.get("left")),
    )


def stronger(known: str, new: str | None) -> str:
    """Of two reasons the one that tells more about why somebody waits."""
    return new if new is not None and STRENGTH[new] > STRENGTH.get(known, 0) else known

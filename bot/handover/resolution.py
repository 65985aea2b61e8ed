"""Whether a conversation led somewhere. Pure; "no answer" is never "resolved".

| what is known | state, cause |
|---|---|
| the member's registry state moved on towards the login | resolved, moved_on |
| the state got no further, and they came back within 7 days | open, came_back |
| 7 days over, and they said that it did not help | open, not_helpful |
| a decided answer, 7 days over, a known member did not come back | resolved, stayed_away |
| the same of a guest, who would not be recognised | unknown, guest; resolved, said_helpful |
| no decided answer, 7 days over | unknown, no_answer |
| within the 7 days | None: not known yet |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.domain.procedure import Outcome

STAYS_FOR = timedelta(days=7)
_FURTHER = {
    Outcome.number_unknown: 0,
    Outcome.web_registration_needed: 1,
    Outcome.mypage_registration_needed: 2,
    Outcome.mail_address_wrong: 2,
    Outcome.mail_missing: 3,
    Outcome.mail_trouble: 3,
    Outcome.mail_delayed: 3,
    Outcome.redo: 3,
    Outcome.click_url: 4,
    Outcome.wait_acceptance: 5,
    Outcome.opening_delayed: 6,
    Outcome.wait_opening: 6,
    Outcome.opening_mail_bounced: 7,
    Outcome.login_ready: 7,
}


@dataclass(frozen=True)
class Story:
    """A conversation and what came later. `outcome_later` is the registry's now, if it is known.

    `decided`: the member was told an outcome, or a person closed the matter. `helpful`: what they
    said of it last. `came_back_at`: when the same member wrote again in another conversation.
    """

    ended_at: datetime
    decided: bool
    outcome_then: str | None = None
    outcome_later: str | None = None
    came_back_at: datetime | None = None
    helpful: bool | None = None
    known_member: bool = False


@dataclass(frozen=True)
class Resolution:
    """`state` is resolved, open or unknown; `cause` says why."""

    state: str
    cause: str


def resolution(story: Story, now: datetime) -> Resolution | None:
    """How the story ended; None while that cannot be known yet."""
    if _moved_on(story.outcome_then, story.outcome_later):
        return Resolution("resolved", "moved_on")
    came_back = story.came_back_at
    if came_back is not None and came_back - story.ended_at < STAYS_FOR:
        return Resolution("open", "came_back")
    if now - story.ended_at < STAYS_FOR:
        return None
    if story.helpful is False:
        return Resolution("open", "not_helpful")
    if not story.decided:
        return Resolution("unknown", "no_answer")
    if not story.known_member and story.helpful is None:
        # A guest who comes back is not recognised, so staying away says nothing.
        return Resolution("unknown", "guest")
    return Resolution("resolved", "stayed_away" if story.known_member else "said_helpful")


def _moved_on(then: str | None, later: str | None) -> bool:
    if then not in set(Outcome) or later not in set(Outcome):
        return False
    return _FURTHER[Outcome(str(later))] > _FURTHER[Outcome(str(then))]

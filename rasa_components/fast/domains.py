"""The domain is asked the same things at every step; its answers are kept.

Kept: `is_empty` and the sets behind `action_names_or_texts` and `user_actions` give what upstream
computes each time; a domain is never changed after the model is loaded.
"""

from rasa.shared.core.domain import Domain

_is_empty = Domain.is_empty


def _kept_is_empty(self: Domain) -> bool:
    kept = self.__dict__.get("_kept_is_empty")
    if kept is None:
        kept = self.__dict__["_kept_is_empty"] = _is_empty(self)
    return bool(kept)


def apply() -> None:
    """Put it in place."""
    Domain.is_empty = _kept_is_empty

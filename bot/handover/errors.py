"""Why a person's act on a conversation is refused; each has a sentence for that person."""

from bot.errors import NaviError


class OwnedByAnother(NaviError, slug="owned-by-another", status=409):
    """Somebody else has the conversation; `owner_name` says who."""

    def __init__(self, sentence: str, owner_id: str, owner_name: str) -> None:
        super().__init__(sentence)
        self.owner_id = owner_id
        self.owner_name = owner_name


class NotYours(NaviError, slug="not-taken-over", status=409):
    """The bot has the conversation: a person speaks only after taking it over."""


class Stale(NaviError, slug="conversation-went-on", status=409):
    """The member has written since the page was drawn; nobody would answer it."""


class NotAllowed(NaviError, slug="not-allowed", status=403):
    """Only supervisors may."""

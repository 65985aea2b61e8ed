"""Why a person's act on a conversation is refused; each has a sentence for that person."""

from bot.errors import NaviError


class OwnedByAnother(NaviError):
    """Somebody else has the conversation; `owner_name` says who."""

    slug = "owned-by-another"
    status = 409

    def __init__(self, sentence: str, owner_id: str, owner_name: str) -> None:
        super().__init__(sentence)
        self.owner_id = owner_id
        self.owner_name = owner_name


class NotYours(NaviError):
    """The bot has the conversation: a person speaks only after taking it over."""

    slug = "not-taken-over"
    status = 409


class Stale(NaviError):
    """The member has written since the page was drawn; nobody would answer it."""

    slug = "conversation-went-on"
    status = 409


class NotAllowed(NaviError):
    """Only supervisors may."""

    slug = "not-allowed"
    status = 403

"""One error base for the app; `bot.channels.problems` maps it to HTTP (RFC 9457)."""


class NaviError(Exception):
    """Something the product knows how to explain.

    Each class has a `slug` (the stable end of the problem's `type`) and an HTTP `status`; the
    message is a Japanese sentence for the person who meets it.
    """

    slug = "internal"
    status = 500

    def __init_subclass__(cls, slug: str | None = None, status: int | None = None) -> None:
        super().__init_subclass__()
        cls.slug, cls.status = slug or cls.slug, status or cls.status

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidRequest(NaviError, slug="invalid-request", status=422):
    """The request's body or values cannot be used."""


class InvalidIdentity(NaviError, slug="invalid-identity-token", status=401):
    """The identity token is not accepted; never turned into a silent guest."""


class NotAuthenticated(NaviError, slug="bearer-missing", status=401):
    """No bearer token was sent."""


class ConversationNotFound(NaviError, slug="conversation-not-found", status=404):
    """Unknown conversation or wrong token: the same answer for both."""


class MessageConflict(NaviError, slug="client-message-id-reused", status=409):
    """The same client_message_id came with another body."""


class Unavailable(NaviError, slug="temporarily-unavailable", status=503):
    """The database cannot take the message now; the client may try again."""

    retry_after_s = 3


class SettingsError(Exception):
    """The settings do not allow a start; the message names them (English, for operators)."""

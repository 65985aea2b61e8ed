"""One error base for the app; `bot.channels.problems` maps it to HTTP (RFC 9457)."""


class NaviError(Exception):
    """Something the product knows how to explain.

    `slug` is the stable end of the problem's `type`, `status` the HTTP status, and the
    message is a Japanese sentence for the person who meets it.
    """

    slug = "internal"
    status = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidRequest(NaviError):
    """The request's body or values cannot be used."""

    slug = "invalid-request"
    status = 422


class InvalidIdentity(NaviError):
    """The identity token is not accepted; never turned into a silent guest."""

    slug = "invalid-identity-token"
    status = 401


class NotAuthenticated(NaviError):
    """No bearer token was sent."""

    slug = "bearer-missing"
    status = 401


class ConversationNotFound(NaviError):
    """Unknown conversation or wrong token: the same answer for both."""

    slug = "conversation-not-found"
    status = 404


class MessageConflict(NaviError):
    """The same client_message_id came with another body."""

    slug = "client-message-id-reused"
    status = 409


class Unavailable(NaviError):
    """The database cannot take the message now; the client may try again."""

    slug = "temporarily-unavailable"
    status = 503
    retry_after_s = 3


class SettingsError(Exception):
    """The settings do not allow a start; the message names them (English, for operators)."""

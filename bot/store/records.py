"""Rows of the journal as values, and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.messages import Choice, Draft, Message
from bot.store.tables import ConversationRow, MessageRow, TurnRow

if TYPE_CHECKING:
    from bot.store.joined import Writer

AnyRow = Row[*tuple[Any, ...]]


PENDING = "pending"
# A person has the conversation, or had it since the message came: the bot does not answer it.
WITHHELD = "withheld"


@dataclass(frozen=True)
class Conversation:
    """Whose conversation it is and how its rules' clock stands."""

    id: str
    access_digest: str
    channel: str
    member_number: str | None
    member_kind: str | None
    demo_now: datetime | None
    epoch: int
    # How the number was proven (site, mail, line) and until when; None: as long as it lasts.
    identity_path: str | None = None
    identity_until: datetime | None = None
    mailbox_digest: str | None = field(default=None, repr=False)
    # Who speaks: None is the bot, else a staff id. The version grows at each change of hands.
    owner: str | None = None
    owner_version: int = 0
    # The open request for a person, where there is one.
    handover_id: int | None = None

    @property
    def dialogue_id(self) -> str:
        """The dialogue server's name for it."""
        return f"{self.id}~{self.epoch}"


@dataclass(frozen=True)
class Turn:
    """A member's message and what the dialogue is to be given for it."""

    id: str
    conversation_id: str
    seq: int
    input: dict[str, Any]
    status: str
    owner_version: int = 0


Offered = Sequence[tuple[str, str]]
"""Label and payload of choices."""


@dataclass(frozen=True)
class Accepted:
    """A member's message as it was committed, with what its transaction saw.

    `conversation` is None where the message had been committed before. `is_next`: no earlier
    message waits for its answer. `offered`: the newest choices, None where nobody looked.
    """

    turn: Turn
    message: Message
    conversation: Conversation | None = None
    is_next: bool = False
    offered: Offered | None = None


@dataclass(frozen=True)
class Inbound:
    """What a member sent: a text (already masked) or the id of a choice."""

    client_message_id: str
    body_digest: str
    text: str | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Taken:
    """A text that identity takes for itself: what the journal keeps, what the dialogue gets."""

    text: str
    payload: str | None


@dataclass(frozen=True)
class Place:
    """Where new messages stand: the last `seq`, and the conversation as it is now."""

    last_seq: int
    conversation: Conversation

    @property
    def conversation_id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    @property
    def handover_id(self) -> int | None:
        """The open request for a person, where there is one."""
        return self.conversation.handover_id


Heard = Callable[[], None]
"""Called in the transaction that commits a text which the bot is to understand."""

NoteReplies = Callable[[Session, Place, Sequence[Message], datetime], None]
"""Called in the transaction that commits the bot's replies."""

TakeText = Callable[["Writer", str, datetime], Taken | None]
"""Called in the transaction that commits the message, with the conversation's id and the now."""


def message_values(conversation_id: str, message: Message, turn_id: str | None) -> dict[str, Any]:
    """The row of a message, whose choices have their ids."""
    draft = message.draft
    return {
        "conversation_id": conversation_id,
        "seq": message.seq,
        "id": message.id,
        "author": draft.author,
        "text": draft.text,
        "topic": draft.topic,
        "outcome": draft.outcome,
        "question": draft.question,
        "body": {
            "choices": [choice.public() for choice in draft.choices],
            "links": list(draft.links),
            "card": draft.card,
            "facts": draft.facts,
        },
        "turn_id": turn_id,
        "created_at": message.created_at,
    }


def message_of(row: MessageRow | AnyRow) -> Message:
    """A message as it was shown; the payloads of its choices stay in their own table."""
    body = row.body
    draft = Draft(
        author=row.author,
        text=row.text,
        choices=tuple(Choice(c["label"], c["value"], "", c["id"]) for c in body["choices"]),
        links=tuple(body["links"]),
        card=body["card"],
        topic=row.topic,
        outcome=row.outcome,
        question=row.question,
        facts=body["facts"],
    )
    return Message(row.id, row.seq, row.created_at, draft)


def turn_of(row: TurnRow | AnyRow) -> Turn:
    """A turn."""
    return Turn(row.id, row.conversation_id, row.seq, row.input, row.status, row.owner_version)


def conversation_of(row: ConversationRow | AnyRow) -> Conversation:
    """A conversation, from its mapped row or one with the columns of the same names."""
    return Conversation(
        row.id,
        row.access_digest,
        row.channel,
        row.member_number,
        row.member_kind,
        row.demo_now,
        row.epoch,
        row.identity_path,
        row.identity_until,
        row.mailbox_digest,
        row.owner,
        row.owner_version,
        row.handover_id,
    )

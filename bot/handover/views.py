"""What the console is given about conversations: values, ready to be shown."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.messages import Message


@dataclass(frozen=True)
class InboxItem:
    """A conversation in the list. Instants in UTC.

    `state` is waiting, owned, or how the last request ended (given_back, closed, given_up,
    answered); `reason` as in the table `handover`. `waiting_since` is when the member
    began to wait for a person's word, None where nobody waits.
    """

    conversation_id: str
    channel: str
    member: str | None  # the registration number masked to its last two digits
    member_name: str | None = field(repr=False)
    state: str
    reason: str
    topic: str | None
    topic_label: str | None
    outcome: str | None
    outcome_label: str | None
    urgent: bool
    answer_by: str | None
    requested_at: datetime
    waiting_since: datetime | None
    owner_id: str | None
    owner_name: str | None
    last_author: str
    last_text: str = field(repr=False)
    member_text: str = field(repr=False)  # what the member said last
    last_at: datetime
    last_seq: int


@dataclass(frozen=True)
class Inbox:
    """The list, each part in its order; `event_id` is where a stream of events goes on."""

    waiting: list[InboxItem]
    mine: list[InboxItem]
    others: list[InboxItem]
    ended: list[InboxItem]
    event_id: int


@dataclass(frozen=True)
class Answered:
    """A question of the bot and what was answered; `changed` where it was answered anew later."""

    question: str
    answer: str
    at: datetime
    changed: bool = False


@dataclass(frozen=True)
class Feedback:
    """「役に立ちましたか」: after message `seq`."""

    seq: int
    helpful: bool
    comment: str | None
    at: datetime


@dataclass(frozen=True)
class Note:
    """A note for colleagues."""

    id: int
    staff_id: str
    staff_name: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Summary:
    """What a person reads before the transcript. Sentences and labels are Japanese.

    `number` is whole (staff may need it; the view is audited by the page); `proof` says how it was
    proven and until when; `registry_state` is one line of the registry's advice, with its time;
    `progress` the five steps as the member sees them.
    """

    conversation_id: str
    channel: str
    number: str | None
    name: str | None = field(repr=False)
    kind: str | None
    proof: str
    registry_state: str | None
    registry_outcome: str | None
    as_of: datetime | None
    progress: list[dict[str, str]]
    outcome: str | None
    outcome_label: str | None
    topic_label: str | None
    reason: str | None
    reason_label: str | None
    answers: list[Answered]
    feedback: list[Feedback]
    answer_by: str | None
    contact: str | None = field(repr=False)  # telephone number or mail address to answer to
    waiting_since: datetime | None
    started_at: datetime


@dataclass(frozen=True)
class Line:
    """A message of the transcript as staff see it.

    `pressed` is the label of the choice with which the member answered it, `delivery` how a staff
    message got to LINE (journal, waiting, pushed, replied, …) with its sentence.
    """

    message: Message
    pressed: str | None = None
    staff_name: str | None = None
    delivery: str | None = None
    delivery_label: str | None = None
    undelivered: bool = False


@dataclass(frozen=True)
class Talk:
    """One conversation for a person: owner, request, summary, transcript, notes."""

    item: InboxItem
    owner_version: int
    summary: Summary
    lines: list[Line]
    notes: list[Note]
    event_id: int


@dataclass(frozen=True)
class DeskEvent:
    """Something that the console shows at once; `id` grows, so a stream resumes after it.

    `kind`: requested, message, taken, given_back, closed, delivery, note, presence, unsaid (a
    member took a message back).
    """

    id: int
    at: datetime
    kind: str
    conversation_id: str | None
    seq: int | None
    staff_id: str | None

    def public(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "conversation_id": self.conversation_id,
            "seq": self.seq,
            "staff_id": self.staff_id,
        }


@dataclass(frozen=True)
class Present:
    """A person whose console is open; `accepting` is the switch (受付中 / 離席中)."""

    staff_id: str
    name: str
    accepting: bool
    seen_at: datetime


@dataclass(frozen=True)
class SavedAnswer:
    """A text to insert; `shared` ones are everybody's and only supervisors edit them."""

    id: int
    title: str
    text: str
    shared: bool

"""A message as the product handles it, and as the API shows it (spec/api.md, Message)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Choice:
    """A button. `payload` is the bot's own and stays on the server; `id` is opaque."""

    label: str
    value: str
    payload: str = field(repr=False)
    id: str = ""

    def public(self) -> dict[str, str]:
        """What a client sees."""
        return {"id": self.id, "label": self.label, "value": self.value}


@dataclass(frozen=True)
class Draft:
    """A message before it has a place in the journal."""

    author: str
    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[dict[str, str], ...] = ()
    card: dict[str, Any] | None = None
    topic: str | None = None
    outcome: str | None = None
    question: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    # What the desk is to know of it (`bot.handover.wishes`); never shown, never stored.
    desk: Mapping[str, Any] | None = field(default=None, compare=False)

    def without_question(self) -> "Draft":
        """The same without question and choices: only the last reply may carry them."""
        if self.question is None and not self.choices:
            return self
        return replace(self, question=None, choices=())


@dataclass(frozen=True)
class Message:
    """A message of the journal; `created_at` is an instant in UTC."""

    id: str
    seq: int
    created_at: datetime
    draft: Draft

    def public(self) -> dict[str, Any]:
        """The API's form."""
        draft = self.draft
        return {
            "id": self.id,
            "seq": self.seq,
            "author": draft.author,
            "text": draft.text,
            "choices": [choice.public() for choice in draft.choices],
            "links": list(draft.links),
            "card": draft.card,
            "topic": draft.topic,
            "outcome": draft.outcome,
            "question": draft.question,
            "facts": draft.facts,
            "created_at": self.created_at.isoformat(),
        }

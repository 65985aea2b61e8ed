"""What was asked and answered so far, from the transcript alone. Pure."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from bot.handover.views import Answered
from bot.handover.words import known
from bot.messages import Message
from bot.wording import labels

_CLARIFY = "clarify"


def answers(messages: Sequence[Message]) -> list[Answered]:
    """Every choice and answer, oldest first; what was answered anew later is marked."""
    found = list(_answered(messages))
    last = {question: index for index, (question, _) in enumerate(found) if question != _CLARIFY}
    return [
        Answered(
            known("questions", question) or question,
            message.draft.text,
            message.created_at,
            changed=last.get(question, index) != index,
        )
        for index, (question, message) in enumerate(found)
    ]


def _answered(messages: Sequence[Message]) -> Iterator[tuple[str, Message]]:
    """(question, the member's message that answered it)."""
    asking: Message | None = None
    to_person = False  # since the message that says who answers now
    for index, message in enumerate(messages):
        draft = message.draft
        to_person = draft.facts.get("owner", "staff" if to_person else "bot") == "staff"
        if draft.author == "member":
            if to_person and not _chosen(message, asking):
                continue  # told to the person; the bot's question stays open
            if asking is not None and _answers(message, asking, messages[index + 1 :]):
                yield asking.draft.question or _CLARIFY, message
            asking = None
        elif draft.question or draft.choices:
            asks = draft.question or draft.topic == _CLARIFY
            asking = message if asks else None


def _answers(said: Message, asking: Message, after: Sequence[Message]) -> bool:
    """A pressed choice answers; a text only where it was taken so: not put aside for another
    topic, and not asked again."""
    if _chosen(said, asking):
        return True
    if asking.draft.question is None:
        return False
    replies = list(takewhile(lambda message: message.draft.author != "member", after))
    told = [message.draft for message in replies if message.draft.author == "bot"]
    if not told:
        return True  # whoever reads it may judge
    if any(draft.question == asking.draft.question for draft in told):
        return False
    return told[0].topic == asking.draft.topic or any(draft.outcome for draft in told)


def _chosen(said: Message, asking: Message | None) -> bool:
    return asking is not None and said.draft.text in {c.label for c in asking.draft.choices}


def pressed(messages: Sequence[Message]) -> dict[int, str]:
    """By the `seq` of a message with choices: the label that was pressed or typed word for word."""
    found: dict[int, str] = {}
    asking: Message | None = None
    for message in messages:
        if message.draft.choices:
            asking = message
        elif message.draft.author == "member" and asking is not None:
            if _chosen(message, asking):
                found[asking.seq] = message.draft.text
            asking = None
    return found


def last_topic(messages: Sequence[Message]) -> str | None:
    """The topic of the bot's latest answer that had one."""
    topics = (m.draft.topic for m in reversed(messages) if m.draft.author == "bot")
    return next((topic for topic in topics if topic and topic != _CLARIFY), None)


def last_outcome(messages: Sequence[Message]) -> str | None:
    """The latest decision that the member was told."""
    return next((m.draft.outcome for m in reversed(messages) if m.draft.outcome), None)


def topic_label(topic: str | None) -> str | None:
    """A topic in Japanese."""
    return labels().get(topic, topic) if topic else None

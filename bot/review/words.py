"""Japanese names of what the review shows."""

from functools import cache
from typing import Any

import yaml

from bot.documents.words import outcome_name
from bot.documents.words import words as document_words
from bot.settings import PROJECT_ROOT
from bot.wording import labels


@cache
def review_words() -> Any:
    """bot/wording/staff_review.yml."""
    path = PROJECT_ROOT / "bot/wording/staff_review.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def topic_name(topic: str) -> str:
    """A topic as staff know it."""
    return str(review_words()["topics"].get(topic) or labels().get(topic, topic))


def question_name(question: str) -> str:
    """A question of the check."""
    return str(document_words()["when"]["questions"].get(question, question))


def outcome_label(outcome: str) -> str:
    """An outcome; the id itself where a later version wrote one that this does not know."""
    return outcome_name(outcome)


def named(group: str, key: str) -> str:
    """A name out of one of the file's groups (channels, reasons, failures, resolutions)."""
    return str(review_words()[group].get(key, key))


def intents() -> dict[str, str]:
    """What a message may be marked as: intent -> name."""
    return {topic: topic_name(topic) for topic in labels()}

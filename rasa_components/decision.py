"""When an understanding is sure enough to be answered, decided by topic.

Rasa's FallbackClassifier compares single intents: a message about an URL that fails would be
"ambiguous" between two intents that get the same topic. Here finer intents are added up to their
topic first, and the answers of the check (yes, no, a date) are one group of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message


@dataclass(frozen=True)
class Rule:
    """Shares are of the topics' confidence, 0-1; chosen by cross-validation (ADR 0002)."""

    topic_of: Mapping[str, str]
    answers: frozenset[str]
    threshold: float
    gap: float
    # Sending a member on needs less certainty than telling facts, and facts are not told where
    # the message may well be about something else.
    away: frozenset[str] = frozenset()
    away_threshold: float = 0.5
    veto: tuple[str, float] = ("", 1.0)


def decide(ranking: Sequence[tuple[str, float]], rule: Rule) -> str | None:
    """The intent to act on, None where it is better to ask. `ranking` is (intent, confidence)."""
    topics: dict[str, float] = {}
    answer_share = 0.0
    for intent, confidence in ranking:
        if intent in rule.answers:
            answer_share += confidence
        else:
            topic = rule.topic_of.get(intent, intent)
            topics[topic] = topics.get(topic, 0.0) + confidence
    best_topics = sorted(topics, key=lambda topic: topics[topic], reverse=True)
    best = topics[best_topics[0]] if best_topics else 0.0
    if answer_share >= best:
        return _first(ranking, rule.answers) if answer_share >= rule.threshold else None
    total = sum(topics.values())
    second = topics[best_topics[1]] if len(best_topics) > 1 else 0.0
    chosen = best_topics[0]
    threshold = rule.away_threshold if chosen in rule.away else rule.threshold
    if best / total < threshold or (best - second) / total < rule.gap:
        return None
    doubtful, share = rule.veto
    if chosen not in rule.away and topics.get(doubtful, 0.0) / total >= share:
        return None
    members = {i for i, _ in ranking if rule.topic_of.get(i, i) == chosen}
    return _first(ranking, members - rule.answers)


def _first(ranking: Sequence[tuple[str, float]], among: frozenset[str] | set[str]) -> str:
    return max((row for row in ranking if row[0] in among), key=lambda row: row[1])[0]


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class TopicDecision(GraphComponent, IntentClassifier):
    """Keeps the intent of a sure topic, else sets `nlu_fallback`; the ranking stays whole."""

    @classmethod
    def required_components(cls) -> list[type]:
        """It judges another classifier's ranking."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """All of it is set in config.yml."""
        return {
            "threshold": 0.5,
            "gap": 0.1,
            "topic_of": {},
            "answers": [],
            "away": [],
            "away_threshold": 0.5,
            "veto_topic": "",
            "veto_share": 1.0,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """`config` is the component's part of config.yml."""
        self._rule = Rule(
            dict(config["topic_of"]),
            frozenset(config["answers"]),
            float(config["threshold"]),
            float(config["gap"]),
            frozenset(config["away"]),
            float(config["away_threshold"]),
            (str(config["veto_topic"]), float(config["veto_share"])),
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TopicDecision":
        """A new component; there is nothing to train."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide for each message."""
        for message in messages:
            ranking = [r for r in message.get(INTENT_RANKING_KEY, []) if r.get("name")]
            by_name = {row["name"]: row for row in ranking}
            chosen = decide([(r["name"], r["confidence"]) for r in ranking], self._rule)
            fallback = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0}
            message.set(INTENT, by_name[chosen] if chosen else fallback, add_to_output=True)
            if chosen is None:
                message.set(INTENT_RANKING_KEY, [fallback, *ranking], add_to_output=True)
        return messages

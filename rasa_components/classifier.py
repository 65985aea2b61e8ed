"""Rasa intent classifier around `intent_model`: trains it, keeps it, ranks intents."""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_components.analysed import Analysed, from_morphemes
from rasa_components.intent_scores import IntentScores
from rasa_components.japanese import normalise
from rasa_components.tokenizer import NORMAL_TEXT

# Every so many-th example checks that the exported model is the trained one.
_CHECKED = 50


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks all intents with calibrated confidences; the ranking serves clarifications."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The tokenizer's readings and dictionary forms are features."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`ranking_length`: how many intents a ranking names."""
        return {"ranking_length": 12}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: IntentScores | None = None,
    ) -> None:
        """`model` is None until trained or loaded."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":
        """An untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """The trained component. Raises where the file is missing: never an untrained model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, IntentScores.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all intent examples and keep the model."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        from rasa_components.intent_model import new_model  # only training needs scikit-learn

        sentences = [_analysed(e) for e in examples]
        trained = new_model().fit(sentences, [e.get(INTENT) for e in examples])
        self._model = IntentScores.from_trained(trained, sentences[::_CHECKED])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking; a text without any word gets no intent at all."""
        for message in messages:
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        if not message.get(TEXT) or not message.get(TOKENS_NAMES[TEXT]):
            return [{"name": None, "confidence": 0.0}]
        assert self._model is not None, "trained or loaded before it is asked"
        sentence = _analysed(message)
        texts = (sentence.text, sentence.reading, sentence.words)
        confidences = self._model.confidences(texts)
        order = np.argsort(confidences)[::-1][: self._config["ranking_length"]]
        intents = self._model.intents
        return [
            {"name": intents[i], "confidence": confidence}
            for i, confidence in zip(order.tolist(), confidences[order].tolist(), strict=True)
        ]


def _analysed(message: Message) -> Analysed:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return from_morphemes(
        message.get(NORMAL_TEXT) or normalise(message.get(TEXT)),
        [(t.lemma, t.data["reading"], t.data["pos"]) for t in tokens],
    )

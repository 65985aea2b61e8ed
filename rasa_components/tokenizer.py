"""Rasa tokenizer on SudachiPy: mode A, dictionary spelling as lemma, reading in the token's data.

Offsets come from the analyser itself: Rasa's `_convert_words_to_tokens` searches for each word
and fails where an analyser alters the text.
"""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_components.japanese import analyse, normalise

# Of a message: its text in normal form.
NORMAL_TEXT = "normal_text"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class SudachiTokenizer(Tokenizer):
    """Tokens of the normalised text, so half-width and full-width spellings are one."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own keys; intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @staticmethod
    def required_packages() -> list[str]:
        """Checked by Rasa before training."""
        return ["sudachipy", "sudachidict_core"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The morphemes of the attribute's text; the classifier finds the normal form kept."""
        normal = normalise(message.get(attribute))
        if attribute == TEXT:
            message.set(NORMAL_TEXT, normal)
        return [
            Token(surface, begin, end, {"reading": reading, "pos": part}, lemma)
            for surface, begin, end, lemma, reading, part in analyse(normal)
        ]

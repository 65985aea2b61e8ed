"""What makes training quick gives the same values as upstream."""

import unittest

import rasa.shared.utils.io
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message

UPSTREAM = rasa.shared.utils.io.read_yaml

from rasa_components.fast import training  # noqa: E402
from tests.dialogue.inside.conversations import ROOT  # noqa: E402


class TestYaml(unittest.TestCase):
    def test_the_same_values_and_a_copy_for_each(self) -> None:
        for path in [
            ROOT / "domain.yml",
            ROOT / "config.yml",
            *(ROOT / "data" / "rules").glob("*"),
        ]:
            text = path.read_text(encoding="utf-8")
            first, second = training._read_yaml(text), training._read_yaml(text)
            self.assertEqual(first, UPSTREAM(text))
            first.clear()
            self.assertEqual(second, UPSTREAM(text))

    def test_the_same_errors(self) -> None:
        for _ in range(2):
            with self.assertRaises(Exception) as upstream:
                UPSTREAM("a: [")
            with self.assertRaises(type(upstream.exception)):
                training._read_yaml("a: [")


class TestFingerprints(unittest.TestCase):
    def message(self, text: str = "ログイン", lemma: str = "x", intent: str = "faq") -> Message:
        token = Token(text, 0, len(text), data={"reading": "ロ"}, lemma=lemma)
        return Message(data={"text": text, "intent": intent, "text_tokens": [token]})

    def test_equal_sentences_alone_are_equal(self) -> None:
        told = training._fingerprint(self.message())
        self.assertEqual(told, training._fingerprint(self.message()))
        for other in (
            self.message(text="ログアウト"),
            self.message(lemma="y"),
            self.message(intent="greet"),
        ):
            self.assertNotEqual(told, training._fingerprint(other))

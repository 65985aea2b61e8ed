"""What makes training quick gives the same values as upstream."""

import copy
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import rasa.shared.utils.io
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.exceptions import YamlException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.validation import validate_yaml_schema

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

    def test_it_follows_what_is_set(self) -> None:
        with (
            mock.patch.object(Message, "set", training._set_if_new),
            mock.patch.object(Message, "fingerprint", training._fingerprint),
        ):
            one = self.message()
            told = one.fingerprint()
            one.set("intent", "faq")
            self.assertEqual(one.fingerprint(), told)
            for key, value in (("intent", "greet"), ("text_tokens", []), ("more", "x")):
                one.set(key, value)
                self.assertNotEqual(one.fingerprint(), told)
                told = one.fingerprint()
            one.set("intent", "greet", add_to_output=True)
            self.assertIn("intent", one.output_properties)


class TestCopies(unittest.TestCase):
    def test_a_copied_sentence_is_the_same_and_its_own(self) -> None:
        token = Token("x", 0, 1, data={"reading": "x"}, lemma="x")
        one = Message(data={"text": "x", "metadata": {"a": [1]}, "text_tokens": [token]}, time=3)
        deep = copy.deepcopy(one)
        with mock.patch.object(Message, "__deepcopy__", training._deepcopy, create=True):
            made = copy.deepcopy(one)
        self.assertEqual(vars(made).keys(), vars(deep).keys())
        self.assertEqual((made.data, made.time), (deep.data, deep.time))
        self.assertEqual(made.output_properties, deep.output_properties)
        made.data["metadata"]["a"].append(2)
        made.data["text_tokens"][0].lemma = "y"
        made.output_properties.add("z")
        self.assertEqual(one.data["metadata"], {"a": [1]})
        self.assertEqual(token.lemma, "x")
        self.assertNotIn("z", one.output_properties)


class TestSchemas(unittest.TestCase):
    def test_what_is_wrong_is_told_every_time(self) -> None:
        schema = "shared/nlu/training_data/schemas/nlu.yml"
        wrong, right = "nlu:\n- intent: [1]\n", "nlu:\n- intent: a\n  examples: |\n    - b\n"
        for _ in range(2):
            training._validate_yaml_schema(right, schema)
            with self.assertRaises(YamlException):
                validate_yaml_schema(wrong, schema)
            with self.assertRaises(YamlException):
                training._validate_yaml_schema(wrong, schema)


class TestPacking(unittest.TestCase):
    def test_what_was_packed_is_unpacked(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.txt"
            path.write_text("x" * 10_000)
            packed = str(Path(folder) / "a.tar.gz")
            with mock.patch.object(
                tarfile.TarFile, "gzopen", staticmethod(training._packed_quickly)
            ):
                with tarfile.open(packed, "w:gz") as archive:
                    archive.add(path, "a.txt")
                with tarfile.open(packed, "r:gz") as archive:
                    read = archive.extractfile("a.txt")
                    assert read is not None
                    self.assertEqual(read.read(), path.read_bytes())

"""The exported intent model answers as scikit-learn's does."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

from rasa_components.analysed import Analysed
from rasa_components.intent_scores import IntentScores, character_grams, word_grams

# In a process of its own: this one runs without scikit-learn, as the dialogue does.
_TRAIN = """
import sys
from pathlib import Path
import numpy as np
from rasa_components.analysed import Analysed
from rasa_components.intent_model import new_model
from rasa_components.intent_scores import IntentScores
words = "ログイン できない メール 届かない 請求 いつ から 登録 番号 どこ".split()
texts = [(a, b) for a in words for b in words for _ in range(2)]
items = [Analysed(f" {a}{b} ", f" {b}{a} ", f"{a} {b}") for a, b in texts]
model = new_model().fit(items, [str(words.index(a) % 4) for a, _ in texts])
unseen = [
    Analysed(" 請求メール ", " メ ", "請求 メール"),
    Analysed(" zzz ", " zz ", "zz"),
    Analysed(" メールメール届かないメール ", "  ", "メール メール 届かない メール"),
    Analysed(" ", "", ""),
]
scores = IntentScores.from_trained(model, items + unseen)
scores.save(Path(sys.argv[1]))
np.save(Path(sys.argv[1]) / "expected.npy", model.predict_proba(unseen))
"""


class TestScores(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        subprocess.run([sys.executable, "-W", "ignore", "-c", _TRAIN, folder.name], check=True)

    def test_loaded_it_gives_the_librarys_confidences(self) -> None:
        scores = IntentScores.load(self.folder)
        unseen = [
            Analysed(" 請求メール ", " メ ", "請求 メール"),
            Analysed(" zzz ", " zz ", "zz"),
            Analysed(" メールメール届かないメール ", "  ", "メール メール 届かない メール"),
            Analysed(" ", "", ""),
        ]
        found = [scores.confidences((a.text, a.reading, a.words)) for a in unseen]
        expected = np.load(self.folder / "expected.npy")
        np.testing.assert_allclose(np.array(found), expected, atol=1e-5)
        self.assertEqual(scores.intents, ["0", "1", "2", "3"])

    def test_a_file_that_is_cut_is_no_model(self) -> None:
        terms = self.folder / "intent_terms.txt"
        terms.write_text(terms.read_text(encoding="utf-8")[:50], encoding="utf-8")
        with self.assertRaises(ValueError):
            IntentScores.load(self.folder)
        terms.unlink()
        with self.assertRaises(OSError):
            IntentScores.load(self.folder)

    def test_grams(self) -> None:
        self.assertEqual(list(character_grams("abc", 1, 2)), [["a", "b", "c"], ["ab", "bc"]])
        self.assertEqual(list(character_grams("abcd", 2, 3)), [["ab", "bc", "cd"], ["abc", "bcd"]])
        self.assertEqual(list(character_grams("a", 2, 5)), [])
        self.assertEqual(list(character_grams("", 1, 4)), [])
        self.assertEqual(list(word_grams("x y z", 1, 2)), [["x", "y", "z"], ["x y", "y z"]])

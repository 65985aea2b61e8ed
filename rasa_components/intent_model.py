"""The intent model itself, without Rasa: features, linear model, calibrated confidence.

Chosen by cross-validation (docs/adr/0002): character n-grams of the text and of its reading
carry typing errors and kana spellings, word n-grams of dictionary forms carry the wording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

# Morphemes that say nothing about the topic but would otherwise weigh in short messages.
_DROPPED_PARTS = frozenset({"補助記号", "空白"})


@dataclass(frozen=True)
class Analysed:
    """A sentence as the features need it: normal form, reading, dictionary forms."""

    text: str
    reading: str
    words: str


def from_morphemes(text: str, morphemes: Sequence[tuple[str, str, str]]) -> Analysed:
    """`morphemes` are (dictionary form, reading, part of speech) of the normalised `text`."""
    kept = [m for m in morphemes if m[2] not in _DROPPED_PARTS]
    return Analysed(
        text=f" {text} ",
        reading=" " + "".join(reading for _, reading, _ in kept) + " ",
        words=" ".join(normal for normal, _, _ in kept),
    )


def _text(items: Sequence[Analysed]) -> list[str]:
    return [item.text for item in items]


def _reading(items: Sequence[Analysed]) -> list[str]:
    return [item.reading for item in items]


def _words(items: Sequence[Analysed]) -> list[str]:
    return [item.words for item in items]


def _part(select: Any, **options: Any) -> Pipeline:
    vectorizer = TfidfVectorizer(sublinear_tf=True, lowercase=False, dtype=np.float32, **options)
    return Pipeline([("select", FunctionTransformer(select)), ("tfidf", vectorizer)])


def features() -> FeatureUnion:
    """The three views of a sentence, each TF-IDF weighted."""
    return FeatureUnion(
        [
            ("characters", _part(_text, analyzer="char", ngram_range=(1, 4), min_df=2)),
            ("reading", _part(_reading, analyzer="char", ngram_range=(2, 5), min_df=2)),
            ("words", _part(_words, token_pattern=r"[^ ]+", ngram_range=(1, 2), min_df=1)),
        ]
    )


def new_model(strength: float = 20.0) -> Pipeline:
    """An untrained model; `strength` is the inverse of the regularisation."""
    # tol: a tighter one trains four times as long and measures the same.
    classifier = LogisticRegression(
        C=strength, tol=1e-2, class_weight="balanced", multi_class="ovr", solver="liblinear"
    )
    return Pipeline([("features", features()), ("classifier", classifier)])

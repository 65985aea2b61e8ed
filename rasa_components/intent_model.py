"""The intent model itself, without Rasa: features, linear model, calibrated confidence.

Chosen by cross-validation (docs/adr/0002): character n-grams of the text and of its reading
carry typing errors and kana spellings, word n-grams of dictionary forms carry the wording.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from rasa_components.analysed import Analysed


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

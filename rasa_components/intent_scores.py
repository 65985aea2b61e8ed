"""The trained intent model as plain numbers: what a turn needs of it, and nothing else.

scikit-learn trains the model (`intent_model`); a turn only looks its n-grams up and adds their
weights, which takes a tenth of a millisecond here and 2-3 ms through the library's pipeline.
The arithmetic is the library's: `sublinear_tf`, `idf`, L2 norm for each view, one-versus-rest
logistic confidences that are brought to the sum of one. `from_trained` checks that.
"""

import json
from collections.abc import Iterator, Sequence
from math import sqrt
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

_WEIGHTS, _TERMS, _META = "intent_weights.npz", "intent_terms.txt", "intent_scores.json"
# float32 against the library's float64: seven digits.
_SAME = 1e-5


def character_grams(text: str, shortest: int, longest: int) -> Iterator[list[str]]:
    """All substrings of `shortest` to `longest` characters, size by size."""
    grams = list(text)
    for size in range(1, min(longest, len(text)) + 1):
        if size > 1:
            grams = list(map(add, grams, text[size - 1 :]))
        if size >= shortest:
            yield grams


def word_grams(text: str, shortest: int, longest: int) -> Iterator[list[str]]:
    """The same of words between spaces."""
    words = text.split()
    for size in range(shortest, min(longest, len(words)) + 1):
        ends = range(size, len(words) + 1)
        yield words if size == 1 else [" ".join(words[end - size : end]) for end in ends]


_GRAMS = {"char": character_grams, "word": word_grams}


class IntentScores:
    """Confidences of a sentence, given as one text for each view of it."""

    def __init__(
        self,
        intents: Sequence[str],
        views: Sequence[tuple[str, int, int]],
        rows: Sequence[dict[str, int]],
        idf: np.ndarray,
        weights: np.ndarray,
        intercept: np.ndarray,
    ) -> None:
        """`views` are (kind, shortest, longest); `rows` maps a view's terms to rows of `idf`."""
        self.intents = list(intents)
        self._views = [tuple(view) for view in views]
        # From 1, so that whatever is false is no term.
        self._rows = [{term: row + 1 for term, row in known.items()} for known in rows]
        self._ends = np.cumsum([len(known) for known in rows])
        self._idf, self._weights, self._intercept = idf, weights, intercept

    @classmethod
    def from_trained(cls, model: Any, sample: Sequence[Any]) -> "IntentScores":
        """Of a fitted `intent_model.new_model()`; `sample` are sentences (`Analysed`).

        Raises ValueError where the numbers are not the library's for the sample.
        """
        views, rows, idf, order, begin = [], [], [], [], 0
        for _, part in model.named_steps["features"].transformer_list:
            tfidf = part.named_steps["tfidf"]
            views.append((tfidf.analyzer, *tfidf.ngram_range))
            terms = tfidf.get_feature_names_out()
            # What occurs often first: most of what is looked up lies side by side in memory.
            often = np.argsort(tfidf.idf_, kind="stable")
            rows.append({str(terms[row]): begin + place for place, row in enumerate(often)})
            idf.append(tfidf.idf_[often])
            order.append(begin + often)
            begin += len(terms)
        linear = model.named_steps["classifier"]
        made = cls(
            [str(name) for name in linear.classes_],
            views,
            rows,
            np.concatenate(idf).astype(np.float32),
            np.ascontiguousarray(linear.coef_.T[np.concatenate(order)], dtype=np.float32),
            linear.intercept_.astype(np.float32),
        )
        for sentence, expected in zip(sample, model.predict_proba(sample), strict=True):
            found = made.confidences((sentence.text, sentence.reading, sentence.words))
            if not np.allclose(found, expected, atol=_SAME):
                raise ValueError("the exported intent model does not agree with the trained one")
        return made

    def confidences(self, texts: Sequence[str]) -> np.ndarray:
        """One confidence for each of `intents`, of the sentence's texts in the views' order."""
        found: list[int] = []
        for (kind, shortest, longest), rows, text in zip(
            self._views, self._rows, texts, strict=True
        ):
            row_of = rows.get
            for grams in _GRAMS[kind](text, shortest, longest):
                found += filter(None, map(row_of, grams))
        score = self._intercept.copy()
        if found:
            places, values = self._weighted(found)
            score += values.dot(self._weights.take(places, axis=0))
        shares = 1.0 / (1.0 + np.exp(-score))
        return shares / shares.sum()

    def _weighted(self, found: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """The terms among `found`, each once, and what each of them weighs.

        Once for all views (they have rows of their own): NumPy's calls cost more than its work.
        """
        places = np.array(found, dtype=np.intp)
        places -= 1
        places.sort()
        at = np.concatenate(([True], places[1:] != places[:-1])).nonzero()[0]
        if len(at) < len(places):
            often = np.empty(len(at), dtype=np.float32)
            often[:-1] = at[1:]
            often[-1] = len(places)
            often -= at
            places = places.take(at)
            values = self._idf.take(places)
            values *= np.log(often, out=often) + 1.0
        else:
            values = self._idf.take(places)
        begin = 0
        for end in places.searchsorted(self._ends).tolist():
            if end > begin:
                view = values[begin:end]
                view /= sqrt(view.dot(view))
            begin = end
        return places, values

    def save(self, folder: Path) -> None:
        """Write the files that `load` reads."""
        terms = [[""] * len(rows) for rows in self._rows]
        begins = np.cumsum([0, *map(len, self._rows)])
        for begin, names, rows in zip(begins, terms, self._rows, strict=False):
            for term, row in rows.items():
                names[row - 1 - begin] = term
        lines = "\n".join(term for names in terms for term in names)
        (folder / _TERMS).write_text(lines, encoding="utf-8", newline="\n")
        np.savez(folder / _WEIGHTS, idf=self._idf, weights=self._weights, intercept=self._intercept)
        meta = {"intents": self.intents, "views": self._views, "sizes": list(map(len, terms))}
        (folder / _META).write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "IntentScores":
        """Read what `save` wrote. Raises OSError or ValueError where a file is missing or cut."""
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        terms = (folder / _TERMS).read_text(encoding="utf-8").split("\n")
        arrays = np.load(folder / _WEIGHTS)
        if len(terms) != sum(meta["sizes"]) or len(terms) != len(arrays["weights"]):
            raise ValueError("the intent model's files do not belong together")
        rows, begin = [], 0
        for size in meta["sizes"]:
            rows.append({terms[row]: row for row in range(begin, begin + size)})
            begin += size
        return cls(
            meta["intents"],
            meta["views"],
            rows,
            arrays["idf"],
            arrays["weights"],
            arrays["intercept"],
        )

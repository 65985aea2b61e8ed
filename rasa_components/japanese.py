"""Japanese text as the classifier sees it: one normal form and Sudachi's morphemes."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from sudachipy import Dictionary, SplitMode
from sudachipy import Tokenizer as Analyser

# Sudachi refuses input over 49,149 bytes; the gateway stops at 1,000 characters long before.
MAX_CHARACTERS = 2000
_LONG_RUNS = re.compile(r"(.)\1{3,}")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufe0f]")


@dataclass(frozen=True)
class Morpheme:
    """One word of a text: where it stands, its dictionary spelling and its reading."""

    surface: str
    begin: int
    end: int
    normal_form: str
    reading: str
    part_of_speech: str


def normalise(text: str) -> str:
    """NFKC, lower case, no invisible characters, single spaces, long runs cut to three."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    text = _SPACES.sub(" ", text).strip()
    return _LONG_RUNS.sub(r"\1\1\1", text)[:MAX_CHARACTERS]


@lru_cache(maxsize=1)
def _analyser() -> Analyser:
    return Dictionary(dict="core").create(mode=SplitMode.A)


def analyse(text: str) -> list[Morpheme]:
    """Split `text` (mode A, the shortest units) and drop what is only white space."""
    return [
        Morpheme(
            m.surface(),
            m.begin(),
            m.end(),
            m.normalized_form(),
            m.reading_form(),
            m.part_of_speech()[0],
        )
        for m in _analyser().tokenize(text[:MAX_CHARACTERS])
        if m.surface().strip()
    ]

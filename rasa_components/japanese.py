"""Japanese text as the classifier sees it: one normal form and Sudachi's morphemes."""

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from sudachipy import Dictionary, SplitMode
from sudachipy import Tokenizer as Analyser

# Sudachi refuses input over 49,149 bytes; the gateway stops at 1,000 characters long before.
MAX_CHARACTERS = 2000
_LONG_RUNS = re.compile(r"(.)\1{3,}")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufe0f]")


class Morpheme(NamedTuple):
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
            surface,
            m.begin(),
            m.end(),
            m.normalized_form(),
            m.reading_form(),
            _PARTS_OF_SPEECH.get(m.part_of_speech_id()) or _part_of_speech(m),
        )
        for m in _analyser().tokenize(text[:MAX_CHARACTERS])
        if (surface := m.surface()).strip()
    ]


# By the dictionary's numbers: its tuple of six names is made anew each time it is asked for.
_PARTS_OF_SPEECH: dict[int, str] = {}


def _part_of_speech(morpheme: Any) -> str:
    name = str(morpheme.part_of_speech()[0])
    _PARTS_OF_SPEECH[morpheme.part_of_speech_id()] = name
    return name

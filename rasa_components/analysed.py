"""A sentence as the intent model takes it."""

from collections.abc import Sequence
from dataclasses import dataclass

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

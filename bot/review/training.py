"""Marked messages as Rasa training data (YAML, `data/nlu`)."""

from collections import defaultdict
from collections.abc import Iterable

from bot.text import for_dialogue, was_masked

# What Rasa reads as entities and synonyms inside an example.
_MARKUP = str.maketrans({"[": "［", "]": "］", "(": "（", ")": "）", "{": "｛", "}": "｝"})
_HEAD = """\
# Messages of members that were not understood, with what they should be understood as.
# Read each line before use: no names, no places. Then move it to data/nlu/<topic>.yml, train
# with `navi model train` and look at `navi model test`.
version: "3.1"
"""


def training_yaml(marked: Iterable[tuple[str, str]]) -> str:
    """Examples by intent, each once; what held a secret that was masked is left out."""
    by_intent: dict[str, dict[str, None]] = defaultdict(dict)
    for intent, text in marked:
        example = for_dialogue(text).translate(_MARKUP).strip()
        if example and not was_masked(text):
            by_intent[intent][example] = None
    if not by_intent:
        return _HEAD + "nlu: []\n"
    blocks = [
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {line}\n" for line in examples)
        for intent, examples in by_intent.items()
    ]
    return _HEAD + "nlu:\n" + "".join(blocks)

"""The training sentences: own, enough, without doubles, and never those of an evaluation set."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT.parent / "shared" / "eval" / "utterances_dev.tsv"
HELD_OUT = Path(__file__).with_name("heldout.tsv")
BUTTON_INTENTS = {"answer", "identity_step", "nlu_fallback"}
# Single words that any set and any training data share.
SHORTEST_SENTENCE = 6


def folded(text: str) -> str:
    """What is left when spelling and punctuation are taken away."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]", "", plain)


@pytest.fixture(scope="module")
def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.strip() for line in block["examples"].splitlines()]
            found[block["intent"]] += [line.removeprefix("- ") for line in lines if line]
    return found


def test_there_are_enough(sentences: dict[str, list[str]]) -> None:
    assert sum(map(len, sentences.values())) >= 1500
    assert len(sentences["out_of_scope"]) >= 250


def test_every_intent_that_can_be_typed_has_its_own_file(sentences: dict[str, list[str]]) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}
    assert set(sentences) == intents - BUTTON_INTENTS
    assert {p.stem for p in (ROOT / "data" / "nlu").glob("*.yml")} == set(sentences)


def test_no_sentence_stands_under_two_intents(sentences: dict[str, list[str]]) -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for intent, lines in sentences.items():
        for line in lines:
            where[folded(line)].add(intent)
    assert {text: found for text, found in where.items() if text and len(found) > 1} == {}


def test_nothing_of_the_dev_set_is_trained(sentences: dict[str, list[str]]) -> None:
    if not DEV.exists():
        pytest.skip("../shared is not there: the dev set cannot be compared")
    assert _shared_with(DEV, sentences) == []


def test_nothing_of_the_held_out_set_is_trained(sentences: dict[str, list[str]]) -> None:
    assert _shared_with(HELD_OUT, sentences) == []


def _shared_with(path: Path, sentences: dict[str, list[str]]) -> list[str]:
    trained = {folded(line) for lines in sentences.values() for line in lines}
    rows = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    written = {line for lines in sentences.values() for line in lines}
    # As it is written, no line at all; in another spelling single words are everybody's.
    same = [row for row in rows if row in written] if path == DEV else []
    other = [r for r in rows if len(folded(r)) >= SHORTEST_SENTENCE and folded(r) in trained]
    return [*same, *other]

"""What a program can check of a wording (`navi wording check`); the rest is the office's eye.

Lengths, labels, words to avoid, names that the member sees elsewhere, variables, payloads, links.
The numbers and word lists are data (words.yml, `rules`).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import yaml

from bot import payloads
from bot.documents.when import when
from bot.documents.wordings import Button, Wording, variables, with_variables
from bot.documents.words import matches, words
from bot.settings import Settings
from bot.wording import labels

_STEP = re.compile(r"^(?=\d+\. )", re.MULTILINE)
_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\uFE0F]")
_QUOTED = re.compile(r"「([^「」]{3,})」")
_BRACES = re.compile(r"[{}｛｝〔〕]")
_NEARLY = 0.75


@dataclass(frozen=True)
class Finding:
    """A rule that a wording breaks; the sentence is Japanese, for the one who writes it."""

    key: str
    file: str
    sentence: str


@dataclass(frozen=True)
class Known:
    """What payloads, links and `topic` may name."""

    intents: Collection[str]
    links: Collection[str]
    topics: Collection[str]

    @classmethod
    def of(cls, root: Path) -> "Known":
        """The intents of domain.yml, the links of the settings, the topics that have a label."""
        domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
        intents = {next(iter(i)) if isinstance(i, dict) else str(i) for i in domain["intents"]}
        links = {n.removeprefix("link_") for n in Settings.model_fields if n.startswith("link_")}
        return cls(intents, links, {*labels(), *words()["topics"]})


def check(wordings: list[Wording], known: Known) -> list[Finding]:
    """All findings, in the order of the wordings."""
    found = [
        Finding(wording.key, wording.file, sentence)
        for wording in wordings
        for sentence in _sentences(wording, known)
    ]
    count = Counter(wording.key for wording in wordings)
    doubled = [wording for wording in wordings if count[wording.key] > 1]
    return found + [Finding(w.key, w.file, _say("doubled_key")) for w in doubled]


def _sentences(wording: Wording, known: Known) -> Iterator[str]:
    if not when(wording):
        yield _say("no_when")
    for text in wording.all_texts():
        yield from _lengths(wording, text)
        yield from _words(wording, text)
        yield from _names(text)
        yield from _variables(wording, text)
    yield from _labels(wording.buttons)
    yield from _labels(wording.elsewhere)
    yield from _payloads((*wording.buttons, *wording.elsewhere), known)
    yield from (_say("link", words=key) for key in wording.links if key not in known.links)
    if wording.topic and wording.topic not in known.topics:
        yield _say("topic", words=wording.topic)


def _lengths(wording: Wording, text: str) -> Iterator[str]:
    rules = words()["rules"]
    if matches(wording.key, rules["no_bubbles"]):
        return
    examples = {name: str(row["example"]) for name, row in words()["variables"].items()}
    for bubble in wording.bubbles(with_variables(text, examples)):
        parts = [part.strip() for part in _STEP.split(bubble) if part.strip()]
        kind = "step" if len(parts) > 1 else "bubble"
        for part in parts:
            if len(part) > rules[f"longest_{kind}"]:
                yield _say(kind, n=len(part), most=rules[f"longest_{kind}"], words=part[:20])
        if len(bubble) > rules["longest_list"]:
            yield _say("list", n=len(bubble), most=rules["longest_list"])


def _words(wording: Wording, text: str) -> Iterator[str]:
    rules = words()["rules"]
    said = [text, *(button.label for button in wording.buttons)]
    for part in said:
        yield from (_say("emoji", words=found) for found in _EMOJI.findall(part))
        yield from (_say("forbidden", words=word) for word in rules["forbidden"] if word in part)
    if sum(text.count(word) for word in rules["apologies"]) > 1:
        yield _say("apology")
    if "先生" in text and not matches(wording.key, rules["doctor"]):
        yield _say("doctor")
    states = matches(wording.key, rules["as_of"]) and not matches(wording.key, rules["as_of_not"])
    if states and "{as_of}現在" not in text:
        yield _say("as_of")


def _names(text: str) -> Iterator[str]:
    names: list[str] = words()["names"]
    for quoted in _QUOTED.findall(text):
        if any(quoted in name for name in names):
            continue
        for name in names:
            if _alike(quoted, name):
                yield _say("name", words=quoted, name=name)
                break


def _alike(quoted: str, name: str) -> bool:
    """Whether a quoted word is a name, or the end of one, with a slip in it."""
    tail = name.split("【", 1)[0][-len(quoted) :]
    return any(SequenceMatcher(None, quoted, whole).ratio() >= _NEARLY for whole in (name, tail))


def _variables(wording: Wording, text: str) -> Iterator[str]:
    table = words()["variables"]
    for name in variables(text):
        if name not in table or not matches(wording.key, table[name]["keys"]):
            yield _say("variable", words=name)
    # The widget's words have no variables of ours.
    filled = with_variables(text, dict.fromkeys(variables(text), ""))
    if wording.group != "screen" and _BRACES.search(filled):
        yield _say("stray", words=text[:20])


def _labels(buttons: tuple[Button, ...]) -> Iterator[str]:
    rules = words()["rules"]
    labels = [button.label for button in buttons]
    for label in labels:
        if len(label) > rules["longest_label"]:
            yield _say("label", n=len(label), most=rules["longest_label"], words=label)
        if label.strip("。！!　 ") in rules["bare_labels"]:
            yield _say("bare_label", words=label)
    for label in {label for label in labels if labels.count(label) > 1}:
        yield _say("doubled_label", words=label)


def _payloads(buttons: tuple[Button, ...], known: Known) -> Iterator[str]:
    for payload in (button.payload for button in buttons):
        try:
            # Rasa fills the texts of a response in, so its braces are doubled there.
            parsed = payloads.parse(payload.replace("{{", "{").replace("}}", "}"))
        except ValueError:
            yield _say("payload", words=payload)
            continue
        complete = parsed["intent"] != "answer" or set(parsed["entities"]) == {"question", "value"}
        if parsed["intent"] not in known.intents or not complete:
            yield _say("payload", words=payload)


def _say(rule: str, /, **values: object) -> str:
    return str(words()["findings"][rule]).format(**values)

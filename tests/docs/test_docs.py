"""The documents say what is there: settings, commands, topics, decisions, links."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer.main
import yaml

from actions.handlers.clarify import TOPIC_OF
from bot.cli import build_app
from bot.settings import PROJECT_ROOT, Settings

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`|<!--.*?-->", re.DOTALL | re.MULTILINE)
# Intents that are no topics: answers and directions inside the check, and Rasa's own.
NOT_TOPICS = {
    "answer",
    "identity_step",
    "nlu_fallback",
    "affirm",
    "deny",
    "unsure",
    "inform_date",
    "go_back",
    "start_over",
    "stop_check",
}
WITHOUT_EXAMPLES = {"answer", "identity_step", "nlu_fallback"}


def documents() -> list[Path]:
    """All Markdown of the project itself."""
    top = sorted(PROJECT_ROOT.glob("*.md"))
    return [*top, *sorted((PROJECT_ROOT / "docs").rglob("*.md"))]


def read(name: str) -> str:
    return (PROJECT_ROOT / name).read_text(encoding="utf-8")


def loaded(folder: str) -> Iterator[Any]:
    for path in sorted((PROJECT_ROOT / folder).glob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


def test_no_key_of_the_wording_is_a_truth_value() -> None:
    """YAML reads a bare `off:` or `no:` as False: the words under it would never be found."""

    def keys(found: Any) -> Iterator[Any]:
        if isinstance(found, dict):
            yield from found
            for value in found.values():
                yield from keys(value)

    for folder in ("bot/wording", "bot/cli", "bot/documents"):
        for found in loaded(folder):
            assert [key for key in keys(found) if isinstance(key, bool)] == []


# --- settings


def example_lines() -> dict[str, tuple[str, str]]:
    """Value and the comment above it, by name, of .env.example."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in read(".env.example").splitlines():
        setting = re.fullmatch(r"#(NAVI_[A-Z_]+)=(.*)", line)
        if setting:
            assert setting[1] not in found, f"{setting[1]} stands twice"
            found[setting[1]] = (setting[2], " ".join(comment))
        comment = [*comment, line.removeprefix("# ")] if line.startswith("# ") else []
    return found


def test_the_example_lists_every_setting_with_its_meaning() -> None:
    examples = example_lines()
    fields = {f"NAVI_{name.upper()}": field for name, field in Settings.model_fields.items()}
    assert not set(examples) - set(fields)
    for name, field in fields.items():
        meaning = " ".join((field.description or "").split())
        assert meaning, f"{name} has no description"
        assert name in examples, f"add to .env.example:\n# {meaning}\n#{name}={field.default}"
        assert examples[name][1] == meaning, name


def test_the_examples_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT_ROOT)
    plain = Settings()
    for name, (value, _) in example_lines().items():
        monkeypatch.setenv(name, value)
    given = Settings()
    given.var = given.var.resolve()
    assert given == plain


def test_readme_or_operations_name_every_setting() -> None:
    pages = ("README.md", "docs/operations.md", "docs/scaling.md", "SECURITY.md")
    said = "".join(read(page) for page in pages)
    families = re.findall(r"`(NAVI_[A-Z_]+)…`", said)
    for field in Settings.model_fields:
        name = f"NAVI_{field.upper()}"
        assert name in said or name.startswith(tuple(families)), name


# --- commands


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of every command that does something (typer carries a click of its own)."""
    below = getattr(command, "commands", {})
    own = [path] if not below or command.invoke_without_command else []
    return own + [words for name in below for words in commands(below[name], (*path, name))]


@pytest.mark.parametrize(
    "words",
    commands(typer.main.get_command(build_app())),
    ids=lambda words: " ".join(words),
)
def test_a_document_names_the_command(words: tuple[str, ...]) -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    group, *name = words
    together = " ".join(["navi", *words])
    # A group's further commands may be listed behind one of them: "and: open, list, add".
    listed = name and re.search(rf"navi {group} .*# and:.*\b{name[0]}\b", said)
    assert together in said or listed


# --- topics


def intents() -> list[str]:
    domain = yaml.safe_load(read("domain.yml"))
    return [next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]]


def topics() -> list[str]:
    return [intent for intent in intents() if intent not in NOT_TOPICS]


@pytest.mark.parametrize("intent", [i for i in intents() if i not in WITHOUT_EXAMPLES])
def test_an_intent_has_examples_under_its_own_name(intent: str) -> None:
    data = yaml.safe_load(read(f"data/nlu/{intent}.yml"))
    assert [entry["intent"] for entry in data["nlu"]] == [intent]


@pytest.mark.parametrize("topic", topics())
def test_a_topic_has_a_rule(topic: str) -> None:
    steps = [
        step for data in loaded("data/rules") for rule in data["rules"] for step in rule["steps"]
    ]
    assert {"intent": topic} in steps


def test_every_topic_has_a_response_and_a_label() -> None:
    said = {
        (variant.get("custom") or {}).get("topic")
        for data in loaded("data/responses")
        for variants in data["responses"].values()
        for variant in variants
    }
    labels = yaml.safe_load(read("bot/wording/labels.yml"))
    own = {topic for topic in topics() if topic in labels}
    # What has no label is finer than a topic and must say to which topic it belongs.
    assert set(topics()) - own == set(TOPIC_OF)
    assert own <= said | {"billing_zero"}
    assert set(TOPIC_OF.values()) <= own


# --- decisions and links


def test_every_decision_is_linked_from_the_list() -> None:
    said = read("docs/adr/README.md")
    pages = [p.name for p in (PROJECT_ROOT / "docs/adr").glob("[0-9]*.md")]
    assert pages
    for page in pages:
        assert f"({page})" in said, page
    numbers = [page[:4] for page in pages]
    assert len(numbers) == len(set(numbers))


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", text, flags=re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", heading).strip().lower()
        kept = (c for c in plain if c in "-_ " or unicodedata.category(c)[0] in "LNM")
        found.add("".join(kept).replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(PROJECT_ROOT)))
def test_no_link_is_dead(path: Path) -> None:
    text = _CODE.sub("", path.read_text(encoding="utf-8"))
    for found in _LINK.finditer(text):
        target = unquote(found[1] or found[2])
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.is_relative_to(PROJECT_ROOT) and there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_pictures_are_small() -> None:
    for picture in (PROJECT_ROOT / "docs").rglob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name

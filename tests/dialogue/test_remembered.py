"""What handlers ask of the whole conversation is kept when the dialogue's memory is cut."""

import ast
from pathlib import Path

import yaml

from bot.settings import PROJECT_ROOT

ASKED = {"said_before": "responses", "asked_before": "intents"}


def asked_for() -> dict[str, set[str]]:
    """Names that handlers hand to `said_before` and `asked_before`."""
    found: dict[str, set[str]] = {"responses": set(), "intents": set()}
    for path in sorted(Path(PROJECT_ROOT / "actions" / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ASKED:
                names = node.args[1:]
                # Anything but plain names could not be kept by name.
                assert all(isinstance(name, ast.Constant) for name in names), path
                values = [name.value for name in names if isinstance(name, ast.Constant)]
                found[ASKED[node.func.id]].update(map(str, values))
    return found


def test_everything_that_is_asked_for_is_remembered() -> None:
    endpoints = yaml.safe_load((PROJECT_ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    remembered = endpoints["tracker_store"]["remembered"]
    assert {kind: set(names) for kind, names in remembered.items()} == asked_for()
    assert all(asked_for().values())


def test_what_is_remembered_exists() -> None:
    intents = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    names = {next(iter(i)) if isinstance(i, dict) else i for i in intents}
    assert asked_for()["intents"] <= names
    responses: set[str] = set()
    for path in sorted((PROJECT_ROOT / "data" / "responses").glob("*.yml")):
        responses |= set(yaml.safe_load(path.read_text(encoding="utf-8"))["responses"])
    assert asked_for()["responses"] <= responses

"""The same decisions as Mermaid flow charts, for pages that draw those."""

from collections.abc import Iterator

from actions.domain.procedure import Rules
from bot.documents.tree import Node, Result
from bot.documents.tree_claims import claims_tree
from bot.documents.tree_registry import Row, registry_rows
from bot.documents.tree_words import TreeWords
from bot.documents.words import words


def tree_mermaid(rules: Rules, said: TreeWords) -> str:
    """One chart with two parts."""
    w = words()["tree"]
    return "\n".join(
        [
            "flowchart TD",
            f"  subgraph claims[{_quoted(w['words_title'])}]",
            "    direction TB",
            *_claims(claims_tree(rules), said, "c"),
            "  end",
            f"  subgraph registry[{_quoted(w['registry_title'])}]",
            "    direction TB",
            *_registry(registry_rows(rules), said),
            "  end",
            "",
        ]
    )


def _claims(node: Node, said: TreeWords, name: str) -> Iterator[str]:
    """Lines of a node and all below it; a node is called by its way from the root."""
    if isinstance(node, Result):
        yield _result(node, said, name)
        return
    title, _ = said.question(node.name)
    yield f"    {name}[{_quoted(title)}]"
    for i, branch in enumerate(node.branches):
        below = f"{name}{i}"
        yield from _claims(branch.to, said, below)
        label = " ／ ".join(said.answers(node.name, branch.values))
        yield f"    {name} -->|{_quoted(label)}| {below}"


def _registry(rows: list[Row], said: TreeWords) -> Iterator[str]:
    """A chain: each row's condition leads to its result, or on to the next row."""
    for number, row in enumerate(rows, 1):
        condition = "<br>".join(said.condition(c) for c in row.conditions)
        yield f"    r{number}{{{{{_quoted(condition)}}}}}"
        yield _result(row.result, said, f"o{number}")
        yield f"    r{number} --> o{number}"
        if number > 1:
            yield f"    r{number - 1} -.-> r{number}"


def _result(result: Result, said: TreeWords, name: str) -> str:
    title = said.outcome(result.outcome)
    badge = f"<br>■ {words()['tree']['handover']}" if result.handover else ""
    return f"    {name}([{_quoted(title + badge)}])"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'

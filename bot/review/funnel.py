"""How many took each branch of the check's tree, and where they left it. Pure."""

from collections import Counter
from collections.abc import Mapping

from bot.documents.tree import Branch, Node, Result, Step
from bot.documents.tree_words import TreeWords
from bot.documents.wordings import Wording
from bot.review.words import review_words

Edge = tuple[str, tuple[str, ...]]
"""A question and the answers of one of its branches."""


def edge_counts(tree: Node, steps: Mapping[tuple[str, str], int]) -> Counter[Edge]:
    """Every edge between a question and what came next.

    Who told several things in one message skips questions; the edges between are counted too,
    since the answers to them were in it. What the tree cannot lead to (a step back, a changed
    answer) is not counted.
    """
    counts: Counter[Edge] = Counter()
    for (question, following), number in steps.items():
        start = _find(tree, question)
        for edge in _route(start, following) if start else ():
            counts[edge] += number
    return counts


def _find(node: Node, name: str) -> Step | None:
    if isinstance(node, Result):
        return None
    if node.name == name:
        return node
    return next((f for b in node.branches if (f := _find(b.to, name)) is not None), None)


def _route(start: Step, target: str) -> list[Edge]:
    """The shortest way down to a question or an outcome; empty where there is none."""
    ways: list[tuple[Step, list[Edge]]] = [(start, [])]
    while ways:
        step, so_far = ways.pop(0)
        for branch in step.branches:
            way = [*so_far, (step.name, branch.values)]
            if _is(branch, target):
                return way
            if isinstance(branch.to, Step):
                ways.append((branch.to, way))
    return []


def _is(branch: Branch, target: str) -> bool:
    node = branch.to
    return node.outcome == target if isinstance(node, Result) else node.name == target


class CountedWords(TreeWords):
    """The tree's words with the numbers behind them, for `TreeDrawing`."""

    def __init__(
        self, wordings: Mapping[str, Wording], edges: Mapping[Edge, int], left: Mapping[str, int]
    ) -> None:
        super().__init__(wordings)
        self._edges = edges
        self._left = left

    def question(self, name: str) -> tuple[str, str]:
        """The question; in place of the subject how many stopped there."""
        title, _ = super().question(name)
        return title, review_words()["tree"]["left"].format(n=self._left.get(name, 0))

    def answers(self, question: str, values: tuple[str, ...]) -> list[str]:
        """The answers; the last one carries the number."""
        *others, last = super().answers(question, values)
        number = self._edges.get((question, values), 0)
        return [*others, review_words()["tree"]["taken"].format(answer=last, n=number)]

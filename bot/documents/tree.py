"""The decision tree as data: built by asking the rules themselves, never drawn by hand.

A step asks something and has branches; equal ends of a step are one branch with several values.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from actions.domain.procedure import Outcome, Rules


@dataclass(frozen=True)
class Result:
    """An end: the outcome, and whether a person takes over."""

    outcome: Outcome
    handover: bool


@dataclass(frozen=True)
class Step:
    """A question or a fact that decides how it goes on."""

    name: str
    branches: tuple["Branch", ...]


@dataclass(frozen=True)
class Branch:
    """Where some values of a step lead."""

    values: tuple[str, ...]
    to: "Node"


Node = Step | Result


def step(name: str, values: Iterable[str], lead: Callable[[str], Node]) -> Node:
    """The step over `values` in this order; what all values lead to, where that is the same."""
    ends: dict[Node, list[str]] = {}
    for value in values:
        ends.setdefault(lead(value), []).append(value)
    branches = tuple(Branch(tuple(those), node) for node, those in ends.items())
    return branches[0].to if len(branches) == 1 else Step(name, branches)


def day_ranges(rules: Rules, lead: Callable[[int], Node]) -> list[tuple[str, Node]]:
    """Runs of business days that lead to the same: `0-4`, and `5-` for the last."""
    limits = (rules.days_until_opening, rules.days_until_delayed, rules.days_until_mail_trouble)
    ends = [(days, lead(days)) for days in range(max(limits) + 2)]
    runs = [list(run) for _, run in groupby(ends, key=lambda end: end[1])]
    names = [f"{run[0][0]}-{run[-1][0]}" for run in runs[:-1]]
    return list(zip([*names, f"{runs[-1][0][0]}-"], (run[0][1] for run in runs), strict=True))


def depth(node: Node) -> int:
    """How many steps follow, this one counted."""
    if isinstance(node, Result):
        return 0
    return 1 + max(depth(branch.to) for branch in node.branches)

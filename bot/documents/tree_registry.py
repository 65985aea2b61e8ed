"""The decision from the registry as rows in order, found by trying every combination of facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from actions.domain.calendar import TOKYO, BusinessCalendar
from actions.domain.procedure import Rules, advise_from_registry
from actions.domain.registration import Application, Mail, MailKind, MailStatus, Registration
from bot.documents.tree import Branch, Node, Result, Step, day_ranges, step
from bot.documents.tree_claims import TODAY, days_ago

_NONE = "none"
_MAILS = ("bounced", _NONE, "queued", "deferred", "delivered")
# The facts in the order of the table, what stops a member first in front.
_FACTS: dict[str, tuple[str, ...]] = {
    "known": ("no", "yes"),
    "web_registered": ("no", "yes"),
    "applied": ("no", "yes"),
    "opened": ("yes", "no"),
    "opening_mail": _MAILS,
    "accepted": ("yes", "no"),
    "confirmation": _MAILS,
}
_NOW = datetime.combine(TODAY, time(12), TOKYO).astimezone(UTC)
Case = dict[str, str]


@dataclass(frozen=True)
class Condition:
    """Values of one fact; `rest`: the last branch, which the rows before leave over."""

    fact: str
    values: tuple[str, ...]
    rest: bool


@dataclass(frozen=True)
class Row:
    """One row of the table: what must hold beyond "no row above", and the result."""

    conditions: tuple[Condition, ...]
    result: Result


def registry_tree(rules: Rules) -> Node:
    """The decision under these rules as a tree of facts."""
    return _decide({}, list(_FACTS), rules)


def registry_rows(rules: Rules) -> list[Row]:
    """The same as rows; the first that applies is the result."""
    return [Row(_needed(path), result) for path, result in _paths(registry_tree(rules), ())]


def _decide(case: Case, facts: list[str], rules: Rules) -> Node:
    if not facts:
        return _by_days(case, rules)
    fact, *others = facts
    return step(fact, _FACTS[fact], lambda value: _decide({**case, fact: value}, others, rules))


def _by_days(case: Case, rules: Rules) -> Node:
    def after(days: int) -> Node:
        advice = advise_from_registry(_registration(case, days), _NOW, BusinessCalendar(), rules)
        return Result(advice.outcome, advice.handover)

    ranges = day_ranges(rules, after)
    if len(ranges) == 1:
        return ranges[0][1]
    since = "since_accepted" if case["accepted"] == "yes" else "since_applied"
    return Step(since, tuple(Branch((days,), to) for days, to in ranges))


def _registration(case: Case, days: int) -> Registration | None:
    """A member to whom the facts of the case apply, so many business days on."""
    if case["known"] == "no":
        return None
    at = datetime.combine(days_ago(days), time(10), TOKYO)
    mails = ((MailKind.confirmation, "confirmation"), (MailKind.opening, "opening_mail"))
    sent = (Mail(kind, MailStatus(case[fact])) for kind, fact in mails if case[fact] != _NONE)
    application = Application(
        applied_at=at,
        url_clicked_at=at if case["accepted"] == "yes" else None,
        opened_at=at if case["opened"] == "yes" else None,
        mails=tuple(sent),
    )
    return Registration(
        number="000000",
        web_registered_on=at.date() if case["web_registered"] == "yes" else None,
        applications=(application,) if case["applied"] == "yes" else (),
    )


def _paths(
    node: Node, path: tuple[Condition, ...]
) -> Iterator[tuple[tuple[Condition, ...], Result]]:
    if isinstance(node, Result):
        yield path, node
        return
    last = node.branches[-1]
    for branch in node.branches:
        condition = Condition(node.name, branch.values, branch is last)
        yield from _paths(branch.to, (*path, condition))


def _needed(path: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Without what the rows above leave over anyway; the last one stays, for reading."""
    return (*(c for c in path[:-1] if not c.rest), path[-1])

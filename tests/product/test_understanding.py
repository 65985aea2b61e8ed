"""What members write, one conversation a sentence, counted as spec/topics.md counts."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.product.member import Member, in_parallel
from tests.product.running import Product
from tests.product.spec import tsv_rows

# The goals, as shares.
RIGHT, RIGHT_OR_OFFERED, WRONG, ANSWERED_OUT_OF_SCOPE = 0.95, 0.99, 0.02, 0.03

_WITHOUT_CONTENT = {"out_of_scope", "handoff", "clarify", "greet", "thanks", "goodbye"}


@dataclass(frozen=True)
class Understood:
    """One sentence, what may answer it, and what did (a clarification with its offers)."""

    text: str
    accepted: frozenset[str]
    topic: str
    offered: frozenset[str]

    @property
    def right(self) -> bool:
        return self.topic in self.accepted

    @property
    def right_or_offered(self) -> bool:
        return self.right or (self.topic == "clarify" and bool(self.offered & self.accepted))

    @property
    def out_of_scope(self) -> bool:
        return "out_of_scope" in self.accepted

    @property
    def wrong(self) -> bool:
        if self.out_of_scope:
            return not self.right and self.topic not in _WITHOUT_CONTENT
        return not self.right and self.topic != "clarify"


def _ask(product: Product, row: list[str]) -> Understood:
    text, accepted = row
    with Member(product.base_url) as guest:
        guest.start()
        guest.say(text)
        offered = frozenset(choice["value"] for choice in guest.last["choices"])
        return Understood(text, frozenset(accepted.split("|")), guest.topic or "", offered)


def _measure(product: Product, rows: list[list[str]], name: str) -> dict[str, float]:
    done = in_parallel(lambda row: _ask(product, row), rows)
    outside = [u for u in done if u.out_of_scope]
    shares = {
        "right": sum(u.right for u in done) / len(done),
        "right or offered": sum(u.right_or_offered for u in done) / len(done),
        "wrong": sum(u.wrong for u in done) / len(done),
        "out of scope, answered": sum(u.wrong for u in outside) / len(outside),
    }
    figures = ", ".join(f"{figure} {share:.1%}" for figure, share in shares.items())
    print(f"\n{name}: {len(done)} sentences, {figures}")
    for u in done:
        if not u.right:
            kind = "wrong" if u.wrong else "offered" if u.right_or_offered else "not offered"
            print(f"  {kind}: {u.text} -> {u.topic}, not {'|'.join(sorted(u.accepted))}")
    return shares


def _assert_goals(shares: dict[str, float]) -> None:
    reached = {
        "right": shares["right"] >= RIGHT,
        "right or offered": shares["right or offered"] >= RIGHT_OR_OFFERED,
        "wrong": shares["wrong"] <= WRONG,
        "out of scope, answered": shares["out of scope, answered"] <= ANSWERED_OUT_OF_SCOPE,
    }
    assert all(reached.values()), {name: shares[name] for name, ok in reached.items() if not ok}


@pytest.mark.parametrize("name", ["utterances_dev.tsv", "heldout.tsv"])
def test_goals(product: Product, request: pytest.FixtureRequest, name: str) -> None:
    if name == "heldout.tsv":
        path = Path(__file__).parents[1] / "nlu" / name
    else:
        path = request.getfixturevalue("shared") / "eval" / name
    _assert_goals(_measure(product, tsv_rows(path), name))

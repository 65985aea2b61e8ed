"""The model's graph run as a plain list of calls.

Upstream makes a Dask graph of the needed nodes at every message and at every prediction and
lets Dask's scheduler run it in the same thread. The order never changes. Kept: which nodes run,
what each is given, their hooks and errors (the nodes are upstream's), that each runs once.
"""

from typing import Any

import rasa.core.processor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

_Step = tuple[GraphNode, tuple[str, ...]]


class FlatGraphRunner(DaskGraphRunner):
    """`DaskGraphRunner` without Dask."""

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Outputs of `targets`. Raises what the nodes raise, GraphRunError as upstream."""
        given = inputs or {}
        wanted = tuple(targets or self._graph_schema.target_names)
        plans: dict[Any, list[_Step]] = self.__dict__.setdefault("_plans", {})
        if wanted not in plans:
            plans[wanted] = self._plan(wanted)
        known: dict[str, Any] = dict(given)
        try:
            for node, needs in plans[wanted]:
                name, output = node(*((need, known[need]) for need in needs if need in known))
                known[name] = output
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: known[name] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[_Step]:
        """The needed nodes, each after those that it needs."""
        schema = self._graph_schema.minimal_graph_schema(list(targets))
        plan: list[_Step] = []
        placed: set[str] = set()

        def place(name: str) -> None:
            if name in placed or name not in schema.nodes:
                return
            placed.add(name)
            needs = tuple(schema.nodes[name].needs.values())
            for need in needs:
                place(need)
            plan.append((self._instantiated_nodes[name], needs))

        for target in targets:
            place(target)
        return plan


def apply() -> None:
    """Put it in place."""
    rasa.core.processor.DaskGraphRunner = FlatGraphRunner

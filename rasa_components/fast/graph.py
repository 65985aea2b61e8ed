"""The model's graph run as a plain list of calls.

Upstream makes a Dask graph of the needed nodes at every message and at every prediction and
lets Dask's scheduler run it in the same thread; each node checks and copies what it is given and
writes two debug messages. The order never changes. Kept: which nodes run, what each is given,
their hooks (such a node is called by upstream) and errors, that each runs once.
"""

from typing import Any

import rasa.core.processor
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.exceptions import RasaException


class _Step:
    """One node: upstream's own call without its copies, for a node that nothing hooks into."""

    def __init__(self, node: GraphNode, needs: tuple[str, ...]) -> None:
        self.node_name: str = node._node_name
        self._node, self._needs = node, needs
        self._inputs = tuple(node._inputs.items())
        self._plain = node._eager and not node._hooks

    def run(self, known: dict[str, Any]) -> Any:
        """The node's output. Raises as upstream does."""
        node = self._node
        given: dict[str, Any] = {}
        for name, need in self._inputs:
            if need not in known:
                break
            given[name] = known[need]
        if not self._plain or len(given) < len(self._inputs):
            return node(*((need, known[need]) for need in self._needs if need in known))[1]
        try:
            return node._fn(node._component, **given)
        except RasaException:
            raise
        except Exception as error:
            raise GraphComponentException(
                f"Error running graph component for node {self.node_name}."
            ) from error


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
            for node in plans[wanted]:
                known[node.node_name] = node.run(known)
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
            plan.append(_Step(self._instantiated_nodes[name], needs))

        for target in targets:
            place(target)
        return plan


def apply() -> None:
    """Put it in place."""
    rasa.core.processor.DaskGraphRunner = FlatGraphRunner

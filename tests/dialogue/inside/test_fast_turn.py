"""Graph, logs and responses: both upstream and ours are asked the same."""

import ast
import copy
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.exceptions import InvalidConfigException, RasaException

from rasa_components.fast import (
    graph,
    logs,
    responses,
)
from tests.dialogue.inside import conversations as c
from tests.dialogue.inside.upstream import UPSTREAM


class TestGraph(unittest.TestCase):
    def test_the_same_outputs_as_dask(self) -> None:
        model = Path(os.environ["NAVI_TEST_MODEL"])
        if not model.exists():
            self.skipTest("no trained model")
        for runner_class in (DaskGraphRunner, graph.FlatGraphRunner):
            with tempfile.TemporaryDirectory() as folder:
                metadata, runner = load_predict_graph_runner(
                    Path(folder), model, LocalModelStorage, runner_class
                )
                told = []
                for seed in range(5):
                    events = c.conversation(seed, 4)[:-1]
                    inputs = {"__tracker__": c.tracker_of(events)}
                    result = runner.run(inputs=inputs, targets=[metadata.core_target])
                    told.append(result[metadata.core_target].probabilities)
                if runner_class is DaskGraphRunner:
                    expected = told
        self.assertEqual(told, expected)

    def test_errors_are_upstreams(self) -> None:
        def node(error: Exception, **more: Any) -> Any:
            def fail(_component: object, number: int) -> None:
                raise error

            given = {"_fn": fail, "_fn_name": "fail", "_node_name": "n", "_component": None}
            told = {"_inputs": {"number": "a"}, "_eager": True, "_hooks": [], **more}
            made = GraphNode.__new__(GraphNode)
            made.__dict__.update(given, _component_class=object, **told)
            return made

        for error in (KeyError("x"), InvalidConfigException("x"), RasaException("x")):
            steps = (graph._Step(node(error), ("a",)), node(error))
            found = []
            for call in (lambda: steps[0].run({"a": 1}), lambda: steps[1](("a", 1))):  # noqa: B023
                with self.assertRaises(Exception) as raised:
                    call()
                found.append((type(raised.exception), str(raised.exception)))
            self.assertEqual(found[0], found[1])
        with self.assertRaises(GraphRunError):
            graph._Step(node(KeyError("x")), ("a",)).run({})


class TestLogs(unittest.TestCase):
    def test_copies_are_made_for_debug_messages_only(self) -> None:
        for module in logs.MODULES:
            tree = ast.parse(Path(str(module.__file__)).read_text())
            calls_of_debug = [
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "debug"
            ]
            inside = {id(sub) for node in calls_of_debug for sub in ast.walk(node)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Name) and node.id == "copy":
                    self.assertIn(id(node), inside, f"{module.__name__}:{node.lineno}")


class TestResponses(unittest.TestCase):
    def test_the_same_responses_are_drawn_and_filled(self) -> None:
        nlg = TemplatedNaturalLanguageGenerator(c.domain().responses)
        filled, told = {"misses": 1.0}, 0
        with (
            mock.patch("numpy.random.choice", lambda ways: ways[-1]),
            mock.patch("random.choice", lambda ways: ways[-1]),
        ):
            for key in c.domain().responses:
                for channel in ("web", "line", "staff"):
                    way = copy.deepcopy(UPSTREAM["draw"](nlg, key, channel, filled))
                    expected = way and nlg._fill_response(way, filled)
                    made = nlg.generate_from_slots(key, filled, channel)
                    self.assertEqual(made, expected, key)
                    told += made is not None
        self.assertGreater(told, 3 * 30)
        self.assertIsNone(nlg.generate_from_slots("utter_none_such", filled, "web"))

    def test_every_variation_is_drawn(self) -> None:
        nlg = TemplatedNaturalLanguageGenerator({"utter_x": [{"text": "a"}, {"text": "b"}]})
        made = [nlg.generate_from_slots("utter_x", {}, "web") for _ in range(200)]
        self.assertGreater(sum(one == {"text": "a"} for one in made), 50)
        self.assertGreater(sum(one == {"text": "b"} for one in made), 50)

    def test_a_copy_shares_nothing_that_changes(self) -> None:
        told = {"a": [{"b": [1, None, "x"]}, ("c", ["d"])], "e": 1.5}
        made = responses.copied(told)
        self.assertEqual(made, told)
        made["a"][0]["b"].append(2)
        made["a"][1][1].append("f")
        self.assertEqual(told, {"a": [{"b": [1, None, "x"]}, ("c", ["d"])], "e": 1.5})

    def test_braces_are_filled_by_upstream(self) -> None:
        values = {"name": "山田", "n": 2}
        for text in ("何も", "{name}様", "{{name}}", '/answer{{"a":"b"}}', "0[x", "{n}{name}"):
            self.assertEqual(responses._interpolate(text, values), UPSTREAM["fill"](text, values))

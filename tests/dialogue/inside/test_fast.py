"""Each change of upstream keeps what upstream does: both are asked the same."""

import ast
import copy
import json
import os
import random
import tarfile
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from jsonschema import Draft202012Validator, ValidationError
from rasa.core.actions.action import RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.core.nlg import interpolator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import ActionNotFoundException, Domain
from rasa.shared.core.events import ActionReverted, Event, SlotSet, UserUtteranceReverted
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException, RasaException

UPSTREAM: dict[str, Any] = {
    "copy": DialogueStateTracker.copy,
    "resolve": Event.resolve_by_type,
    "temporary": FormAction._temporary_tracker,
    "rules": RulePolicy._find_action_from_rules,
    "keys": RulePolicy._get_possible_keys,
    "states": RulePolicy._prediction_states,
    "applied": DialogueStateTracker.applied_events,
    "action": action_for_name_or_text,
    "empty": Domain.is_empty,
    "call": RemoteAction._action_call_format,
    "draw": TemplatedNaturalLanguageGenerator._random_response_for,
    "fill": interpolator.interpolate_text,
}

from rasa_components import fast  # noqa: E402
from rasa_components.fast import (  # noqa: E402
    actions,
    calls,
    events,
    graph,
    logs,
    responses,
    rules,
    states,
    trackers,
)
from rasa_components.memory import Bounds  # noqa: E402
from tests.dialogue.inside import conversations as c  # noqa: E402

fast.apply()


class TestEvents(unittest.TestCase):
    def test_the_same_classes(self) -> None:
        names = {type(event).type_name for event in c.conversation(0, 30)}
        for name in names | {"session_started", "restart", "pause", "undo", "topic"}:
            self.assertIs(Event.resolve_by_type(name), UPSTREAM["resolve"](name))
        self.assertIs(Event.resolve_by_type("none such", SlotSet), SlotSet)
        with self.assertRaises(ValueError):
            Event.resolve_by_type("none such")

    def test_json_is_the_libraries(self) -> None:
        odd = [0.1, 1e22, 1e-7, 1700000000.123456, 2**70, "\ud800", '/あ\u2028<"\\\n\x00', None]
        for value in [*odd, {"a": odd, "b": (1, 2)}, {1: True}]:
            self.assertEqual(json.loads(events.told(value)), json.loads(json.dumps(value)))

    def test_a_line_follows_its_event(self) -> None:
        event = SlotSet("misses", 1)
        self.assertEqual(json.loads(events.line_of(event)), event.as_dict())
        event.timestamp = 5.0
        self.assertEqual(json.loads(events.line_of(event)), event.as_dict())
        event.metadata = {"model_id": "x"}
        self.assertEqual(json.loads(events.line_of(event)), event.as_dict())


class TestTrackers(unittest.TestCase):
    def test_a_copy_is_the_replayed_one(self) -> None:
        for seed in range(40):
            tracker = c.tracker_of(c.conversation(seed, 1 + seed % 9))
            made, replayed = trackers.copied(tracker), UPSTREAM["copy"](tracker)
            self.assertEqual(c.state(made), c.state(replayed), seed)
            self.assertEqual(list(made.events), list(replayed.events))

    def test_a_copy_shares_nothing_that_changes(self) -> None:
        tracker = c.tracker_of(c.start() + c.opened())
        before, events_before = c.state(tracker), list(tracker.events)
        made = tracker.copy()
        for event in [*c.digression(random.Random(1)), SlotSet("misses", 3.0), *c.closed()]:
            made.update(event)
        self.assertEqual(c.state(tracker), before)
        self.assertEqual(list(tracker.events), events_before)
        self.assertNotEqual(c.state(made), before)

    def test_the_forms_temporary_tracker(self) -> None:
        form = FormAction(c.FORM, None)
        for seed in range(40):
            tracker = c.tracker_of(c.conversation(seed, 1 + seed % 9))
            more = [SlotSet("opening_mail", "yes"), SlotSet("requested_slot", None)]
            made = form._temporary_tracker(tracker, more, c.domain())
            replayed = UPSTREAM["temporary"](form, tracker, more, c.domain())
            self.assertEqual(c.state(made), c.state(replayed), seed)
            self.assertEqual(list(made.events), list(replayed.events))

    def test_slots_are_copied_whole(self) -> None:
        for slot in c.domain().slots:
            made = copy.copy(slot)
            self.assertIsInstance(made, Slot)
            self.assertEqual((type(made), made.__dict__), (type(slot), slot.__dict__))
            self.assertIsNot(made, slot)


class TestActions(unittest.TestCase):
    def test_the_same_actions(self) -> None:
        for name in c.domain().action_names_or_texts:
            found = actions._action_for_name_or_text(name, c.domain(), None)
            expected = UPSTREAM["action"](name, c.domain(), None)
            self.assertEqual((type(found), found.name()), (type(expected), expected.name()))
            self.assertIs(actions._action_for_name_or_text(name, c.domain(), None), found)

    def test_an_unknown_action_is_refused_alike(self) -> None:
        with self.assertRaises(ActionNotFoundException):
            actions._action_for_name_or_text("action_none_such", c.domain(), None)

    def test_nothing_is_extracted_only_where_nothing_can_be(self) -> None:
        self.assertTrue(actions._Found(c.domain(), None).nothing_to_extract)
        for more in (
            {"slots": {"x": {"type": "text", "mappings": [{"type": "from_text"}]}}},
            {"slots": {"x": {"type": "text", "mappings": [{"type": "custom", "action": "a"}]}}},
            {"actions": ["action_validate_slot_mappings"]},
        ):
            other = Domain.from_dict({"version": "3.1", "actions": ["a"], **more})
            self.assertFalse(actions._Found(other, None).nothing_to_extract, more)

    def test_is_empty(self) -> None:
        for domain in (c.domain(), Domain.empty()):
            self.assertEqual(domain.is_empty(), UPSTREAM["empty"](domain))
            self.assertEqual(domain.is_empty(), UPSTREAM["empty"](domain))


class TestCalls(unittest.TestCase):
    def test_the_body_says_the_same(self) -> None:
        action = RemoteAction("action_advise", None)
        for seed in range(10):
            tracker = c.tracker_of(c.conversation(seed, 5))
            body = calls._body(action._action_call_format(tracker, c.domain()))
            expected = UPSTREAM["call"](action, tracker, c.domain())
            del expected["domain"]
            self.assertEqual(json.loads(body), json.loads(json.dumps(expected)))

    def test_what_is_plain_is_right_by_the_schema(self) -> None:
        schema = Draft202012Validator(RemoteAction.action_response_format_spec())
        slot = {"event": "slot", "timestamp": None, "name": "misses", "value": 1}
        follow = {"event": "followup", "timestamp": None, "name": "x"}
        odd = [
            {**slot, "name": 1},
            {**slot, "timestamp": "x"},
            {**slot, "more": 1},
            {"event": "slot"},
            {"event": "none such", "timestamp": None, "name": "x"},
            [],
            None,
        ]
        for event in (slot, follow, {**slot, "value": None}, {**slot, "value": [1, {"a": 2}]}):
            result = {"events": [event], "responses": [{"response": "utter_faq"}]}
            self.assertTrue(calls.is_plain(result))
            self.assertTrue(schema.is_valid(result))
        for event in odd:
            self.assertFalse(calls.is_plain({"events": [event], "responses": []}), event)
        self.assertFalse(calls.is_plain({"events": [], "responses": ["x"]}))
        self.assertFalse(calls.is_plain([]))

    def test_a_wrong_answer_is_refused(self) -> None:
        action = RemoteAction("action_advise", None)
        self.assertTrue(action._validate_action_result({"events": [], "responses": []}))
        self.assertTrue(
            action._validate_action_result(
                {"events": [{"event": "active_loop", "name": None}], "responses": []}
            )
        )
        with self.assertRaises(ValidationError):
            action._validate_action_result({"events": [{"event": 5}], "responses": []})


class TestRules(unittest.TestCase):
    def setUp(self) -> None:
        model = Path(os.environ["NAVI_TEST_MODEL"])
        if not model.exists():
            self.skipTest("no trained model")
        with tarfile.open(model) as archive:
            [name] = [n for n in archive.getnames() if n.endswith("rule_policy.json")]
            lookup = json.load(archive.extractfile(name))["lookup"]  # type: ignore[arg-type]
        self.policy = RulePolicy.__new__(RulePolicy)
        self.policy.config = {**RulePolicy.get_default_config(), "max_history": None}
        self.policy.lookup = lookup
        self.policy.__dict__["_Policy__featurizer"] = self.policy._standard_featurizer()

    def test_the_same_rules_for_every_state(self) -> None:
        upstream = type("Upstream", (RulePolicy,), {})
        upstream._find_action_from_rules = UPSTREAM["rules"]
        upstream._get_possible_keys = UPSTREAM["keys"]
        upstream._prediction_states = UPSTREAM["states"]
        other = upstream.__new__(upstream)
        other.__dict__.update(self.policy.__dict__)
        found_any = 0
        for seed in range(30):
            tracker = DialogueStateTracker("someone", c.domain().slots)
            for event in c.conversation(seed, 8):
                tracker.update(event)
                if event.type_name not in ("user", "action"):
                    continue
                for text in (True, False):
                    name, key, back = self.policy._find_action_from_rules(tracker, c.domain(), text)
                    expected = other._find_action_from_rules(tracker, c.domain(), text)
                    self.assertEqual((name, back), (expected[0], expected[2]), seed)
                    if name is not None:
                        found_any += 1
                        self.assertEqual(key, expected[1])
        self.assertGreater(found_any, 100)

    def test_no_rule_looks_further_back_than_the_memory_keeps(self) -> None:
        self.assertLessEqual(rules._known(self.policy).longest, Bounds().turns)

    def test_a_rule_without_an_intent_brings_the_text_pass_back(self) -> None:
        listening = {"prev_action": {"action_name": "action_listen"}}
        self.assertTrue(rules._matches_without_intent(listening))
        self.assertFalse(rules._matches_without_intent({**listening, "user": {"intent": "faq"}}))
        self.assertFalse(rules._matches_without_intent({"prev_action": {"action_name": "x"}}))


class TestStates(unittest.TestCase):
    def test_the_same_events_count(self) -> None:
        for seed in range(60):
            whole = c.conversation(seed, 1 + seed % 9)
            tracker = DialogueStateTracker("someone", c.domain().slots)
            for event in [*whole, *c.start(), *c.opened()] if seed % 3 else whole:
                tracker.update(event)
                expected = UPSTREAM["applied"](tracker)
                found = tracker.applied_events()
                self.assertEqual(list(map(id, found)), list(map(id, expected)), seed)

    def test_what_is_taken_back_is_left_to_upstream(self) -> None:
        for undo in (UserUtteranceReverted(), ActionReverted()):
            tracker = c.tracker_of([*c.start(), *c.opened(), *c.answered(), undo])
            self.assertEqual(tracker.applied_events(), UPSTREAM["applied"](tracker))

    def test_the_last_states_are_the_same(self) -> None:
        for seed in range(30):
            tracker = DialogueStateTracker("someone", c.domain().slots)
            for event in c.conversation(seed, 8):
                tracker.update(event)
                expected = tracker.past_states(c.domain())
                for most in (1, 2, 5):
                    found = states.last_states(tracker, c.domain(), most)
                    self.assertEqual(found, expected[-most:], seed)

    def test_a_slot_that_influences_the_conversation_is_seen(self) -> None:
        self.assertFalse(states._slots_are_seen(c.domain()))
        slot = {"type": "text", "influence_conversation": True, "mappings": [{"type": "custom"}]}
        other = Domain.from_dict({"version": "3.1", "slots": {"x": slot}})
        self.assertTrue(states._slots_are_seen(other))


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

"""Events, trackers, actions and calls: both upstream and ours are asked the same."""

import copy
import json
import random
import unittest

from jsonschema import Draft202012Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.shared.core.domain import ActionNotFoundException, Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.slots import Slot

from rasa_components.fast import actions, calls, events, trackers
from tests.dialogue.inside import conversations as c
from tests.dialogue.inside.upstream import UPSTREAM


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

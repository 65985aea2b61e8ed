"""Rules and states: both upstream and ours are asked the same."""

import json
import os
import tarfile
import unittest
from pathlib import Path

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionReverted, UserUtteranceReverted
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.fast import rules, states
from rasa_components.memory import Bounds
from tests.dialogue.inside import conversations as c
from tests.dialogue.inside.upstream import UPSTREAM


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

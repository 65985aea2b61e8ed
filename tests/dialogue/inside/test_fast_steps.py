"""The steps of a turn: both upstream and ours are asked the same."""

import time
import unittest
from typing import Any
from unittest import mock

from rasa.core.actions.action import action_for_name_or_text
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.domain import SessionConfig
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    DefinePrevUserUtteredFeaturization,
    Event,
)
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.channel import TurnOutput
from rasa_components.fast import trackers, turns
from tests.dialogue.inside import conversations as c
from tests.dialogue.inside.upstream import UPSTREAM


def processor() -> MessageProcessor:
    made = MessageProcessor.__new__(MessageProcessor)
    made.domain, made.action_endpoint = c.domain(), None
    made.max_number_of_predictions = 10
    made.nlg = TemplatedNaturalLanguageGenerator(c.domain().responses)
    return made


def told(events: Any) -> list[dict[str, Any]]:
    return [{**event.as_dict(), "timestamp": None} for event in events]


class TestActions(unittest.IsolatedAsyncioTestCase):
    async def ran(self, run: Any, name: str, events: list[Event], seed: int) -> tuple[object, ...]:
        tracker = c.tracker_of(c.conversation(seed, 1 + seed % 5))
        tracker.model_id = "m"
        output = TurnOutput("web")
        prediction = PolicyPrediction.for_action_name(c.domain(), name, "RulePolicy", 0.7)
        prediction.events, prediction.hide_rule_turn = events, True
        action = action_for_name_or_text(name, c.domain(), None)
        made = processor()
        more = await run(made, action, tracker, output, made.nlg, prediction)
        return more, told(tracker.events), c.state(tracker), output.messages

    async def test_the_same_events_messages_and_state(self) -> None:
        names = ("utter_faq", "action_listen", "action_session_start", "utter_thanks")
        for seed in range(12):
            for name in names:
                results = []
                for run in (turns._run_action, UPSTREAM["run"]):
                    with (
                        mock.patch("random.choice", lambda ways: ways[-1]),
                        mock.patch("time.time", lambda: 5_000.0),
                    ):
                        events = [DefinePrevUserUtteredFeaturization(False)] if seed % 2 else []
                        results.append(await self.ran(run, name, events, seed))
                self.assertEqual(results[0], results[1], (seed, name))

    async def test_a_response_that_fails_loses_its_events_alone(self) -> None:
        results = []
        broken = mock.patch.object(
            TemplatedNaturalLanguageGenerator, "generate", side_effect=RuntimeError
        )
        for run in (turns._run_action, UPSTREAM["run"]):
            with broken, self.assertLogs(level="ERROR"):
                results.append((await self.ran(run, "utter_faq", [], 1))[:2])
        self.assertEqual(results[0], results[1])

    def test_only_actions_that_read_go_without_a_copy(self) -> None:
        ours = {
            name
            for name in c.domain().action_names_or_texts
            if type(action_for_name_or_text(name, c.domain(), None)) in turns._READING
        }
        self.assertIn("utter_faq", ours)
        plain = {"action_listen", "action_session_start"}
        self.assertTrue(all(name.startswith("utter_") for name in ours - plain))


class TestSteps(unittest.TestCase):
    def test_the_limit_of_actions(self) -> None:
        made, reached = processor(), 0
        for seed in range(20):
            tracker = DialogueStateTracker("someone", c.domain().slots)
            for event in c.conversation(seed, 6):
                tracker.update(event)
                for made.max_number_of_predictions in (1, 2, 3):
                    expected = UPSTREAM["limit"](made, tracker, True)
                    most = made.max_number_of_predictions
                    self.assertEqual(turns._actions_since_pause(tracker, most), expected)
                    reached += expected
        self.assertGreater(reached, 50)
        tracker = c.tracker_of([*c.start(), c.user("faq"), *[ActionExecuted("utter_faq")] * 10])
        made.max_number_of_predictions = 10
        with self.assertRaises(ActionLimitReached):
            turns._predicted(made, tracker)

    def test_a_session_ends_when_it_did(self) -> None:
        made = processor()
        made.domain = mock.Mock()
        for minutes in (0, 1, 60):
            made.domain.session_config = SessionConfig(minutes, False)
            for age in (0, 30, 59, 61, 119, 3500, 3599, 3601, 10_000):
                tracker = c.tracker_of(c.start() + c.answered())
                for event in tracker.events:
                    event.timestamp = time.time() - age
                expected = UPSTREAM["expired"](made, tracker)
                self.assertEqual(turns._has_session_expired(made, tracker), expected, age)
        empty = DialogueStateTracker("someone", c.domain().slots)
        self.assertFalse(turns._has_session_expired(made, empty))

    def test_the_same_prediction_wins(self) -> None:
        def predictions() -> list[PolicyPrediction]:
            names = ("utter_faq", "action_listen")
            return [
                PolicyPrediction.for_action_name(c.domain(), name, "p", 0.9 - 0.1 * place)
                for place, name in enumerate(names)
            ]

        rejected = 0
        for seed in range(10):
            tracker = DialogueStateTracker("someone", c.domain().slots)
            for event in c.conversation(seed, 6):
                if type(event) is ActionExecutionRejected:
                    event = ActionExecutionRejected("utter_faq")
                    rejected += 1
                tracker.update(event)
                found = turns._best_policy_prediction(predictions(), tracker, c.domain())
                expected = UPSTREAM["best"](predictions(), tracker, c.domain())
                self.assertEqual(found, expected)
        self.assertGreater(rejected, 2)

    def test_an_update_is_upstreams(self) -> None:
        for seed in range(10):
            ours, theirs = (DialogueStateTracker("x", c.domain().slots) for _ in range(2))
            for tracker, update in ((ours, trackers._update), (theirs, UPSTREAM["update"])):
                tracker.model_id, tracker.assistant_id = "m", "a" if seed % 2 else None
                for event in c.conversation(seed, 5):
                    update(tracker, event)
            self.assertEqual(c.state(ours), c.state(theirs))
            self.assertEqual(told(ours.events), told(theirs.events))
        for wrong in (None, "utter_faq", {"event": "user"}):
            with self.assertRaises(ValueError):
                trackers._update(ours, wrong)

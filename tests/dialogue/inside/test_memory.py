"""A shortened conversation goes on as the whole one would have."""

import random
import unittest

from rasa.shared.core.events import SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.memory import Bounds, shortened
from tests.dialogue.inside import conversations as c

BOUNDS = Bounds(
    turns=2,
    slack=1,
    responses=frozenset({"utter_check_reason"}),
    intents=frozenset({"procedure_check"}),
)
# As many as the longest rule looks back (test_fast holds that).
LAST_STATES = 2


def last_states(tracker: DialogueStateTracker) -> list[object]:
    """What rules compare: of a message of the past its intent alone is kept."""
    states = c.domain().states_for_tracker_history(tracker)[-LAST_STATES:]
    return [{**s, "user": (s.get("user") or {}).get("intent")} for s in states]


class TestShortened(unittest.TestCase):
    def test_short_conversations_are_left_alone(self) -> None:
        events = c.conversation(1, 3)
        self.assertIsNone(shortened("someone", events, c.domain().slots, BOUNDS))

    def test_the_state_is_the_same_now_and_after_every_later_turn(self) -> None:
        for seed in range(60):
            events = c.conversation(seed, 12)
            kept = shortened("someone", events, c.domain().slots, BOUNDS)
            assert kept is not None
            in_form = c.tracker_of(events).active_loop is not None
            dice = random.Random(seed)
            later = [c.digression(dice), c.form_answer(dice)] if in_form else [c.answered()]
            for turn in ([], *later):
                events, kept = events + turn, kept + turn
                whole, short = c.tracker_of(events), c.tracker_of(kept)
                self.assertEqual(c.state(short), c.state(whole), seed)
                self.assertEqual(last_states(short), last_states(whole), seed)

    def test_again_and_again_it_stays_short(self) -> None:
        events = c.start()
        dice = random.Random(3)
        events += c.opened()
        for turn in range(200):
            events += c.form_answer(dice) if turn % 2 else c.digression(dice)
            events = shortened("someone", events, c.domain().slots, BOUNDS) or events
            self.assertLess(len(events), 50)
        tracker = c.tracker_of(events)
        self.assertEqual(tracker.active_loop_name, c.FORM)

    def test_what_was_told_and_asked_is_remembered_however_long_ago(self) -> None:
        events = c.start() + c.opened() + c.closed()
        for _ in range(40):
            events += c.answered()
            events = shortened("someone", events, c.domain().slots, BOUNDS) or events
        told = [e.metadata.get("utter_action") for e in events if e.type_name == "bot"]
        asked = [e.intent_name for e in events if isinstance(e, UserUttered)]
        self.assertEqual(told.count("utter_check_reason"), 1)
        self.assertEqual(asked.count("procedure_check"), 1)
        self.assertNotIn("utter_claims_wait_opening", told)

    def test_nothing_before_the_latest_session_counts(self) -> None:
        events = c.conversation(5, 20) + c.start()
        for _ in range(5):
            events += c.answered()
        kept = shortened("someone", events, c.domain().slots, BOUNDS)
        assert kept is not None
        self.assertEqual(sum(isinstance(e, SessionStarted) for e in kept), 1)
        self.assertEqual(c.state(c.tracker_of(kept)), c.state(c.tracker_of(events)))

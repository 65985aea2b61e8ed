"""States: the last few are made, of the events that can change them.

Upstream makes a new tracker with new slots for every prediction, replays all events that count
and describes the conversation before each action; RulePolicy then looks at as many of these
states as its longest rule has. Kept: those states are the same ones, and `applied_events` gives
the same events. Whatever these modules do not know (an event of another kind, a slot that
influences the conversation, a policy with a limited history) is left to upstream.
"""

from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core import events as e
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components.fast.rules import longest_rule

State = dict[str, Any]
_SESSION = (e.Restarted, e.SessionStarted)
# Events that stand in the list as they come, unless a form runs again.
_PLAIN = frozenset(
    (
        *(e.ActionExecuted, e.ActionExecutionRejected, e.ActiveLoop, e.AllSlotsReset),
        *(e.BotUttered, e.ConversationPaused, e.ConversationResumed, e.FollowupAction),
        *(e.DefinePrevUserUtteredFeaturization, e.LoopInterrupted, e.SlotSet, e.UserUttered),
        *_SESSION,
    )
)
# Events that change nothing of what a state shows where no slot influences the conversation.
_UNSEEN = frozenset((e.AllSlotsReset, e.BotUttered, e.SlotSet))
_applied = DialogueStateTracker.applied_events
_states = RulePolicy._prediction_states


def applied_events(self: DialogueStateTracker) -> list[e.Event]:
    """The tracker's `applied_events()`; kept until another event comes."""
    kept = self.__dict__.get("_applied")
    if kept is not None and kept[0] is self.events and kept[1] == len(self.events):
        return list(kept[2])
    applied = _made(self)
    self.__dict__["_applied"] = (self.events, len(self.events), applied)
    return list(applied)


def _made(self: DialogueStateTracker) -> list[e.Event]:
    if not _PLAIN.issuperset(map(type, self.events)):
        return list(_applied(self))
    loops = {event.name for event in self.events if type(event) is e.ActiveLoop and event.name}
    applied: list[e.Event] = []
    for event in self.events:
        kind = type(event)
        if kind in _SESSION:
            applied = []
        elif (
            kind is e.ActionExecuted
            and event.action_name in loops
            and not self._first_loop_execution_or_unhappy_path(event.action_name, applied)
        ):
            self._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)
    return applied


def _slots_are_seen(domain: Domain) -> bool:
    kept = domain.__dict__.get("_slots_are_seen")
    if kept is None:
        kept = any(slot.feature_dimensionality() for slot in domain.slots)
        domain.__dict__["_slots_are_seen"] = kept
    return bool(kept)


def last_states(tracker: DialogueStateTracker, domain: Domain, most: int) -> list[State]:
    """The last `most` of `tracker.past_states(domain)`; no slot may influence the conversation."""
    applied = tracker.applied_events()
    before = sum(type(event) is e.ActionExecuted for event in applied)
    replay = DialogueStateTracker(tracker.sender_id, ())
    states: list[State] = []
    for event in applied:
        kind = type(event)
        if kind is e.ActionExecuted:
            if before < most:
                states.append(domain.get_active_state(replay))
            before -= 1
        if kind not in _UNSEEN:
            event.apply_to(replay)
    return [*states, domain.get_active_state(replay)]


def _prediction_states(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    if self.featurizer.max_history is not None or _slots_are_seen(domain):
        return list(_states(self, tracker, domain, use_text_for_last_user_input, rule_only_data))
    states = last_states(tracker, domain, longest_rule(self))
    self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def apply() -> None:
    """Put it in place."""
    DialogueStateTracker.applied_events = applied_events
    RulePolicy._prediction_states = _prediction_states

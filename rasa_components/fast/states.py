"""States: the last few are made, of the events that can change them.

Upstream makes a new tracker with new slots for every prediction, replays all events that count
and describes the conversation before each action; RulePolicy then looks at as many of these
states as its longest rule has. Kept: those states are the same ones, and `applied_events` gives
the same events; what has been applied once is not gone through again. Whatever these modules do
not know (an event of another kind, a slot that influences the conversation, a policy with a
limited history) is left to upstream.
"""

from itertools import islice
from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core import events as e
from rasa.shared.core.constants import ACTIVE_LOOP, LOOP_NAME, PREVIOUS_ACTION, USER
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
# Of these, what changes nothing of the events before it.
_APPENDED = _PLAIN - {e.ActionExecuted, e.ActiveLoop, *_SESSION}
_applied = DialogueStateTracker.applied_events
_states = RulePolicy._prediction_states


class _Applied:
    """What `applied_events()` gave for the first `count` of a tracker's `events`."""

    def __init__(self, events: Any, applied: list[e.Event], loops: set[str]) -> None:
        self.events, self.applied, self.loops = events, applied, loops
        self.count = len(events)


def applied_events(self: DialogueStateTracker) -> list[e.Event]:
    """The tracker's `applied_events()`; kept, and gone on with when another event comes."""
    kept: _Applied | None = self.__dict__.get("_applied")
    if kept is not None and kept.events is self.events:
        if kept.count == len(self.events):
            return kept.applied.copy()
        if kept.count < len(self.events):
            more = list(islice(self.events, kept.count, None))
            if all(_is_appended(event, kept.loops) for event in more):
                kept.applied += more
                kept.count = len(self.events)
                return kept.applied.copy()
    if not _PLAIN.issuperset(map(type, self.events)):
        return list(_applied(self))
    made = self.__dict__["_applied"] = _made(self)
    return made.applied.copy()


def _is_appended(event: e.Event, loops: set[str]) -> bool:
    kind = type(event)
    if kind is e.ActionExecuted:
        return event.action_name not in loops
    return kind in _APPENDED


def _made(self: DialogueStateTracker) -> _Applied:
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
    return _Applied(self.events, applied, loops)


def _slots_are_seen(domain: Domain) -> bool:
    kept = domain.__dict__.get("_slots_are_seen")
    if kept is None:
        kept = any(slot.feature_dimensionality() for slot in domain.slots)
        domain.__dict__["_slots_are_seen"] = kept
    return bool(kept)


def last_states(tracker: DialogueStateTracker, domain: Domain, most: int) -> list[State]:
    """The last `most` of `tracker.past_states(domain)`; no slot may influence the conversation.

    A state shows the latest message, the latest action and the open form's name. Events have been
    applied to the tracker: what they change of a message (`use_text_for_featurization`) they have.
    """
    applied = tracker.applied_events()
    before = [*map(type, applied)].count(e.ActionExecuted)
    message: e.UserUttered | None = None
    action: e.ActionExecuted | None = None
    loop: str | None = None
    states: list[State] = []
    for event in applied:
        kind = type(event)
        if kind is e.ActionExecuted:
            if before < most:
                states.append(_state(domain, message, action, loop))
            before -= 1
            action = event
        elif kind is e.UserUttered:
            message = event
        elif kind is e.ActiveLoop:
            loop = event.name
        elif kind not in _PLAIN:
            return list(tracker.past_states(domain))[-most:]
    return [*states, _state(domain, message, action, loop)]


def _state(
    domain: Domain,
    message: e.UserUttered | None,
    action: e.ActionExecuted | None,
    loop: str | None,
) -> State:
    """As `domain.get_active_state` tells it; a new one each time, since callers change it."""
    state: State = {}
    if message is not None and (user := _user_state(domain, message)):
        state[USER] = dict(user)
    if action is not None:
        state[PREVIOUS_ACTION] = action.as_sub_state()
    if loop is not None:
        state[ACTIVE_LOOP] = {LOOP_NAME: loop}
    return state


class _Saying:
    """What `_get_user_sub_state` asks of a tracker."""

    def __init__(self, message: e.UserUttered) -> None:
        self.latest_message = message


def _user_state(domain: Domain, message: e.UserUttered) -> dict[str, Any]:
    kept = message.__dict__.get("_user_state")
    if kept is None or kept[0] is not domain or kept[1] != message.use_text_for_featurization:
        made = _user_state_made(domain, message)
        kept = message.__dict__["_user_state"] = (domain, message.use_text_for_featurization, made)
    return kept[2]  # type: ignore[no-any-return]


def _user_state_made(domain: Domain, message: e.UserUttered) -> dict[str, Any]:
    if message.entities:
        return dict(domain._get_user_sub_state(_Saying(message)))
    return {} if message.is_empty() else dict(message.as_sub_state())


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

"""What the dialogue keeps of a conversation: its state and the last turns, never all of it.

Rasa re-reads, copies and sends a tracker's events several times a turn, so a turn would cost
more than the one before it. The whole conversation lies in the app's journal; the dialogue needs
the state (slots, the open form) and the turns that its handlers look back at. `shortened` puts
everything older into one short prelude that leads to the same state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

# Asked by type in what runs every turn: Rasa's events are abstract classes, to which isinstance is
# a slow question, and none of these has subclasses.
_BEGINS = frozenset((SessionStarted, Restarted))


@dataclass(frozen=True)
class Bounds:
    """How much is kept. `turns`: whole turns after a cut; a cut comes after `slack` more.

    `responses` and `intents` are remembered as having been told or asked however long ago
    (`said_before` and `asked_before` of the handlers).
    """

    turns: int = 2
    slack: int = 3
    responses: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()


def shortened(
    sender_id: str, events: Sequence[Event], slots: Iterable[Slot], bounds: Bounds
) -> list[Event] | None:
    """The events to go on with; None where there is nothing to cut yet."""
    events = _since_session(events)
    starts = [i for i, event in enumerate(events) if type(event) is UserUttered and event.text]
    if len(starts) <= bounds.turns + bounds.slack:
        return None
    cut = starts[-bounds.turns]
    past = DialogueStateTracker.from_events(sender_id, list(events[:cut]), slots)
    return [*_prelude(past, events[:cut], bounds), *events[cut:]]


def _since_session(events: Sequence[Event]) -> Sequence[Event]:
    """Nothing before the latest session counts (as in Rasa's own SQL store)."""
    for i in range(len(events) - 1, -1, -1):
        if type(events[i]) in _BEGINS:
            begins = i > 0 and type(events[i - 1]) is ActionExecuted
            return events[i - 1 :] if begins else events[i:]
    return events


def _prelude(past: DialogueStateTracker, dropped: Sequence[Event], bounds: Bounds) -> list[Event]:
    prelude: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    prelude += _remembered(dropped, bounds)
    # The message that the states after it show: where a form runs again, Rasa hides what lies
    # between its runs, so that this may be an older one than the last.
    shown = [event for event in past.applied_events() if isinstance(event, UserUttered)]
    prelude += [_mark(str(shown[-1].intent_name))] if shown else []
    if past.active_loop_name is not None:
        # The form's first run belongs to the state: Rasa hides the runs after it (applied_events).
        prelude += [ActionExecuted(past.active_loop_name), ActiveLoop(past.active_loop_name)]
        if past.is_active_loop_rejected:
            prelude.append(ActionExecutionRejected(past.active_loop_name))
    prelude += [
        SlotSet(slot.name, slot.value)
        for slot in past.slots.values()
        if slot.value != slot.initial_value
    ]
    if past.is_paused():
        prelude.append(ConversationPaused())
    prelude.append(ActionExecuted(ACTION_LISTEN_NAME))
    for event in prelude:
        # Where the clock cannot be asked again: the prelude is as old as what it replaces.
        event.timestamp = dropped[-1].timestamp
    return prelude


def _remembered(dropped: Sequence[Event], bounds: Bounds) -> list[Event]:
    """One mark for each response and intent of `bounds` that has occurred; without any text."""
    told: dict[str, None] = {}
    asked: dict[str, None] = {}
    for event in dropped:
        if isinstance(event, BotUttered):
            told[str(event.metadata.get("utter_action"))] = None
        elif isinstance(event, UserUttered):
            asked[str(event.intent_name)] = None
    marks: list[Event] = [_mark(name) for name in asked if name in bounds.intents]
    return marks + [
        BotUttered(metadata={"utter_action": name}) for name in told if name in bounds.responses
    ]


def _mark(intent: str) -> UserUttered:
    """A message of which only the intent is kept."""
    return UserUttered("", intent={"name": intent, "confidence": 1.0})

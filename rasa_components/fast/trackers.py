"""Trackers are copied, not replayed.

Upstream makes every copy (one an action, two more in a form) by replaying all events into new
slots. The state of a tracker is, by upstream's own rule, what its events make of it; so the copy
takes the state over. Kept: a copy is equal to the replayed one and shares nothing that changes
(slots, the loop, the list of events); events themselves are shared, as upstream does.
"""

import copy
from collections.abc import Sequence
from typing import Any

from rasa.core.actions.forms import FormAction
from rasa.shared.constants import ASSISTANT_ID_KEY
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, Restarted, SlotSet
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import METADATA_MODEL_ID


def _copied_slot(slot: Slot) -> Slot:
    made: Slot = object.__new__(type(slot))
    made.__dict__.update(slot.__dict__)
    return made


def copied(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker's `copy()`."""
    made: DialogueStateTracker = object.__new__(DialogueStateTracker)
    made.__dict__.update(tracker.__dict__)
    made.events = tracker.events.copy()
    slots = {name: _copied_slot(slot) for name, slot in tracker.slots.items()}
    made.slots = slots if type(tracker.slots) is dict else _like(tracker.slots, slots)
    made.active_loop = copy.copy(tracker.active_loop)
    made.latest_action = copy.copy(tracker.latest_action)
    # As upstream's: a replayed copy has neither.
    made.model_id = made.assistant_id = made.sender_source = None
    return made


def _like(slots: Any, copies: dict[str, Slot]) -> Any:
    made = type(slots)()
    made.update(copies)
    return made


def _temporary_tracker(
    self: FormAction,
    current_tracker: DialogueStateTracker,
    additional_events: Sequence[Event],
    domain: Domain,
) -> DialogueStateTracker:
    if any(isinstance(event, Restarted) for event in current_tracker.events):
        return _upstream(self, current_tracker, additional_events, domain)
    made = copied(current_tracker)
    made.update(SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker)))
    made.update(ActionExecuted(self.name()))
    for event in additional_events:
        made.update(event)
    return made


_upstream = FormAction._temporary_tracker


def _update(self: DialogueStateTracker, event: Event, domain: Domain | None = None) -> None:
    # Rasa's events are abstract classes: their own question is the expensive part of an update.
    if Event not in type(event).__mro__:
        raise ValueError("event to log must be an instance of a subclass of Event.")
    metadata = event.metadata
    if self.model_id and METADATA_MODEL_ID not in metadata:
        metadata = {**metadata, METADATA_MODEL_ID: self.model_id}
    if self.assistant_id and ASSISTANT_ID_KEY not in metadata:
        metadata = {**metadata, ASSISTANT_ID_KEY: self.assistant_id}
    if metadata is not event.metadata:
        event.metadata = metadata
    self.events.append(event)
    event.apply_to(self)


def apply() -> None:
    """Put it in place."""
    DialogueStateTracker.copy = copied
    DialogueStateTracker.update = _update
    FormAction._temporary_tracker = _temporary_tracker
    Slot.__copy__ = _copied_slot

"""A conversation that another release has led: what this model does not know is put aside.

A model has the forms of its own release only. Rasa would run the open form of another one by its
name, at every message: each turn would fail, and the conversation with it, for good. So a form
that is not there is closed when the conversation is read, and the member's words are taken as
outside of it. Slots that are not there are left out by Rasa itself, unknown intents and actions of
the past match no rule, an old button's topic is the channel's business and an open question that is
not there the form's (actions/handlers/procedure_check.py).
"""

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


def closing_events(tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
    """What closes an open form that `domain` does not have; nothing where it has it."""
    form = tracker.active_loop_name
    if form is None or form in domain.form_names:
        return []
    return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]

"""A conversation as one of Rasa's test stories (`rasa test core`), for regression tests.

A pressed button stands as its payload, since no text would be understood as it. What an action
decided stands as slots and forms, because Rasa runs no actions when it tests stories.
"""

import copy
import json

from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_writer.yaml_story_writer import YAMLStoryWriter


def story_of(tracker: DialogueStateTracker, name: str) -> str:
    """The tracker's conversation as YAML with the one story `name`."""
    events: list[Event] = [
        _pressed(event) if isinstance(event, UserUttered) else event for event in tracker.events
    ]
    told = DialogueStateTracker.from_events(name, events, tracker.slots.values())
    return str(told.export_stories(YAMLStoryWriter(), e2e=True))


def _pressed(event: UserUttered) -> UserUttered:
    # The channel gives a button's intent as the only one; the model always ranks several.
    if len((event.parse_data or {}).get("intent_ranking", [])) != 1:
        return event
    intent = event.intent_name
    values = {entity["entity"]: entity["value"] for entity in event.entities}
    given = copy.copy(event)
    given.text = f"/{intent}{json.dumps(values, ensure_ascii=False) if values else ''}"
    return given

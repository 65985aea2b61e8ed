"""The few places where Rasa 3.6.21 itself is changed, each with the upstream behaviour it keeps.

1. `FailSafeTrackerStore` answers a failed read with an empty tracker and a failed write with
   memory: a member's check would silently begin anew. Here the error is raised; the turn fails
   and the app apologises.
2. `RemoteAction._validate_action_result` re-checks its own JSON schema at every call (27-41 ms
   of blocked event loop, notes of the project). Here the validator is built once; what it
   accepts and the ValidationError it raises stay the same.
"""

from typing import Any

from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import FailSafeTrackerStore

_VALIDATOR = Draft202012Validator(RemoteAction.action_response_format_spec())
_applied = False


def _raise(self: FailSafeTrackerStore, error: Exception) -> None:
    raise error


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    _VALIDATOR.validate(result)
    return True


def apply() -> None:
    """Apply once; safe to call again."""
    global _applied
    if _applied:
        return
    FailSafeTrackerStore.on_tracker_store_error = _raise
    FailSafeTrackerStore.on_tracker_store_retrieve_error = _raise
    RemoteAction._validate_action_result = _validate_action_result
    _applied = True

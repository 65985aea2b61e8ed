"""The few places where Rasa 3.6.21 itself is changed, besides its speed (`rasa_components.fast`).

`FailSafeTrackerStore` answers a failed read with an empty tracker and a failed write with
memory: a member's check would silently begin anew. Here the error is raised; the turn fails
and the app apologises.
"""

from rasa.core.tracker_store import FailSafeTrackerStore

_applied = False


def _raise(self: FailSafeTrackerStore, error: Exception) -> None:
    raise error


def apply() -> None:
    """Apply once; safe to call again."""
    global _applied
    if _applied:
        return
    FailSafeTrackerStore.on_tracker_store_error = _raise
    FailSafeTrackerStore.on_tracker_store_retrieve_error = _raise
    _applied = True

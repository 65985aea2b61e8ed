"""Debug messages that nobody reads cost nothing.

Upstream copies events, slots and states deeply and formats all states for debug messages at
every step, whatever the level. Kept: with the level DEBUG nothing is changed. In these modules
`copy` serves debug messages only (tests/rasa holds that against the installed version).
"""

import copy
import logging
from typing import Any

import rasa.core.actions.forms
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.policies.policy import Policy

MODULES = (rasa.core.processor, rasa.core.actions.forms, rasa.core.policies.rule_policy)


class _NoCopies:
    """Stands for the module `copy`: what is only shown needs no copy of its own."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value

    copy = staticmethod(copy.copy)


def apply() -> None:
    """Put it in place."""
    if logging.getLogger("rasa").isEnabledFor(logging.DEBUG):
        return
    for module in MODULES:
        module.copy = _NoCopies
    Policy.format_tracker_states = staticmethod(lambda states: "")

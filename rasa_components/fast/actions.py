"""Actions: found once, slots extracted only where there is something to extract.

Kept: `action_for_name_or_text` gives an action of the same class and name, and the same error for
an unknown one; the instances are shared, since none of these actions keeps anything of a turn.
`ActionExtractSlots` gives the same events: where every slot of the domain is filled by actions
alone (mapping `custom` without an `action`) and `action_validate_slot_mappings` is not declared,
there are none.
"""

from typing import Any

import rasa.core.actions.action as upstream
from rasa.shared.core.constants import (
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

_for_name = upstream.action_for_name_or_text
_extract = upstream.ActionExtractSlots.run


class _Found:
    """The actions of one domain, and whether its slots are filled by actions alone."""

    def __init__(self, domain: Domain, endpoint: EndpointConfig | None) -> None:
        self.domain, self.endpoint = domain, endpoint
        self.actions: dict[str, upstream.Action] = {}
        self.nothing_to_extract = ACTION_VALIDATE_SLOT_MAPPINGS not in domain.user_actions and all(
            mapping.get(MAPPING_TYPE) == str(SlotMappingType.CUSTOM) and not mapping.get("action")
            for slot in domain.slots
            if slot.name not in DEFAULT_SLOT_NAMES
            for mapping in slot.mappings
        )


_found: list[_Found] = []


def _of(domain: Domain, endpoint: EndpointConfig | None) -> _Found:
    # One domain at a time: the process has one model.
    if not _found or _found[0].domain is not domain or _found[0].endpoint is not endpoint:
        _found[:] = [_Found(domain, endpoint)]
    return _found[0]


def _action_for_name_or_text(
    action_name_or_text: str, domain: Domain, action_endpoint: EndpointConfig | None
) -> upstream.Action:
    actions = _of(domain, action_endpoint).actions
    action = actions.get(action_name_or_text)
    if action is None:
        action = _for_name(action_name_or_text, domain, action_endpoint)
        actions[action_name_or_text] = action
    return action


async def _run(
    self: upstream.ActionExtractSlots, output_channel: Any, nlg: Any, tracker: Any, domain: Domain
) -> list[Any]:
    if _of(domain, self._action_endpoint).nothing_to_extract:
        return []
    return list(await _extract(self, output_channel, nlg, tracker, domain))


def apply() -> None:
    """Put it in place."""
    upstream.action_for_name_or_text = _action_for_name_or_text
    upstream.ActionExtractSlots.run = _run

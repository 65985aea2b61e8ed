"""Responses: drawn, copied and filled without detours.

Upstream draws from the variations with NumPy (40 us, even from one), copies the response with the
general `deepcopy` and sends every string through a pattern. Kept: which variations may be drawn,
each as often as the others; the copy shares nothing that changes; every place that holds a brace
is filled by upstream.
"""

import copy
import random
from typing import Any

from rasa.core.nlg import interpolator, response
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator

_ATOMS = frozenset((str, int, float, bool, type(None)))
_interpolate_text = interpolator.interpolate_text


def copied(value: Any) -> Any:
    """`copy.deepcopy` of what JSON can say; anything else inside is left to `deepcopy` itself."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {key: copied(inner) for key, inner in value.items()}
    if kind is list:
        return [copied(inner) for inner in value]
    return copy.deepcopy(value)


class _Copies:
    """Stands for the module `copy`."""

    deepcopy = staticmethod(copied)


def _random_response_for(
    self: TemplatedNaturalLanguageGenerator,
    utter_action: str,
    output_channel: str,
    filled_slots: dict[str, Any],
) -> dict[str, Any] | None:
    if utter_action not in self.responses:
        return None
    suitable = ResponseVariationFilter(self.responses).responses_for_utter_action(
        utter_action, output_channel, filled_slots
    )
    return random.choice(suitable) if suitable else None


def _interpolate(text: str, values: dict[str, str]) -> str:
    if "{" not in text and "}" not in text:
        return text
    return str(_interpolate_text(text, values))


def apply() -> None:
    """Put it in place."""
    TemplatedNaturalLanguageGenerator._random_response_for = _random_response_for
    response.copy = _Copies
    interpolator.interpolate_text = _interpolate

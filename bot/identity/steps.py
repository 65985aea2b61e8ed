"""What the dialogue is told of a number or a code, and what the journal keeps of the words."""

import json
from enum import StrEnum

from bot.identity.typed import Typed
from bot.store.records import Taken
from bot.text import clean, mask


class Step(StrEnum):
    """What became of a number or a code; the dialogue is told this and nothing else."""

    number_taken = "number_taken"
    number_length = "number_length"
    code_ok = "code_ok"
    code_wrong = "code_wrong"
    code_length = "code_length"
    code_expired = "code_expired"
    code_locked = "code_locked"
    too_many = "too_many"


def taken(typed: Typed, step: Step) -> Taken:
    """Words in which a number or a code was found."""
    return Taken(typed.kept, "/identity_step" + json.dumps({"value": step.value}))


def pressed_for_code(value: str, words: str) -> Taken:
    """Words about the code that is awaited: as if the button with this value was pressed."""
    answer = {"question": "mail_code", "value": value}
    return Taken(mask(clean(words)), "/answer" + json.dumps(answer))

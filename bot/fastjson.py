"""JSON of every turn: what the API answers, what the tables keep, what the dialogue is told."""

import json
from typing import Any

import orjson


def written(value: Any) -> bytes:
    """`value` as JSON in UTF-8, without spaces.

    Half a character that somebody sent (a lone surrogate) has no UTF-8: then as ASCII with escapes.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def text_of(value: Any) -> str:
    """The same as text, as drivers of databases want it."""
    return written(value).decode()


def read(said: bytes | str) -> Any:
    """The value. Raises ValueError; lone surrogates are read as Python does."""
    try:
        return orjson.loads(said)
    except ValueError:
        return json.loads(said)

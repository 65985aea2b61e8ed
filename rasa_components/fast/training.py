"""Training reads each file once and tells sentences apart quickly.

Upstream parses every YAML file three to four times for each of three passes over the data, and
fingerprints every sentence through containers of containers. Kept: the same values (each caller
gets a copy of its own), the same errors; sentences have the same fingerprint exactly where all
their data are the same. The fingerprints serve sorting out doubles and Rasa's training cache.
"""

import hashlib
import json
import pickle
from typing import Any

import rasa.shared.utils.io
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message

_read = rasa.shared.utils.io.read_yaml
_seen: dict[tuple[str, str], bytes] = {}


def _read_yaml(content: str, reader_type: str | list[str] = "safe") -> Any:
    key = (str(reader_type), content)
    if key not in _seen:
        _seen[key] = pickle.dumps(_read(content, reader_type))
    return pickle.loads(_seen[key])


def _fingerprint(self: Message) -> str:
    if self._cached_fingerprint is None:
        features = [feature.fingerprint() for feature in self.features]
        data = json.dumps([self.data, features], sort_keys=True, default=_plain)
        self._cached_fingerprint = hashlib.sha256(data.encode()).hexdigest()
    return str(self._cached_fingerprint)


def _plain(value: Any) -> Any:
    if isinstance(value, Token):
        return vars(value)
    if isinstance(value, set):
        return sorted(value)
    return value.fingerprint() if hasattr(value, "fingerprint") else repr(value)


def apply() -> None:
    """Put it in place; for the training process only."""
    rasa.shared.utils.io.read_yaml = _read_yaml
    Message.fingerprint = _fingerprint

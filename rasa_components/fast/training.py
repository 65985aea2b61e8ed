"""Training reads each file once, tells sentences apart quickly and copies them plainly.

Upstream parses every YAML file three to four times for each of three passes over the data, checks
it as often against its schema, copies every sentence deeply whenever data are put together,
fingerprints it again after every step through containers of containers, and packs the model as
small as gzip can. Kept: the same values (each caller gets a copy of its own), the same errors;
sentences have the same fingerprint exactly where all their data are the same. The fingerprints
serve sorting out doubles and Rasa's training cache.
"""

import copy
import hashlib
import json
import pickle
import tarfile
from typing import Any

import rasa.shared.utils.io
import rasa.shared.utils.validation
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message

from rasa_components.fast.responses import copied

_read = rasa.shared.utils.io.read_yaml
_validate = rasa.shared.utils.validation.validate_yaml_schema
_set = Message.set
_pack = tarfile.TarFile.gzopen
_seen: dict[tuple[str, str], bytes] = {}
_right: set[tuple[str, str, str]] = set()
# A tenth larger than the smallest that gzip makes, in a fifth of the time.
_LEVEL = 1


def _read_yaml(content: str, reader_type: str | list[str] = "safe") -> Any:
    key = (str(reader_type), content)
    if key not in _seen:
        _seen[key] = pickle.dumps(_read(content, reader_type))
    return pickle.loads(_seen[key])


def _validate_yaml_schema(content: str, schema_path: str, package_name: str = "rasa") -> None:
    key = (content, schema_path, package_name)
    if key not in _right:
        _validate(content, schema_path, package_name)
        _right.add(key)


def _deepcopy(self: Message, memo: dict[int, Any]) -> Message:
    made: Message = Message.__new__(Message)
    made.__dict__.update(self.__dict__)
    made.data = copied(self.data)
    made.features = copy.deepcopy(self.features, memo)
    made.output_properties = set(self.output_properties)
    return made


def _set_if_new(self: Message, prop: str, info: Any, add_to_output: bool = False) -> None:
    # The value that is there already changes nothing: the fingerprint stays.
    if add_to_output or type(info) is not str or self.data.get(prop) != info:
        _set(self, prop, info, add_to_output)


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


def _packed_quickly(name: Any, mode: str = "r", fileobj: Any = None, **more: Any) -> Any:
    return _pack(name, mode, fileobj, **{**more, "compresslevel": _LEVEL})


def apply() -> None:
    """Put it in place; for the training process only."""
    rasa.shared.utils.io.read_yaml = _read_yaml
    rasa.shared.utils.validation.validate_yaml_schema = _validate_yaml_schema
    Message.fingerprint = _fingerprint
    Message.__deepcopy__ = _deepcopy
    Message.set = _set_if_new
    tarfile.TarFile.gzopen = staticmethod(_packed_quickly)

"""Starts Rasa without the libraries that this assistant never uses.

`rasa` imports every component it ships: TensorFlow with Keras, transformers, its web server, the
clients of channels and stores that are not configured. That is most of the process's memory and
of its start. `install()` answers those imports with inert modules, before `rasa` is imported.

Kept from upstream: a class may inherit from an inert one, a decorator leaves its function as it
is, annotations and constants evaluate. Whoever really uses one of these libraries, for instance
after adding DIET to config.yml, gets `LeftOut` with the library's name: loud, never half a model.
"""

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

# Top-level packages that rasa's own modules import and nothing of this assistant uses.
_NEVER_USED = (
    "aiogram aio_pika boto3 botocore confluent_kafka fbmessenger keras mattermostwrapper matplotlib"
    " pymongo questionary randomname rocketchat_API sanic sanic_cors sanic_jwt slack_sdk socketio"
    " spacy sklearn_crfsuite telebot tensorflow tensorflow_addons tensorflow_hub tensorflow_text"
    " transformers twilio webexteamssdk"
)
# Training needs these, answering does not.
_FOR_TRAINING = "joblib networkx scipy sklearn"

_left_out: frozenset[str] = frozenset()
_sealed = False


class LeftOut(RuntimeError):
    """A library was used that this process was started without."""


class _InertType(type):
    """Type of the inert classes: any attribute is another one, instances are refused."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _inert(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if _sealed:
            raise LeftOut(f"{cls.__qualname__} is left out of this process (lean.py)")
        # A decorator, with or without arguments, leaves what it decorates as it is.
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return cls

    def __getitem__(cls, _key: object) -> Any:
        return cls


def _inert(qualname: str) -> Any:
    name = qualname.rpartition(".")[2]
    if name.endswith(("Error", "Exception", "Failure")):
        return type(name, (Exception,), {})  # named in except clauses
    made = _InertType(name, (), {})
    made.__qualname__ = qualname
    return made


class _InertModule(types.ModuleType):
    """A module of which every name exists."""

    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        found = _inert(f"{self.__name__}.{name}")
        setattr(self, name, found)
        return found


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in _left_out:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def install(training: bool = False) -> None:
    """Answer imports of what is left out with inert modules; must come before `import rasa`."""
    global _left_out
    if "rasa" in sys.modules:
        raise LeftOut("rasa is imported already: nothing can be left out any more")
    names = _NEVER_USED if training else f"{_NEVER_USED} {_FOR_TRAINING}"
    _left_out = frozenset(names.split())
    sys.meta_path.insert(0, _Finder())


def seal() -> None:
    """From now on whoever calls something that is left out gets `LeftOut`."""
    global _sealed
    _sealed = True

"""Every route of the console as the app has it, so that new ones are tested by themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from bot.channels.staff.access import checked_session, supervisor
from bot.channels.staff.guard import under_base

# A guest may read these, and nothing else.
PUBLIC = {
    ("GET", "/staff"),
    ("GET", "/staff/"),
    ("GET", "/staff/sign-in"),
    ("POST", "/staff/sign-in"),
    ("POST", "/staff/sign-in/demo"),
}
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


@dataclass(frozen=True)
class ConsoleRoute:
    """One method of a route; `path` has something in place of its parameters."""

    method: str
    template: str
    path: str
    for_supervisors: bool
    asks_who: bool

    @property
    def is_public(self) -> bool:
        """Whether it is on the list of what guests may have."""
        return (self.method, self.template) in PUBLIC

    @property
    def is_unsafe(self) -> bool:
        """Whether it may change something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")


def console_routes(app: FastAPI) -> list[ConsoleRoute]:
    """All of them."""
    return list(_routes(app))


def _routes(app: FastAPI) -> Iterator[ConsoleRoute]:
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        if not under_base(path) or not context.methods:
            continue
        calls = set(_calls(context.dependant))
        for method in sorted(context.methods - {"HEAD"}):
            yield ConsoleRoute(
                method,
                path,
                _PARAMETER.sub("1", path),
                supervisor in calls,
                checked_session in calls,
            )


def _calls(dependant: Any) -> Iterator[Any]:
    for below in dependant.dependencies:
        yield below.call
        yield from _calls(below)

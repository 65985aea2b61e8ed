"""Calls of custom actions: kept connections, each event written once, a quick look at the answer.

Upstream opens a connection for every call (a shared session was taken back in 3.6.15, #12965:
the server let go of a kept connection first). Here the app keeps idle connections longer than
this side does, so that never happens while it runs. One that is stopped closes them: a call that
lost its connection is made again, since another app may stand behind the same address by then.
Kept: body, headers, status codes and errors; an answer that is not plainly right is judged by
upstream's schema and refused with its error. Not kept: the domain (113 KB), which upstream sends
to every validation of a form; no handler looks at it (tests/dialogue/test_handlers_need.py).
"""

import asyncio
import json as json_module
from typing import Any

import aiohttp
import rasa
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from rasa_components.fast.events import line_of, told
from wire import Reply, Wire

# The app's listener keeps them for a minute (bot/serving/app_process.py).
_KEEPALIVE_S = 30.0
_AGAIN_AFTER_S = (0.05, 0.2, 0.5, 1.0)
_WITHIN_S = 4.0
# Never the app's own: no app stands behind the load balancer now, and soon one does.
_BALANCERS = frozenset((502, 503, 504))
_VALIDATOR = Draft202012Validator(RemoteAction.action_response_format_spec())
_PLAIN_EVENTS = {
    "slot": frozenset(("event", "timestamp", "name", "value")),
    "followup": frozenset(("event", "timestamp", "name")),
}


class _Lines(list[str]):
    """A tracker's events as lines of JSON."""


class ActionEndpoint(EndpointConfig):
    """The action endpoint of endpoints.yml with connections that live as long as the process."""

    @classmethod
    def like(cls, endpoint: EndpointConfig) -> "ActionEndpoint":
        """The same endpoint. Raises ValueError for a user name and password: they are not sent."""
        if endpoint.basic_auth:
            raise ValueError("endpoints.yml: the action endpoint takes no basic_auth")
        made = cls.__new__(cls)
        made.__dict__.update(endpoint.__dict__)
        made._wire = None
        return made

    _wire: Wire | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """POST `json`; the answer's JSON. Raises ClientResponseError, aiohttp.ClientError."""
        if self._wire is None:
            parameters = self.combine_parameters()
            self._wire = Wire(self.url, self.headers, parameters, _KEEPALIVE_S)
        reply = await _posted(self._wire, _body(kwargs["json"]))
        if reply.status >= 400:
            raise ClientResponseError(reply.status, "", reply.body)
        return json_module.loads(reply.body)


async def _posted(wire: Wire, body: bytes) -> Reply:
    for pause in _AGAIN_AFTER_S:
        try:
            reply = await _once(wire, body)
            if reply.status not in _BALANCERS:
                return reply
        except aiohttp.ClientConnectionError:  # that app is going; another one answers
            pass
        await asyncio.sleep(pause)
    return await _once(wire, body)


async def _once(wire: Wire, body: bytes) -> Reply:
    """One try. Raises aiohttp.ClientConnectionError, also where nobody answers for long."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await wire.post(body)
    except TimeoutError:
        # A killed app's supervisor keeps its socket: who connects waits until the app is back.
        raise aiohttp.ClientConnectionError("no answer in time") from None


def _body(call: dict[str, Any]) -> bytes:
    state = call["tracker"]
    if not isinstance(state.get("events"), _Lines):
        return json_module.dumps(call).encode()
    head = {key: value for key, value in call.items() if key != "tracker"}
    plain = {key: value for key, value in state.items() if key != "events"}
    events = ",".join(state["events"])
    text = f'{told(head)[:-1]},"tracker":{told(plain)[:-1]},"events":[{events}]}}}}'
    return text.encode("utf-8", "surrogatepass")


def _action_call_format(
    self: RemoteAction, tracker: DialogueStateTracker, _domain: Domain
) -> dict[str, Any]:
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = _Lines(line_of(event) for event in tracker.events)
    return {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
    }


def is_plain(result: Any) -> bool:
    """Whether an answer has only events that need no schema to be seen as right."""
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events"), result.get("responses")
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
        and all(map(_is_plain_event, events))
    )


def _is_plain_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and _PLAIN_EVENTS.get(event.get("event", ""), frozenset()) == event.keys()
        and isinstance(event["name"], str)
        and event["timestamp"] is None
    )


def _validate_action_result(self: RemoteAction, result: Any) -> bool:
    if not is_plain(result):
        _VALIDATOR.validate(result)
    return True


def apply() -> None:
    """Put it in place."""
    RemoteAction._action_call_format = _action_call_format
    RemoteAction._validate_action_result = _validate_action_result

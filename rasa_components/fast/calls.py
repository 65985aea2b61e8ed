"""Calls of custom actions: one session, each event written once, a quick look at the answer.

Upstream opens a connection for every call (a shared session was taken back in 3.6.15, #12965:
the server let go of a kept connection first). Here the app keeps idle connections longer than
this side does, so that never happens while it runs. One that is stopped closes them: a call that
lost its connection is made again, since another app may stand behind the same address by then.
Kept: body, headers, timeout, status codes and errors; an answer that is not plainly right is
judged by upstream's schema and refused with its error.
"""

import asyncio
import json as json_module
from typing import Any

import aiohttp
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from rasa_components.fast.events import line_of

# The app's listener keeps them for a minute (bot/serving/app_process.py).
_KEEPALIVE_S = 30.0
_AGAIN_AFTER_S = (0.05, 0.2, 0.5)
_VALIDATOR = Draft202012Validator(RemoteAction.action_response_format_spec())
_PLAIN_EVENTS = {
    "slot": frozenset(("event", "timestamp", "name", "value")),
    "followup": frozenset(("event", "timestamp", "name")),
}


class _Lines(list[str]):
    """A tracker's events as lines of JSON."""


class ActionEndpoint(EndpointConfig):
    """The action endpoint of endpoints.yml with a session that lives as long as the process."""

    @classmethod
    def like(cls, endpoint: EndpointConfig) -> "ActionEndpoint":
        """The same endpoint."""
        made = cls.__new__(cls)
        made.__dict__.update(endpoint.__dict__)
        made._session = None
        return made

    _session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """POST `json`; the answer's JSON. Raises ClientResponseError, aiohttp.ClientError."""
        body, timeout = _body(kwargs["json"]), aiohttp.ClientTimeout(total=kwargs.get("timeout"))
        for pause in _AGAIN_AFTER_S:
            try:
                return await self._post(body, compress, timeout)
            except aiohttp.ServerTimeoutError:
                raise
            except aiohttp.ClientConnectionError:  # that app is going; another one answers
                await asyncio.sleep(pause)
        return await self._post(body, compress, timeout)

    async def _post(self, body: bytes, compress: bool, timeout: aiohttp.ClientTimeout) -> Any:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S)
            self._session = aiohttp.ClientSession(connector=connector, headers=self.headers)
        async with self._session.post(
            self.url,
            data=body,
            params=self.combine_parameters(),
            headers={"Content-Type": "application/json"},
            compress=compress or None,
            timeout=timeout,
        ) as response:
            if response.status >= 400:
                raise ClientResponseError(
                    response.status, response.reason, await response.content.read()
                )
            return await response.json()


def _body(call: dict[str, Any]) -> bytes:
    state = call["tracker"]
    if not isinstance(state.get("events"), _Lines):
        return json_module.dumps(call).encode()
    head = {key: value for key, value in call.items() if key != "tracker"}
    plain = {key: value for key, value in state.items() if key != "events"}
    events = ",".join(state["events"])
    text = f'{_dumped(head)[:-1]}, "tracker": {_dumped(plain)[:-1]}, "events": [{events}]}}}}'
    return text.encode("utf-8", "surrogatepass")


def _dumped(value: dict[str, Any]) -> str:
    return json_module.dumps(value, ensure_ascii=False)


def _action_call_format(
    self: RemoteAction, tracker: DialogueStateTracker, domain: Domain
) -> dict[str, Any]:
    call: dict[str, Any] = _upstream(self, _Eventless(tracker), domain)
    call["tracker"]["events"] = _Lines(line_of(event) for event in tracker.events)
    return call


class _Eventless:
    """A tracker whose state is told without its events."""

    def __init__(self, tracker: DialogueStateTracker) -> None:
        self._tracker = tracker
        self.sender_id = tracker.sender_id

    def current_state(self, _verbosity: EventVerbosity) -> dict[str, Any]:
        return self._tracker.current_state(EventVerbosity.NONE)


_upstream = RemoteAction._action_call_format


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

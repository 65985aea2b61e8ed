"""Forged, stale and replayed signatures: none is accepted."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from bot.app import create_apps
from bot.registry_events.signature import sign
from bot.settings import Settings
from tests.events.conftest import KEYS, NOW, PATH, Reporter, event

_BODY = json.dumps(event()).encode()
_AT = f"{NOW.timestamp():.0f}"
Variant = tuple[str, bytes, list[tuple[str, str]]]


def _headers(at: str = _AT, kid: str = "new", signature: str | None = None) -> dict[str, str]:
    right = sign(KEYS.get(kid, "n" * 40), kid, at, _BODY)
    given = right if signature is None else signature
    return {"X-Navi-Key": kid, "X-Navi-Timestamp": at, "X-Navi-Signature": given}


def _forged() -> Iterator[Variant]:
    right = _headers()
    value = right["X-Navi-Signature"]
    digest = value.removeprefix("v1=")

    def with_(**changes: str | None) -> list[tuple[str, str]]:
        named = {f"X-Navi-{key.title()}": v for key, v in changes.items()}
        return [(k, v) for k, v in (right | named).items() if v is not None]

    def shifted(**delta: float) -> str:
        return f"{(NOW + timedelta(**delta)).timestamp():.0f}"

    for name in ("key", "timestamp", "signature"):
        yield f"no {name}", _BODY, with_(**{name: None})
        yield f"empty {name}", _BODY, with_(**{name: ""})
        doubled = [*with_(), (f"X-Navi-{name.title()}", dict(with_())[f"X-Navi-{name.title()}"])]
        yield f"doubled {name}", _BODY, doubled
    for kid in ("other", "NEW", "new ,old", "new,old", "../new", "new\t", "0", "null"):
        yield f"key {kid!r}", _BODY, list(_headers(kid=kid).items())
    yield "the other key's secret", _BODY, with_(signature=sign(KEYS["old"], "new", _AT, _BODY))
    yield "the other key's name", _BODY, with_(key="old")
    for secret in ("", "no such key", "n" * 39, "N" * 40):
        yield f"secret {secret[:12]!r}", _BODY, with_(signature=sign(secret, "new", _AT, _BODY))
    for wrong in (
        digest,
        "v0=" + digest,
        "V1=" + digest,
        "v1=" + digest.upper(),
        "v1=" + digest[:-1],
        "v1=" + digest + "0",
        "v1=" + "0" * 64,
        "v1=",
        "v1= " + digest,
        value + "," + value,
        "v1=" + hashlib.sha256(_BODY).hexdigest(),
        "v1=" + hashlib.sha256(b"n" * 40 + _BODY).hexdigest(),
        "v1=" + hmac.new(b"n" * 40, _BODY, hashlib.sha256).hexdigest(),
        "v1=" + hmac.new(b"n" * 40, f"v1.new.{_AT}.".encode() + _BODY, "sha1").hexdigest(),
        "v1=" + hmac.new(b"n" * 40, f"new.{_AT}.".encode() + _BODY, "sha256").hexdigest(),
    ):
        yield f"signature {wrong[:12]}… ({len(wrong)})", _BODY, with_(signature=wrong)
    for at in (
        shifted(minutes=-5, seconds=-1),
        shifted(minutes=5, seconds=1),
        shifted(days=-1),
        shifted(days=365),
        "0",
        "-1",
        "1e9",
        "nan",
        _AT + ".0000000",
        "+" + _AT,
        " " + _AT + "0",
        "１７８１０６０４００",
        NOW.isoformat(),
    ):
        if at.isascii():
            yield f"stale or odd time {at}", _BODY, list(_headers(at=at).items())
    yield "another time than signed", _BODY, with_(timestamp=shifted(seconds=1))
    yield "body changed", _BODY.replace(b"100001", b"100002"), with_()
    yield "body in another spelling", json.dumps(json.loads(_BODY), indent=1).encode(), with_()
    yield "body with a space more", _BODY + b" ", with_()
    yield "empty body", b"", with_()
    yield "moved dot", b"." + _BODY, list(_headers(at=_AT).items())


_VARIANTS = list(_forged())


def test_there_are_enough_of_them() -> None:
    assert len({name for name, _, _ in _VARIANTS}) == len(_VARIANTS) >= 40


async def test_none_is_accepted(reporter: Reporter, sessions: sessionmaker[Session]) -> None:
    for name, body, headers in _VARIANTS:
        answer = await reporter.client.post(PATH, content=body, headers=headers)
        assert answer.status_code == 401, name
        assert answer.json()["type"].endswith("/invalid-signature"), name
    assert Registry(sessions).look_up("100001") is None


async def test_both_live_keys_are_accepted(reporter: Reporter) -> None:
    assert (await reporter.report(event(), kid="new")).status_code == 200
    assert (await reporter.report(event(), kid="old")).status_code == 200


@pytest.mark.parametrize("minutes", [-4.9, 4.9])
async def test_inside_the_window(reporter: Reporter, minutes: float) -> None:
    at = f"{(NOW + timedelta(minutes=minutes)).timestamp():.0f}"
    answer = await reporter.send(_BODY, reporter.headers(_BODY, stamp=at))
    assert answer.status_code == 200


async def test_a_replay_is_refused(reporter: Reporter) -> None:
    headers = reporter.headers(_BODY)
    assert (await reporter.send(_BODY, headers)).status_code == 200
    for _ in range(3):
        again = await reporter.send(_BODY, headers)
        assert again.status_code == 409 and again.json()["type"].endswith("/replayed-signature")
    # Signed anew it is a repetition, which is harmless.
    anew = await reporter.send(_BODY, reporter.headers(_BODY, stamp=_AT + ".5"))
    assert anew.json() == {"accepted": 0, "repeated": 1}


async def test_without_keys_there_is_no_route(settings: Settings) -> None:
    own = settings.model_copy(update={"events_keys": SecretStr("")})
    apps = create_apps(own, "http://127.0.0.1:1", "secret", lambda: NOW)
    transport = httpx.ASGITransport(apps.public, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://navi.test") as client:
        assert (await client.post(PATH, content=_BODY, headers=_headers())).status_code == 404
    apps.public.state.engine.dispose()

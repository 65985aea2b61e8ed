"""Identity tokens that are forged, stale, replayed or odd: 401, never a guest, never a 500."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.settings import DEMO_IDENTITY_KEY
from tests.app.client import Visitor, new_id, problem
from tests.app.serving import RunningApp

KID, _, SECRET = DEMO_IDENTITY_KEY.partition(":")
Json = dict[str, Any]


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: bytes, payload: bytes, secret: str = SECRET, digest: str = "sha256") -> str:
    """A compact token over these very bytes."""
    head = f"{b64(header)}.{b64(payload)}"
    return f"{head}.{b64(hmac.new(secret.encode(), head.encode(), digest).digest())}"


def claims(**changes: Any) -> Json:
    """Valid claims, changed; a value of None leaves the claim out."""
    now = int(time.time())
    valid = {
        "iss": "member-site",
        "aud": "navi",
        "sub": "000106",
        "iat": now,
        "exp": now + 300,
        "jti": new_id(),
    }
    return {name: value for name, value in {**valid, **changes}.items() if value is not None}


def token(header: Json | None = None, secret: str = SECRET, **changes: Any) -> str:
    """A signed token with changed claims and header."""
    head = {"alg": "HS256", "typ": "JWT", "kid": KID, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    return signed(json.dumps(head).encode(), json.dumps(claims(**changes)).encode(), secret)


def raw(payload: str, header: str | None = None) -> str:
    """A signed token over JSON text of one's own."""
    head = header or json.dumps({"alg": "HS256", "kid": KID})
    return signed(head.encode(), payload.encode())


def _text(**changes: Any) -> str:
    return json.dumps(claims(**changes))


def _doubled(name: str, value: Any) -> str:
    return _text()[:-1] + f', "{name}": {json.dumps(value)}}}'


def _unsigned(header: Json) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(_text().encode())}."


def _cut(part: int) -> str:
    parts = token().split(".")
    parts[part] = parts[part][:-3]
    return ".".join(parts)


def _swapped() -> str:
    mine, other = token(), token(sub="000101")
    return ".".join([*mine.split(".")[:1], other.split(".")[1], mine.split(".")[2]])


def _now() -> int:
    return int(time.time())


def _a_second_too_long() -> str:
    now = _now()  # once: the second may end between two looks at the clock
    return token(iat=now, exp=now + 301)


Forge = Callable[[], str]
FORGED: dict[str, Forge] = {
    "alg none": lambda: _unsigned({"alg": "none", "kid": KID}),
    "alg None": lambda: _unsigned({"alg": "None", "kid": KID}),
    "alg NONE signed": lambda: token({"alg": "NONE"}),
    "alg none signed": lambda: token({"alg": "none"}),
    "alg missing": lambda: token({"alg": None}),
    "alg empty": lambda: token({"alg": ""}),
    "alg list": lambda: token({"alg": ["HS256"]}),
    "alg number": lambda: token({"alg": 256}),
    "alg lower case": lambda: token({"alg": "hs256"}),
    "alg HS384": lambda: signed(
        json.dumps({"alg": "HS384", "kid": KID}).encode(), _text().encode(), digest="sha384"
    ),
    "alg HS512": lambda: signed(
        json.dumps({"alg": "HS512", "kid": KID}).encode(), _text().encode(), digest="sha512"
    ),
    "alg RS256, HMAC": lambda: token({"alg": "RS256"}),
    "alg ES256, HMAC": lambda: token({"alg": "ES256"}),
    "kid missing": lambda: token({"kid": None}),
    "kid unknown": lambda: token({"kid": "other"}),
    "kid empty": lambda: token({"kid": ""}),
    "kid traversal": lambda: token({"kid": "../../../../dev/null"}, secret=""),
    "kid list": lambda: token({"kid": [KID]}),
    "kid object": lambda: token({"kid": {"a": KID}}),
    "kid number": lambda: token({"kid": 0}),
    "kid sql": lambda: token({"kid": "demo' OR '1'='1"}),
    "kid NUL": lambda: token({"kid": "demo\x00"}),
    "jku": lambda: token({"kid": "x", "jku": "http://127.0.0.1:1/keys"}),
    "x5u": lambda: token({"kid": "x", "x5u": "http://127.0.0.1:1/cert"}),
    "jwk": lambda: token({"kid": "x", "jwk": {"kty": "oct", "k": b64(b"mine")}}, secret="mine"),
    "crit": lambda: token({"crit": ["exp"], "exp": 1}),
    "b64 false": lambda: token({"b64": False, "crit": ["b64"]}),
    "empty secret": lambda: token(secret=""),
    "secret of another": lambda: token(secret="another-secret-of-the-same-length!!"),
    "secret with a newline": lambda: token(secret=SECRET + "\n"),
    "kid as secret": lambda: token(secret=KID),
    "whole setting as secret": lambda: token(secret=DEMO_IDENTITY_KEY),
    "iss missing": lambda: token(iss=None),
    "iss wrong": lambda: token(iss="member-site.example"),
    "iss list": lambda: token(iss=["member-site"]),
    "iss empty": lambda: token(iss=""),
    "aud missing": lambda: token(aud=None),
    "aud wrong": lambda: token(aud="navi2"),
    "aud list": lambda: token(aud=["navi"]),
    "aud list with others": lambda: token(aud=["other", "navi"]),
    "aud empty": lambda: token(aud=""),
    "aud object": lambda: token(aud={"navi": True}),
    "sub missing": lambda: token(sub=None),
    "sub number": lambda: token(sub=106),
    "sub five digits": lambda: token(sub="00106"),
    "sub seven digits": lambda: token(sub="0001060"),
    "sub with a newline": lambda: token(sub="000106\n"),
    "sub full width": lambda: token(sub="０００１０６"),
    "sub arabic digits": lambda: token(sub="٠٠٠١٠٦"),
    "sub spaces": lambda: token(sub=" 000106"),
    "sub list": lambda: token(sub=["000106"]),
    "sub letters": lambda: token(sub="00010a"),
    "sub sql": lambda: token(sub="0' or1"),
    "iat missing": lambda: token(iat=None),
    "iat string": lambda: token(iat=str(_now())),
    "iat in the future": lambda: token(iat=_now() + 3600, exp=_now() + 3700),
    "iat list": lambda: token(iat=[_now()]),
    "iat boolean": lambda: token(iat=True),
    "iat null": lambda: raw(_text(iat=5).replace('"iat": 5', '"iat": null')),
    "exp missing": lambda: token(exp=None),
    "exp string": lambda: token(exp=str(_now() + 300)),
    "exp past": lambda: token(iat=_now() - 400, exp=_now() - 100),
    "exp just past": lambda: token(iat=_now() - 200, exp=_now() - 1),
    "exp now": lambda: token(iat=_now() - 100, exp=_now()),
    "exp huge": lambda: token(exp=10**18),
    "exp beyond every clock": lambda: token(iat=10**400, exp=10**400 + 1),
    "exp infinite": lambda: raw(_text(exp=5).replace('"exp": 5', '"exp": Infinity')),
    "exp 1e400": lambda: raw(_text(exp=5).replace('"exp": 5', '"exp": 1e400')),
    "exp nan": lambda: raw(_text(exp=5).replace('"exp": 5', '"exp": NaN')),
    "exp null": lambda: raw(_text(exp=5).replace('"exp": 5', '"exp": null')),
    "exp negative": lambda: token(exp=-1),
    "exp before iat": lambda: token(iat=_now() + 20, exp=_now() + 10),
    "exp list": lambda: token(exp=[_now() + 300]),
    "life six minutes": lambda: token(exp=_now() + 360),
    "life five minutes and one second": _a_second_too_long,
    "life from long ago": lambda: token(iat=_now() - 86_400, exp=_now() + 60),
    "nbf in the future": lambda: token(nbf=_now() + 3600),
    "jti missing": lambda: token(jti=None),
    "jti empty": lambda: token(jti=""),
    "jti number": lambda: token(jti=5),
    "jti list": lambda: token(jti=["a"]),
    "jti huge": lambda: token(jti="x" * 129),
    "claim doubled: sub": lambda: raw(_doubled("sub", "000101")),
    "claim doubled: exp": lambda: raw(_doubled("exp", _now() + 300)),
    "claim doubled: jti": lambda: raw(_doubled("jti", "other")),
    "header doubled": lambda: raw(_text(), f'{{"alg":"none","alg":"HS256","kid":"{KID}"}}'),
    "claims are a list": lambda: raw("[]"),
    "claims are a string": lambda: raw('"000106"'),
    "claims are empty": lambda: raw("{}"),
    "claims are no JSON": lambda: raw("sub=000106"),
    "claims are deep": lambda: raw("[" * 1500 + "]" * 1500),
    "header is deep": lambda: raw(_text(), "[" * 1500 + "]" * 1500),
    "header is a list": lambda: raw(_text(), '["HS256"]'),
    "header is null": lambda: raw(_text(), "null"),
    "claims are not UTF-8": lambda: signed(
        json.dumps({"alg": "HS256", "kid": KID}).encode(), b'{"sub": "\xff"}'
    ),
    "claims with NUL": lambda: raw(_text(sub="0001\x0006")),
    "jti with a lone surrogate": lambda: token(jti="\ud800"),
    "jti with NUL": lambda: token(jti="a\x00b"),
    "iss with a lone surrogate": lambda: token(iss="\ud800"),
    "signature cut": lambda: _cut(2),
    "claims cut": lambda: _cut(1),
    "header cut": lambda: _cut(0),
    "signature empty": lambda: token().rpartition(".")[0] + ".",
    "signature of other claims": _swapped,
    "signature in hex": lambda: (
        token().rpartition(".")[0]
        + "."
        + hmac.new(SECRET.encode(), token().encode(), hashlib.sha256).hexdigest()
    ),
    "padded": lambda: token() + "==",
    "a fourth part": lambda: token() + ".x",
    "five parts": lambda: token() + ".x.y",
    "two parts": lambda: token().rpartition(".")[0],
    "one part": lambda: "token",
    "empty": lambda: "",
    "spaces": lambda: "   ",
    "dots": lambda: "..",
    "leading space": lambda: " " + token(),
    "trailing newline": lambda: token() + "\n",
    "not ASCII": lambda: token()[:-1] + "ｚ",
    "japanese": lambda: "合言葉.合言葉.合言葉",
    "NUL": lambda: token() + "\x00",
    "huge": lambda: "a" * 20_000,
    "huge but signed": lambda: token(padding="x" * 5000),
    "JSON serialization": lambda: json.dumps({"payload": token()}),
    "bearer": lambda: "Bearer " + token(),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged(demo: RunningApp, name: str) -> None:
    with Visitor(demo.base_url) as visitor:
        answer = visitor.http.post("/api/conversations", json={"identity_token": FORGED[name]()})
    document = problem(answer, 401)
    assert document["type"].endswith("invalid-identity-token")


def test_all_of_them_read_the_same(demo: RunningApp) -> None:
    """Nothing tells a forger which part was wrong."""
    with Visitor(demo.base_url) as visitor:
        bodies = {
            visitor.http.post("/api/conversations", json={"identity_token": forge()}).text
            for forge in FORGED.values()
        }
    assert len(bodies) == 1


def test_a_valid_one(demo: RunningApp) -> None:
    with Visitor(demo.base_url) as visitor:
        begun = visitor.start(identity_token=token()).begun
    assert begun["member"] == {"number_masked": "••••06", "kind": "individual"}


@pytest.mark.parametrize("number", ["999999", "000000"])
def test_a_valid_one_of_an_unknown_number(demo: RunningApp, number: str) -> None:
    with Visitor(demo.base_url) as visitor:
        begun = visitor.start(identity_token=token(sub=number)).begun
    assert begun["member"] == {"number_masked": "••••" + number[-2:], "kind": None}


def test_harmless_additions(demo: RunningApp) -> None:
    for made in (
        token({"typ": None}),
        token({"typ": "jwt"}),
        token(name="見本", nbf=_now() - 10),
        token(iat=_now() + 5),
    ):
        with Visitor(demo.base_url) as visitor:
            visitor.start(identity_token=made)


def test_used_once(demo: RunningApp) -> None:
    made = token()
    with Visitor(demo.base_url) as visitor:
        visitor.start(identity_token=made)
        for _ in range(3):
            problem(visitor.http.post("/api/conversations", json={"identity_token": made}), 401)


def test_used_once_also_by_many_at_once(demo: RunningApp) -> None:
    made = token()

    def begin(_: int) -> int:
        with Visitor(demo.base_url) as visitor:
            return visitor.http.post(
                "/api/conversations", json={"identity_token": made}
            ).status_code

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(begin, range(12))) == [201] + [401] * 11


def test_the_same_jti_in_another_token(demo: RunningApp) -> None:
    with Visitor(demo.base_url) as visitor:
        visitor.start(identity_token=token(jti="the-same"))
        answer = visitor.http.post(
            "/api/conversations", json={"identity_token": token(jti="the-same", sub="000101")}
        )
        problem(answer, 401)


def test_a_bad_token_consumes_nothing(demo: RunningApp) -> None:
    own = new_id()
    with Visitor(demo.base_url) as visitor:
        wrong = token(jti=own, secret="wrong-secret-that-is-long-enough-too")
        problem(visitor.http.post("/api/conversations", json={"identity_token": wrong}), 401)
        visitor.start(identity_token=token(jti=own))


def test_null_is_a_guest_and_a_token_elsewhere_is_not_read(demo: RunningApp) -> None:
    with Visitor(demo.base_url) as visitor:
        assert visitor.start(identity_token=None).begun["member"] is None
        answer = httpx.post(
            f"{demo.base_url}/api/conversations",
            params={"identity_token": token()},
            headers={"Authorization": f"Bearer {token()}"},
            json={},
            timeout=60,
        )
        assert answer.json()["member"] is None


def test_a_frozen_clock_does_not_freeze_tokens(demo: RunningApp) -> None:
    then = "2020-06-10T12:00:00+09:00"
    old = 1_591_758_000
    with Visitor(demo.base_url) as visitor:
        stale = token(iat=old, exp=old + 300)
        answer = visitor.http.post(
            "/api/conversations", json={"identity_token": stale, "demo_now": then}
        )
        problem(answer, 401)
        visitor.start(identity_token=token(), demo_now=then)

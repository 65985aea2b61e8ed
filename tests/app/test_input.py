"""Bodies as no widget sends them: a clear 4xx, nothing stored, never a 500."""

import json
import socket
from typing import Any

import httpx
import pytest

from tests.app.client import Visitor, new_id, problem, text_body
from tests.app.serving import RunningApp

_ID = "6e0f9c2e-0b7a-4b6e-8a55-0d8a1f1f6b10"


@pytest.mark.parametrize(
    "text",
    [
        "あ",
        "長" * 1000,
        " " + "長" * 1000 + "\u3000",
        "🙇‍♂️" * 200,
        "1行目\n2行目\r\n3行目",
        "\x00はい\x00",
        "は\u202eい",
        "\ud83d い",
        "い\udc00",
        "<script>alert(1)</script>",
        "{{7*7}} %s %(x)s {x} ${y}",
        "'; DROP TABLE message; --",
        "e\u0301",
        "㍻㌔①Ⅳ",
        "/restart",
    ],
)
def test_texts_that_are_accepted(guest: Visitor, text: str) -> None:
    # json.dumps escapes lone surrogates, as browsers may send them.
    body = json.dumps({"client_message_id": new_id(), "text": text})
    answer = guest.http.post(
        f"{guest.path}/messages", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    kept = answer.json()["accepted"]["text"]
    assert "\x00" not in kept
    assert kept.encode()
    assert answer.json()["replies"]
    assert guest.history()[2]["text"] == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000\u3000",
        "\n\t\r",
        "\u200b\u200b",
        "\ufeff",
        "\x00",
        "\u00ad\u2060",
        "\u2800",
        "長" * 1001,
        "長" * 20_001,
        "🙇" * 1001,
        5,
        1.5,
        True,
        ["はい"],
        {"text": "はい"},
    ],
)
def test_texts_that_are_refused(guest: Visitor, text: object) -> None:
    problem(guest.post({"client_message_id": new_id(), "text": text}), 422)
    assert len(guest.history()) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "はい"},
        {"client_message_id": _ID},
        {"client_message_id": _ID, "text": None},
        {"client_message_id": _ID, "text": "はい", "choice": "abc"},
        {"client_message_id": _ID, "text": None, "choice": None},
        {"client_message_id": _ID, "choice": ""},
        {"client_message_id": _ID, "choice": 5},
        {"client_message_id": _ID, "choice": ["a"]},
        {"client_message_id": _ID, "choice": "x" * 65},
        {"client_message_id": _ID, "choice": "not-offered"},
        {"client_message_id": _ID, "choice": "/handoff"},
        {"client_message_id": _ID, "choice": "\x00"},
        {"client_message_id": _ID, "choice": "' OR 1=1 --"},
        {"client_message_id": "", "text": "はい"},
        {"client_message_id": "1", "text": "はい"},
        {"client_message_id": 1, "text": "はい"},
        {"client_message_id": None, "text": "はい"},
        {"client_message_id": [_ID], "text": "はい"},
        {"client_message_id": _ID + "0", "text": "はい"},
        [],
        [{"client_message_id": _ID, "text": "はい"}],
        "はい",
        5,
        None,
        True,
    ],
)
def test_bodies_that_are_refused(guest: Visitor, body: Any) -> None:
    problem(guest.post(body), 422)
    assert len(guest.history()) == 2


_RAW = {
    "empty": b"",
    "no json": b"text=hai",
    "half": b'{"client_message_id": "',
    "invalid utf-8": b'{"client_message_id": "' + _ID.encode() + b'", "text": "\xff\xfe"}',
    "truncated utf-8": b'{"text": "\xe3\x81',
    "utf-16": '{"text": "はい"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "nan": b'{"client_message_id": NaN, "text": NaN}',
    "deep list": b"[" * 30_000,
    "deep object": b'{"text":' * 6_000,
    "deep and closed": b"[" * 20_000 + b"]" * 20_000,
    "long number": b"1" * 60_000,
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(6_000)) + b"}",
    "nul": b"\x00",
}


@pytest.mark.parametrize("name", _RAW)
@pytest.mark.parametrize("where", ["messages", "feedback", ""])
def test_raw_bytes(guest: Visitor, name: str, where: str) -> None:
    path = f"{guest.path}/{where}" if where else "/api/conversations"
    answer = guest.http.post(path, content=_RAW[name], headers={"Content-Type": "application/json"})
    if not where and name in ("empty", "utf-16", "byte order mark", "nan", "many keys"):
        assert answer.status_code == 201  # a guest needs to say nothing
        return
    assert answer.status_code in (400, 422), answer.text
    problem(answer, answer.status_code)
    assert len(guest.history()) == 2


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_other_content_types(guest: Visitor, content_type: str) -> None:
    """A form of a hostile page cannot send application/json without a preflight."""
    body = json.dumps(text_body("はい")).encode()
    headers = {"Content-Type": content_type} if content_type else {}
    answer = guest.http.post(f"{guest.path}/messages", content=body, headers=headers)
    assert answer.status_code in (400, 415, 422)
    problem(answer, answer.status_code)


def test_a_body_that_is_too_large(guest: Visitor) -> None:
    body = text_body("長" * 70_000)
    problem(guest.post(body), 413)
    assert len(guest.history()) == 2


def test_a_large_body_in_pieces(guest: Visitor) -> None:
    def pieces() -> Any:
        for _ in range(200):
            yield b" " * 1024

    answer = guest.http.post(
        f"{guest.path}/messages", content=pieces(), headers={"Content-Type": "application/json"}
    )
    problem(answer, 413)
    assert guest.post(text_body("はい")).status_code == 200


def _first_bytes(demo: RunningApp, head: str, *pieces: bytes) -> bytes:
    """What comes back while a body is still being sent."""
    host, port = demo.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode())
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(100)


def test_an_endless_body_is_refused(guest: Visitor, demo: RunningApp) -> None:
    head = (
        f"POST {guest.path}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        f"{guest.access_token}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert _first_bytes(demo, head, piece, piece).startswith(b"HTTP/1.1 413")
    assert guest.post(text_body("はい")).status_code == 200


@pytest.mark.parametrize("length", ["999999999", "70000", "9" * 30])
def test_an_announced_length_is_refused(demo: RunningApp, guest: Visitor, length: str) -> None:
    head = f"POST {guest.path}/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    assert _first_bytes(demo, head).split()[1] in (b"413", b"400")


def test_nothing_of_the_body_is_said_back(guest: Visitor) -> None:
    secret = "himitsu-no-kotoba"
    answers = [
        guest.post({"client_message_id": secret, "text": secret}),
        guest.post({"client_message_id": new_id(), "text": [secret]}),
        guest.post({"client_message_id": new_id(), "choice": secret}),
        guest.http.post("/api/conversations", json={"identity_token": secret}),
        guest.http.post("/api/conversations", json={"demo_now": secret}),
        guest.http.get(f"{guest.path}/messages", params={"after": secret}),
    ]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        assert secret not in answer.text


def test_extra_fields_change_nothing(guest: Visitor, demo: RunningApp) -> None:
    body = {**text_body("はい"), "author": "staff", "member": "000106", "seq": 99}
    accepted = guest.post(body).json()["accepted"]
    assert (accepted["author"], accepted["seq"]) == ("member", 3)
    answer = httpx.post(
        f"{demo.base_url}/api/conversations", json={"member": {"number": "000106"}}, timeout=60
    )
    assert answer.json()["member"] is None

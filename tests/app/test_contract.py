"""Statuses and shapes of the conversations API (spec/api.md)."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from tests.app.client import Visitor, choice_body, new_id, problem, text_body
from tests.app.serving import RunningApp

_FIELDS = {
    "id", "seq", "author", "text", "choices", "links", "card", "topic", "outcome", "question",
    "facts", "created_at",
}  # fmt: skip


def test_a_guest_begins(demo: RunningApp) -> None:
    with Visitor(demo.base_url) as visitor:
        begun = visitor.start().begun
    assert set(begun) == {"conversation_id", "access_token", "member", "messages"}
    assert begun["member"] is None
    notice, welcome = begun["messages"]
    assert (notice["seq"], welcome["seq"]) == (1, 2)
    assert notice["author"] == "system"
    assert "パスワード" in notice["text"]
    assert welcome["choices"]
    for message in begun["messages"]:
        assert set(message) == _FIELDS
        created = datetime.fromisoformat(message["created_at"])
        assert created.tzinfo is not None
        assert abs((datetime.now(UTC) - created).total_seconds()) < 60


def test_ids_and_tokens_cannot_be_guessed(demo: RunningApp) -> None:
    seen = set()
    for _ in range(5):
        with Visitor(demo.base_url) as visitor:
            visitor.start()
            assert len(visitor.id) >= 22  # 128 bits
            assert len(visitor.access_token) >= 22
            seen |= {visitor.id, visitor.access_token}
    assert len(seen) == 10


def test_a_message_is_accepted_and_answered(guest: Visitor) -> None:
    answer = guest.post(text_body("　こんにちは\u200b "))
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"accepted", "replies"}
    assert told["accepted"]["author"] == "member"
    assert told["accepted"]["text"] == "こんにちは"
    assert set(told["accepted"]) == set(told["replies"][0]) == _FIELDS
    assert [message["seq"] for message in guest.history(after=2)] == [3, 4]
    assert guest.history(after=4) == []
    assert guest.history(after=3) == told["replies"]


def test_choices_are_opaque(demo: RunningApp, guest: Visitor) -> None:
    [reply] = guest.say("ボタンを見せて")
    assert [c["value"] for c in reply["choices"]] == ["billing_start", "yes"]
    everything = json.dumps([guest.begun, guest.history()])
    assert "/billing_start" not in everything
    assert "/answer" not in everything
    pressed = guest.post(choice_body(reply["choices"][1]["id"]))
    assert pressed.json()["accepted"]["text"] == "届いた"
    heard = demo.dialogue.turns[-1]
    assert heard["intent"] == "answer"
    assert heard["entities"] == {"question": "opening_mail", "value": "yes"}


def test_a_label_typed_word_for_word_is_the_button(demo: RunningApp, guest: Visitor) -> None:
    guest.say("ボタンを見せて")
    guest.say("「届いた」。")
    assert demo.dialogue.turns[-1]["intent"] == "answer"


def test_an_old_choice_is_valid_and_a_foreign_one_is_not(guest: Visitor, demo: RunningApp) -> None:
    [reply] = guest.say("ボタンを見せて")
    old = reply["choices"][0]["id"]
    for _ in range(3):
        guest.say("ほかのこと")
        assert guest.post(choice_body(old)).status_code == 200
    with Visitor(demo.base_url) as other:
        problem(other.start().post(choice_body(old)), 422)
        assert len(other.history()) == 2


def test_only_the_last_reply_asks(demo: RunningApp, guest: Visitor) -> None:
    asking = {"custom": {"question": "opening_mail"}}
    first, second = (
        {**demo.dialogue.echo({"text": words})[0], **asking} for words in ("一つ目", "二つ目")
    )
    demo.dialogue.answer = lambda body: [first, second, {"text": "終わり", "custom": {}}]
    try:
        replies = guest.say("三つ")
    finally:
        demo.dialogue.answer = demo.dialogue.echo
    assert [bool(r["choices"]) for r in replies] == [False, False, True]
    assert [r["question"] for r in replies[:2]] == [None, None]


_WITHOUT_BEARER = [
    None,
    "",
    "Bearer",
    "Basic YTpi",
    "Token abc",
]


@pytest.mark.parametrize("authorization", _WITHOUT_BEARER)
def test_without_a_bearer(demo: RunningApp, guest: Visitor, authorization: str | None) -> None:
    with Visitor(demo.base_url) as stranger:
        if authorization is not None:
            stranger.http.headers["Authorization"] = authorization
        stranger.id = guest.id
        answers = [
            stranger.post(text_body("x")),
            stranger.http.get(f"{guest.path}/messages"),
            stranger.http.get(f"{guest.path}/events"),
            stranger.http.post(f"{guest.path}/feedback", json={"helpful": True}),
        ]
    for answer in answers:
        document = problem(answer, 401)
        assert document["type"].endswith("bearer-missing")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_unknown_and_forbidden_look_the_same(demo: RunningApp, guest: Visitor) -> None:
    with Visitor(demo.base_url) as other:
        other.start().http.headers.encoding = "utf-8"
        own, own_token = other.id, other.access_token
        shapes = set()
        for conversation, token in (
            (guest.id, own_token),
            (guest.id, "x" * 43),
            (guest.id, "ü" * 20),
            ("A" * 22, own_token),
            ("A" * 22, "x"),
            (own[:-1], own_token),
            (own + "A", own_token),
            ("%00", own_token),
            ("💡", own_token),
        ):
            other.http.headers["Authorization"] = f"Bearer {token}"
            other.id = conversation
            for answer in (
                other.post(text_body("x")),
                other.http.get(f"{other.path}/messages"),
                other.http.get(f"{other.path}/events"),
                other.http.post(f"{other.path}/feedback", json={"helpful": True}),
            ):
                document = problem(answer, 404)
                shapes.add((document["type"], document["detail"], document["title"]))
        assert len({type_ for type_, _, _ in shapes}) == 1, shapes
    assert len(guest.history()) == 2


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "", "99999999999999999999", "null", "1e3"])
def test_after_must_be_a_number(guest: Visitor, after: str) -> None:
    problem(guest.http.get(f"{guest.path}/messages", params={"after": after}), 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"helpful": True}, 204),
        ({"helpful": False, "comment": "よく分かりませんでした"}, 204),
        ({"helpful": False, "comment": ""}, 204),
        ({"helpful": True, "comment": None}, 204),
        ({"helpful": "yes"}, 422),
        ({"helpful": 1}, 422),
        ({"helpful": None}, 422),
        ({}, 422),
        ({"helpful": True, "comment": 5}, 422),
        ({"helpful": True, "comment": "長" * 1001}, 422),
        ([True], 422),
        (None, 422),
    ],
)
def test_feedback(guest: Visitor, body: object, status: int) -> None:
    answer = guest.http.post(f"{guest.path}/feedback", json=body)
    assert answer.status_code == status
    if status == 204:
        assert answer.content == b""
    else:
        problem(answer, status)


def test_unknown_routes_and_methods(guest: Visitor) -> None:
    problem(guest.http.get("/api/nothing"), 404)
    problem(guest.http.put(f"{guest.path}/messages", json={}), 405)
    problem(guest.http.delete(guest.path), 404)
    problem(guest.http.get("/api/conversations"), 405)


def test_requests_without_origin_are_accepted(guest: Visitor) -> None:
    assert "origin" not in guest.http.headers
    assert guest.post(text_body("はい")).status_code == 200


def test_a_clients_id_may_be_any_uuid(guest: Visitor) -> None:
    for spelled in (
        str(uuid.uuid4()).upper(),
        str(uuid.uuid1()),
        "00000000-0000-0000-0000-000000000000",
    ):
        body = {"client_message_id": spelled, "text": "はい"}
        assert guest.post(body).status_code == 200
        assert guest.post(body).json()["replies"]
    assert len(guest.history()) == 2 + 2 * 3


def test_health(demo: RunningApp, guest: Visitor) -> None:
    alive = guest.http.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    ready = guest.http.get("/readyz")
    assert ready.status_code == 200
    assert {ready.json()[part] for part in ("database", "dialogue", "model")} == {"ok"}
    demo.dialogue.how = "not_ready"
    not_ready = guest.http.get("/readyz")
    demo.dialogue.how = "answer"
    assert not_ready.status_code == 503
    assert not_ready.json()["dialogue"] != "ok"
    assert not_ready.json()["database"] == "ok"
    assert guest.http.get("/metrics").status_code == 404


def test_demo_now_is_taken_in_demo_mode(demo: RunningApp) -> None:
    for now in ("2026-06-10T12:00:00+09:00", "2026-06-10T03:00:00Z", "2027-01-01T00:00:00.5-05:00"):
        with Visitor(demo.base_url) as visitor:
            visitor.start(demo_now=now)


@pytest.mark.parametrize(
    "body",
    [
        {"demo_now": "2026-06-10T12:00:00"},
        {"demo_now": "2026-06-10"},
        {"demo_now": "yesterday"},
        {"demo_now": ""},
        {"demo_now": True},
        {"demo_now": [1]},
        {"identity_token": 5},
        {"identity_token": ["a"]},
        {"identity_token": {"a": 1}},
        [],
        "x",
        5,
    ],
)
def test_a_beginning_that_cannot_be_read(demo: RunningApp, body: object) -> None:
    with Visitor(demo.base_url) as visitor:
        problem(visitor.http.post("/api/conversations", json=body), 422)


@pytest.mark.parametrize(
    "now",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T23:59:59Z",
        "1899-12-31T00:00:00Z",
    ],
)
def test_times_at_the_end_of_the_calendar(demo: RunningApp, now: str) -> None:
    """Where the rules could not count any more."""
    with Visitor(demo.base_url) as visitor:
        problem(visitor.http.post("/api/conversations", json={"demo_now": now}), 422)


def test_the_same_id_in_two_conversations_is_two_messages(demo: RunningApp, guest: Visitor) -> None:
    body = {"client_message_id": new_id(), "text": "同じ番号"}
    with Visitor(demo.base_url) as other:
        other.start()
        first, second = guest.post(body), other.post(body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["accepted"]["id"] != second.json()["accepted"]["id"]

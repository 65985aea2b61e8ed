"""Who may ask how often, from which pages, and what every answer carries."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import Environment, Settings
from tests.app.client import Visitor, problem, text_body
from tests.app.serving import RunningApp

PAGE = "https://members.example.jp"
_KEY = "a-secret-of-production-that-is-long-enough"
pytestmark = pytest.mark.usefixtures("one_minute")


@pytest.fixture(scope="module")
def production(
    make_app: Callable[[Settings], RunningApp],
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., RunningApp]:
    """Starts apps in production mode with settings of the test's own."""

    def make(**settings: object) -> RunningApp:
        var = tmp_path_factory.mktemp("production")
        shutil.copy(sqlite_template, var / "navi.db")
        return make_app(
            Settings.model_validate(
                {
                    "env": Environment.production,
                    "var": var,
                    "secret": _KEY,
                    "identity_keys": f"site:{_KEY}",
                    "allowed_origins": f"{PAGE}, https://www.example.jp/",
                    **settings,
                }
            )
        )

    return make


def test_too_many_requests(production: Callable[..., RunningApp]) -> None:
    app = production(requests_per_minute=8)
    with Visitor(app.base_url) as visitor:
        visitor.start()
        answers = [visitor.http.get(f"{visitor.path}/messages") for _ in range(12)]
        statuses = [answer.status_code for answer in answers]
        assert statuses == [200] * 7 + [429] * 5
        refused = answers[-1]
        assert problem(refused, 429)["type"].endswith("too-many-requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert visitor.http.get("/healthz").status_code == 200


def test_too_many_conversations(production: Callable[..., RunningApp]) -> None:
    app = production(conversations_per_minute=3)
    with Visitor(app.base_url) as visitor:
        statuses = [visitor.http.post("/api/conversations", json={}).status_code for _ in range(5)]
        assert statuses == [201, 201, 201, 429, 429]
        answer = visitor.http.post("/api/conversations", json={})
        assert int(answer.headers["retry-after"]) >= 1


def test_a_refused_message_can_be_sent_later(production: Callable[..., RunningApp]) -> None:
    app = production(requests_per_minute=2)
    with Visitor(app.base_url) as visitor:
        visitor.start()
        visitor.say("一")
        problem(visitor.post(text_body("二")), 429)
        assert [turn["text"] for turn in app.dialogue.turns] == ["一"]


def test_the_demo_is_not_limited_below_what_the_contract_says(demo: RunningApp) -> None:
    with Visitor(demo.base_url) as visitor:
        visitor.start()
        statuses = {visitor.http.get(visitor.path + "/messages").status_code for _ in range(700)}
    assert statuses == {200}


def test_an_address_cannot_be_made_up(production: Callable[..., RunningApp]) -> None:
    app = production(requests_per_minute=5, trusted_proxies="")
    with Visitor(app.base_url) as visitor:
        visitor.start()
        statuses = [
            visitor.http.get(
                f"{visitor.path}/messages", headers={"X-Forwarded-For": f"10.0.0.{n}"}
            ).status_code
            for n in range(8)
        ]
    assert statuses[-1] == 429


def test_no_demo_clock_in_production(production: Callable[..., RunningApp]) -> None:
    app = production()
    with Visitor(app.base_url) as visitor:
        answer = visitor.http.post(
            "/api/conversations", json={"demo_now": "2026-06-10T12:00:00+09:00"}
        )
        problem(answer, 422)
        for path in ("/", "/demo/identity-token", "/demo/links/faq", "/demo/login", "/docs"):
            assert visitor.http.get(path).status_code in (404, 405), path
        for path in ("/metrics", "/actions", "/webhooks/navi/turn", "/webhook"):
            assert visitor.http.get(path).status_code == 404, path


def test_the_demo_key_opens_nothing_in_production(production: Callable[..., RunningApp]) -> None:
    from tests.app.test_tokens import token

    app = production()
    with Visitor(app.base_url) as visitor:
        for made in (token(), token({"kid": "site"})):
            problem(visitor.http.post("/api/conversations", json={"identity_token": made}), 401)
        visitor.start(identity_token=token({"kid": "site"}, _KEY))


def test_two_keys_for_rotation(production: Callable[..., RunningApp]) -> None:
    from tests.app.test_tokens import token

    other = "another-secret-of-production-long-enough"
    app = production(identity_keys=f"old:{_KEY},new:{other}", identity_issuer="www")
    with Visitor(app.base_url) as visitor:
        visitor.start(identity_token=token({"kid": "old"}, _KEY, iss="www"))
        visitor.start(identity_token=token({"kid": "new"}, other, iss="www"))
        for kid, secret, issuer in (
            ("old", other, "www"),
            ("new", _KEY, "www"),
            ("new", other, "member-site"),
        ):
            made = token({"kid": kid}, secret, iss=issuer)
            problem(visitor.http.post("/api/conversations", json={"identity_token": made}), 401)


_ALLOWED = "access-control-allow-origin"


def test_only_configured_pages_may_embed(production: Callable[..., RunningApp]) -> None:
    app = production()
    with Visitor(app.base_url) as visitor:
        visitor.start()
        for page in (PAGE, "https://www.example.jp"):
            answer = visitor.http.get(f"{visitor.path}/messages", headers={"Origin": page})
            assert answer.headers[_ALLOWED] == page
            preflight = visitor.http.options(
                f"{visitor.path}/messages",
                headers={
                    "Origin": page,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,content-type",
                },
            )
            assert preflight.status_code == 200
            assert preflight.headers[_ALLOWED] == page
        for page in (
            "https://evil.example",
            PAGE + ".evil.example",
            "http://members.example.jp",
            PAGE + ":8443",
            "null",
            "https://example.jp",
            PAGE.upper(),
        ):
            answer = visitor.http.get(f"{visitor.path}/messages", headers={"Origin": page})
            assert _ALLOWED not in answer.headers, page
            preflight = visitor.http.options(
                f"{visitor.path}/messages",
                headers={"Origin": page, "Access-Control-Request-Method": "POST"},
            )
            assert preflight.status_code == 400
            assert _ALLOWED not in preflight.headers


def test_errors_reach_configured_pages_too(production: Callable[..., RunningApp]) -> None:
    """Without the header a page could not read why, nor when to try again."""
    app = production(requests_per_minute=3)
    with Visitor(app.base_url) as visitor:
        visitor.start()
        headers = {"Origin": PAGE}
        answers = [
            visitor.http.get(f"{visitor.path}x/messages", headers=headers),
            visitor.http.post(f"{visitor.path}/messages", json={}, headers=headers),
            visitor.http.get(f"{visitor.path}/messages", headers=headers),
        ]
    assert [answer.status_code for answer in answers] == [404, 422, 429]
    assert [answer.headers.get(_ALLOWED) for answer in answers] == [PAGE] * 3
    exposed = answers[2].headers["access-control-expose-headers"]
    assert "retry-after" in exposed.lower()


def test_no_credentials_across_sites(production: Callable[..., RunningApp]) -> None:
    app = production()
    with Visitor(app.base_url) as visitor:
        answer = visitor.start().http.get("/healthz", headers={"Origin": PAGE})
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_headers_of_every_answer(demo: RunningApp, guest: Visitor) -> None:
    for answer in (
        guest.http.get(f"{guest.path}/messages"),
        guest.http.get("/nothing"),
        guest.http.post(f"{guest.path}/messages", json={}),
        guest.http.get("/healthz"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"]
        assert "server" not in answer.headers or "uvicorn" not in answer.headers["server"]


def test_answers_of_a_conversation_are_not_cached(guest: Visitor) -> None:
    for answer in (
        guest.http.get(f"{guest.path}/messages"),
        guest.post(text_body("はい")),
        guest.http.post("/api/conversations", json={}),
    ):
        assert "no-store" in answer.headers.get("cache-control", ""), answer.request.url

"""Role × page: nobody, an agent, a supervisor, at every route that the console has."""

import httpx
import pytest
from fastapi import FastAPI

from bot.staff.members import Role
from tests.staff.people import browser, sign_in_demo
from tests.staff.routes import PUBLIC, console_routes

# What is a supervisor's in any case, however a route is written.
SUPERVISORS = ("/staff/audit", "/staff/review", "/staff/hours")
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Dest": "empty"}


def test_the_walk_finds_the_routes(lite_console: FastAPI) -> None:
    found = {(route.method, route.template) for route in console_routes(lite_console)}
    assert found >= PUBLIC | {("GET", "/staff/audit"), ("POST", "/staff/audit/export")}


def test_every_route_asks_who_it_is(lite_console: FastAPI) -> None:
    for route in console_routes(lite_console):
        assert route.asks_who != route.is_public, route
        if route.template.startswith(SUPERVISORS):
            assert route.for_supervisors, route


def test_a_guest_gets_nowhere(lite_console: FastAPI) -> None:
    guest = browser(lite_console)
    for route in console_routes(lite_console):
        if route.is_public:
            continue
        page = guest.request(route.method, route.path, data={"csrf": "0"})
        if route.is_unsafe:
            assert page.status_code == 401, route
        else:
            assert page.status_code == 303, route
            assert page.headers["location"].startswith("/staff/sign-in?next=/staff"), route
        script = guest.request(route.method, route.path, data={"csrf": "0"}, headers=SCRIPT)
        assert script.status_code == 401, route
        assert script.headers["content-type"] == "application/problem+json"


def test_an_agent_is_no_supervisor(lite_console: FastAPI) -> None:
    agent = sign_in_demo(browser(lite_console), Role.agent)
    for route in console_routes(lite_console):
        if not route.for_supervisors:
            continue
        data = {"csrf": "unused"} if route.is_unsafe else None
        page = agent.request(route.method, route.path, data=data)
        assert page.status_code == 403, route
        assert "責任者" in page.text
        script = agent.request(route.method, route.path, data=data, headers=SCRIPT)
        assert script.status_code == 403, route
        assert script.json()["type"].endswith("staff-not-allowed")


def test_no_page_fails_for_a_supervisor(lite_console: FastAPI) -> None:
    chief = sign_in_demo(browser(lite_console), Role.supervisor)
    for route in console_routes(lite_console):
        if route.is_unsafe or "{" in route.template or "events" in route.template:
            continue
        assert chief.get(route.path).status_code < 500, route


def test_whoever_is_not_signed_in_learns_no_addresses(lite_console: FastAPI) -> None:
    guest = browser(lite_console)
    assert guest.get("/staff/there-is-no-such-page").status_code == 303
    chief = sign_in_demo(browser(lite_console))
    missing = chief.get("/staff/there-is-no-such-page")
    assert missing.status_code == 404
    assert "見つかりません" in missing.text


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_shows_what_may_be_opened(lite_console: FastAPI, role: Role) -> None:
    client = sign_in_demo(browser(lite_console), role)
    text = client.get("/staff/account").text
    assert ("/staff/audit" in text) == (role is Role.supervisor)
    assert "/staff/inbox" in text


def test_nobody_ends_a_colleagues_session(console: FastAPI) -> None:
    agent = sign_in_demo(browser(console), Role.agent)
    chief = sign_in_demo(browser(console), Role.supervisor)
    theirs = console.state.staff.access.sessions.of_person("demo-agent")[0].id
    answer = chief.post("/staff/account/sessions/end", data={"which": theirs})
    assert answer.status_code == 303
    assert agent.get("/staff/account").status_code == 200


def test_answers_are_kept_nowhere_and_framed_by_nobody(lite_console: FastAPI) -> None:
    answer = sign_in_demo(browser(lite_console)).get("/staff/account")
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert _nonce(answer) != _nonce(sign_in_demo(browser(lite_console)).get("/staff/account"))


def _nonce(answer: httpx.Response) -> str:
    return answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]

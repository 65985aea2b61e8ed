"""Every unsafe route × {cross-site, no Origin, text/plain, GET, no token, a colleague's token}."""

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers

from bot.channels.staff.guard import belongs, foreign
from bot.settings import Settings
from bot.staff.members import Role
from tests.staff.people import HOST, browser, csrf, sign_in_demo
from tests.staff.routes import ConsoleRoute, console_routes

ORIGIN = f"https://{HOST}"
FORM = "application/x-www-form-urlencoded"


def _without_fetch_metadata(client: httpx.Client) -> httpx.Client:
    client.headers.pop("Sec-Fetch-Site", None)
    return client


def _unsafe(app: FastAPI) -> list[ConsoleRoute]:
    found = [route for route in console_routes(app) if route.is_unsafe]
    assert len(found) >= 7
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"Origin": f"https://{HOST}:8443"},
        {"Origin": f"http://{HOST}"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Referer": f"{ORIGIN}/staff/inbox"},
        {},
    ],
    ids=str,
)
def test_a_request_from_elsewhere_changes_nothing(
    lite_console: FastAPI, headers: dict[str, str]
) -> None:
    chief = sign_in_demo(browser(lite_console))
    token = csrf(chief)
    _without_fetch_metadata(chief)
    for route in _unsafe(lite_console):
        answer = chief.request(route.method, route.path, data={"csrf": token}, headers=headers)
        assert answer.status_code == 403, route
        assert answer.json()["type"].endswith("request-foreign"), route


def test_other_kinds_of_content_are_refused(lite_console: FastAPI) -> None:
    chief = sign_in_demo(browser(lite_console))
    token = chief.headers.pop("X-CSRF-Token")
    for route in _unsafe(lite_console):
        for kind in ("text/plain", "application/json", "", "application/xml"):
            answer = chief.request(
                route.method, route.path, content=f"csrf={token}", headers={"Content-Type": kind}
            )
            assert answer.status_code == 403, (route, kind)
            assert answer.json()["type"].endswith("request-form"), (route, kind)
        plain = {"Content-Type": "text/plain", "X-CSRF-Token": token}
        answer = chief.request(route.method, route.path, content="{}", headers=plain)
        assert answer.status_code == 403, route


def test_get_is_no_way_in(lite_console: FastAPI) -> None:
    chief = sign_in_demo(browser(lite_console))
    only_unsafe = {r.path for r in _unsafe(lite_console)} - {
        r.path for r in console_routes(lite_console) if not r.is_unsafe
    }
    assert "/staff/sign-out" in only_unsafe
    for path in only_unsafe:
        assert chief.get(path).status_code == 404, path
    assert chief.get("/staff/account").status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "colleague", "é", "earlier"])
def test_a_wrong_token_changes_nothing(lite_console: FastAPI, token: str) -> None:
    chief = sign_in_demo(browser(lite_console))
    if token == "colleague":
        token = csrf(sign_in_demo(browser(lite_console), Role.agent))
    if token == "earlier":
        token = csrf(chief)
        chief.post("/staff/sign-out", headers={"X-CSRF-Token": token})
        sign_in_demo(chief)
    chief.headers.pop("X-CSRF-Token")
    for route in _unsafe(lite_console):
        if route.is_public:
            continue
        answer = chief.request(route.method, route.path, data={"csrf": token})
        assert answer.status_code == 403, route
        assert "読み込み直し" in answer.text, route
    assert chief.get("/staff/account").status_code == 200


def test_the_right_token_counts_as_field_and_as_header(lite_console: FastAPI) -> None:
    for as_field in (True, False):
        chief = sign_in_demo(browser(lite_console))
        token = chief.headers.pop("X-CSRF-Token")
        if as_field:
            answer = chief.post("/staff/sign-out", data={"csrf": token})
        else:
            answer = chief.post("/staff/sign-out", headers={"X-CSRF-Token": token})
        assert answer.headers["location"] == "/staff/sign-in"


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(lite_console: FastAPI) -> None:
    chief = _without_fetch_metadata(sign_in_demo(browser(lite_console)))
    answer = chief.post("/staff/sign-out", data={"csrf": "x"}, headers={"Origin": ORIGIN})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sec-fetch-site": "same-origin", "content-type": FORM}, None),
        ({"sec-fetch-site": "same-origin", "content-type": f"{FORM}; charset=UTF-8"}, None),
        ({"sec-fetch-site": "same-origin", "x-csrf-token": "x"}, None),
        ({"sec-fetch-site": "same-origin"}, "form"),
        ({"origin": "http://h:8131", "host": "h:8131", "content-type": FORM}, None),
        ({"origin": "https://h", "host": "h", "content-type": FORM}, None),
        ({"origin": "http://h", "host": "h:8131", "content-type": FORM}, "foreign"),
        ({"origin": "ftp://h", "host": "h", "content-type": FORM}, "foreign"),
        ({"origin": "http://", "content-type": FORM}, "foreign"),
    ],
)
def test_what_counts_as_own(given: dict[str, str], said: str | None) -> None:
    assert foreign("POST", Headers(given), "http") == said
    assert foreign("GET", Headers(given), "http") is None


@pytest.mark.parametrize(
    ("path", "host", "staff_host", "there"),
    [
        ("/staff/inbox", "any.example", "", True),
        ("/", "any.example", "", True),
        ("/staff/inbox", "staff.example:443", "staff.example", True),
        ("/staff", "STAFF.example", "staff.example", True),
        ("/staff/inbox", "navi.example", "staff.example", False),
        ("/staff/inbox", "staff.example.evil.example", "staff.example", False),
        ("/staff/static/staff.css", "navi.example", "staff.example", False),
        ("/api/conversations", "staff.example", "staff.example", False),
        ("/api/conversations", "navi.example", "staff.example", True),
        ("/staffroom", "navi.example", "staff.example", True),
        ("/healthz", "staff.example", "staff.example", True),
        ("/healthz", "10.0.0.7:8000", "staff.example", True),
        ("/staff", "", "staff.example", False),
    ],
)
def test_what_is_where(path: str, host: str, staff_host: str, there: bool) -> None:
    assert belongs(path, host, staff_host) is there


def test_the_console_has_a_name_of_its_own(
    make_console: Callable[[Settings], FastAPI], sqlite_settings: Settings
) -> None:
    app = make_console(sqlite_settings.model_copy(update={"staff_host": "staff.navi.test"}))
    members, staff = browser(app), browser(app, "staff.navi.test")
    assert members.get("/staff/sign-in").status_code == 404
    assert members.get("/healthz").status_code == staff.get("/healthz").status_code == 200
    assert members.get("/").status_code == 200
    assert staff.get("/").headers["location"] == "/staff"
    assert staff.post("/api/conversations", json={}).status_code == 404
    assert sign_in_demo(staff).get("/staff/account").status_code == 200
    assert sign_in_demo(staff).get("/staff/account").headers["cross-origin-opener-policy"]

"""Signing in: what is needed, what is said, where one arrives."""

from fastapi import FastAPI

from bot.staff.members import Role
from tests.staff.people import browser, sign_in_demo


def test_a_guest_is_asked_to_sign_in_and_arrives_where_they_wanted(console: FastAPI) -> None:
    guest = browser(console)
    answer = guest.get("/staff/audit?number=000101")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/staff/sign-in?next=/staff/audit%3Fnumber%3D000101"
    form = guest.get(answer.headers["location"])
    assert 'value="/staff/audit?number=000101"' in form.text
    done = guest.post(
        "/staff/sign-in/demo", data={"role": "supervisor", "next": "/staff/audit?number=000101"}
    )
    assert done.headers["location"] == "/staff/audit?number=000101"
    assert guest.get(done.headers["location"]).status_code == 200


def test_an_agent_and_a_supervisor(console: FastAPI) -> None:
    for role, status in ((Role.agent, 403), (Role.supervisor, 200)):
        client = sign_in_demo(browser(console), role)
        assert client.get("/staff/account").status_code == 200
        assert client.get("/staff/audit").status_code == status

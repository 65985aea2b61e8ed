"""The operator's first password: it waits two weeks for its owner, and no longer."""

from fastapi import FastAPI

from bot.staff.parts import StaffParts
from tests.staff.people import Clock, browser, person

EXPIRED = "最初のパスワードの期限が過ぎた"


def test_it_runs_out_and_a_new_one_begins_anew(console: FastAPI, clock: Clock) -> None:
    parts: StaffParts = console.state.staff
    sato = person(console, "sato", first=True)
    clock.turn(days=13, hours=23)
    assert sato.sign_in(browser(console)).status_code == 303
    clock.turn(hours=1)
    late = sato.sign_in(browser(console))
    assert late.status_code == 422 and EXPIRED in late.text
    assert "set-cookie" not in late.headers
    wrong = sato.sign_in(browser(console), password="wrong")
    assert EXPIRED not in wrong.text, "only who knows the password is told"
    parts.access.accounts.set_password(sato.account, sato.password, first=True)
    assert sato.sign_in(browser(console)).status_code == 303


def test_ones_own_password_never_runs_out(lite_console: FastAPI, clock: Clock) -> None:
    sato = person(lite_console, "sato")
    clock.turn(days=400)
    assert sato.sign_in(browser(lite_console)).status_code == 303

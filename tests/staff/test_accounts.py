"""Accounts, passwords and codes, apart from the pages."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.clock import utc_now
from bot.database import reading
from bot.errors import SettingsError
from bot.serving.checks import check_no_demo_staff
from bot.settings import Settings
from bot.staff import passwords, totp
from bot.staff.accounts import AccountProblem
from bot.staff.demo_accounts import DEMO_ACCOUNTS, demo_staff_stored
from bot.staff.members import Role
from bot.staff.parts import StaffParts, create_staff
from bot.staff.passwords import Passwords, weakness
from bot.store.staff_tables import StaffRow

NOW = datetime(2026, 6, 10, 3, 0, 10, tzinfo=UTC)
PASSWORD = "古い柱時計と蛙の行進"


def test_passwords_are_kept_as_argon2id_of_rfc_9106() -> None:
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().fits(kept, PASSWORD)
    assert Passwords(cheap=True).is_outdated(kept)
    assert not Passwords().is_outdated(kept)


def test_a_password_fits_however_it_is_typed() -> None:
    cheap = Passwords(cheap=True)
    kept = cheap.hash("ＡＢＣ-ガラス-2026")
    assert cheap.fits(kept, "ABC-ｶﾞﾗｽ-2026")
    assert not cheap.fits(kept, "abc-ガラス-2026")
    assert not cheap.fits(None, "ABC-ガラス-2026")
    assert not cheap.fits("no hash at all", "ABC-ガラス-2026")
    assert cheap.hash("x") != cheap.hash("x")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "short"),
        ("kurz-genug1", "short"),
        ("x" * 129, "long"),
        ("passwordpassword", "plain"),
        ("Passw0rd12345", "plain"),
        ("1234567890123", "plain"),
        ("qwertyuiop12", "plain"),
        ("abcdefghijkl", "plain"),
        ("aaaaaaaaaaaaaa", "plain"),
        ("neko1neko1neko1", "plain"),
        ("ｐａｓｓｗｏｒｄ１２３４", "plain"),
        ("sato.hanako-1", "personal"),
        ("佐藤花子佐藤花子佐藤花子", "personal"),
        ("navi-sato.hanako", "personal"),
        (PASSWORD + "です", None),
        ("correct horse battery staple", None),
        ("q6tk-944z-2us4-vaya-vdq7", None),
    ],
)
def test_which_passwords_are_accepted(password: str, why: str | None) -> None:
    assert weakness(password, ("sato.hanako", "佐藤花子", "navi")) == why


def test_generated_passwords_are_accepted_and_differ() -> None:
    made = {passwords.generate() for _ in range(200)}
    assert len(made) == 200
    assert all(weakness(password) is None for password in made)


def test_codes_are_those_of_rfc_6238() -> None:
    # Appendix B, SHA-1, cut to six digits; the secret is its ASCII "12345678901234567890".
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert totp.code_at(secret, datetime.fromtimestamp(seconds, UTC)) == code


def test_a_code_counts_for_its_half_minute_and_the_neighbours_and_once() -> None:
    # A given secret: of a drawn one, two half minutes may have the same code.
    secret, step = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", int(NOW.timestamp()) // 30
    code = totp.code_at(secret, NOW)
    assert totp.matching_step(secret, code, NOW, 0) == step
    for seconds, fits in ((-60, False), (-30, True), (30, True), (60, False)):
        found = totp.matching_step(secret, code, NOW + timedelta(seconds=seconds), 0)
        assert (found == step) is fits, seconds
    assert totp.matching_step(secret, code, NOW, step - 1) == step
    assert totp.matching_step(secret, code, NOW, step) is None
    typed = f"{code[:3]}　{code[3:]}".translate({ord("0") + i: ord("０") + i for i in range(10)})
    assert totp.matching_step(secret, typed, NOW, 0) == step
    for wrong in ("", "0", code[:5], code + "0", "一二三四五六", str(int(code) ^ 1).zfill(6)):
        assert totp.matching_step(secret, wrong, NOW, 0) is None, wrong


def test_secrets_are_sealed_with_the_settings_secret() -> None:
    secret, key = totp.new_secret(), totp.TotpKey("a" * 40)
    sealed = key.seal(secret)
    assert secret not in sealed
    assert len(sealed) <= 400
    assert key.open(sealed) == secret
    assert totp.TotpKey("b" * 40).open(sealed) is None


def test_the_database_holds_no_secret_in_clear(parts: StaffParts) -> None:
    account, secret = parts.access.accounts.add("Sato", "佐藤", Role.agent, PASSWORD)
    assert account.login == "sato"
    with reading(parts.sessions) as session:
        row = session.scalars(select(StaffRow).where(StaffRow.login == "sato")).one()
    values = " ".join(str(getattr(row, column.key)) for column in StaffRow.__table__.columns)
    assert PASSWORD not in values and secret not in values
    kept = parts.access.accounts.secrets_of("sato")
    assert kept is not None and kept.totp_secret == secret
    assert row.must_change_password


@pytest.mark.parametrize("login", ["", "a", "佐藤", "sato hanako", "-sato", "x" * 65, "a@b"])
def test_login_names_are_plain(parts: StaffParts, login: str) -> None:
    with pytest.raises(AccountProblem, match="login name"):
        parts.access.accounts.add(login, "佐藤", Role.agent, PASSWORD)


def test_a_login_name_is_there_once(parts: StaffParts) -> None:
    parts.access.accounts.add("sato", "佐藤", Role.agent, PASSWORD)
    with pytest.raises(AccountProblem, match="already"):
        parts.access.accounts.add("ＳＡＴＯ", "別の佐藤", Role.agent, PASSWORD)


def test_a_code_is_used_up_for_everybody_at_once(parts: StaffParts) -> None:
    account, _ = parts.access.accounts.add("sato", "佐藤", Role.agent, PASSWORD)
    assert parts.access.accounts.use_step(account.id, 100)
    assert not parts.access.accounts.use_step(account.id, 100)
    assert not parts.access.accounts.use_step(account.id, 99)
    assert parts.access.accounts.use_step(account.id, 101)


def test_demo_accounts_count_for_nothing_outside_the_demo(
    console: FastAPI, settings: Settings
) -> None:
    demo: StaffParts = console.state.staff
    assert demo.access.accounts.in_use()
    real = settings.model_copy(update={"env": "production", "secret": settings.secret})
    parts = create_staff(
        Settings.model_validate({**dict(real), "secret": "s" * 40}), demo.sessions, utc_now
    )
    assert not parts.access.accounts.in_use()
    assert parts.access.accounts.secrets_of("demo-agent") is None


def test_production_refuses_the_demos_accounts(parts: StaffParts) -> None:
    with parts.sessions() as session:
        stored = demo_staff_stored(session)
    assert stored == sorted(account.login for account in DEMO_ACCOUNTS)
    with pytest.raises(SettingsError, match="demo-agent"):
        check_no_demo_staff(stored)
    check_no_demo_staff([])


def test_loading_the_demo_again_changes_nothing(parts: StaffParts) -> None:
    before = parts.access.accounts.all()
    parts.load_demo()
    assert parts.access.accounts.all() == before

"""Production does not start on the demo's secrets, links or members; each is named."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.clock import utc_now
from bot.database import create_engine, session_factory
from bot.demo_registry import demo_numbers_stored, load_demo
from bot.errors import SettingsError
from bot.serving.checks import check_no_demo_members, check_settings
from bot.serving.run import prepare
from bot.settings import DEMO_IDENTITY_KEY, DEMO_SECRET, Settings, load_settings
from bot.staff.parts import create_staff

_KEY = "a-secret-of-production-that-is-long-enough"
_LINKS = {
    f"link_{name}": f"https://www.example.jp/{name}"
    for name in (
        "site_top", "web_login", "mypage", "web_registration_pdf", "faq", "change_info", "contact",
    )
}  # fmt: skip


def _settings(**changes: object) -> Settings:
    right = {
        "env": "production",
        "secret": _KEY,
        "identity_keys": f"site:{_KEY}",
        "public_url": "https://navi.example.jp",
        "contact_phone": "03-0000-0000",
        "contact_hours": "平日9時〜17時",
        **_LINKS,
    }
    return Settings.model_validate({**right, **changes})


def test_right_settings_are_accepted() -> None:
    check_settings(_settings())


def test_demo_accepts_everything() -> None:
    check_settings(Settings.model_validate({"env": "demo"}))


def test_production_is_the_default() -> None:
    assert not load_settings().demo
    with pytest.raises(SettingsError):
        check_settings(load_settings())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"secret": ""}, "NAVI_SECRET"),
        ({"secret": DEMO_SECRET}, "NAVI_SECRET"),
        ({"secret": "short"}, "NAVI_SECRET"),
        ({"identity_keys": ""}, "NAVI_IDENTITY_KEYS"),
        ({"identity_keys": DEMO_IDENTITY_KEY}, "NAVI_IDENTITY_KEYS"),
        ({"identity_keys": f"site:{_KEY},{DEMO_IDENTITY_KEY}"}, "NAVI_IDENTITY_KEYS"),
        ({"identity_keys": "other:" + DEMO_IDENTITY_KEY.partition(":")[2]}, "NAVI_IDENTITY_KEYS"),
        ({"identity_keys": f"site:{_KEY},old:short"}, "NAVI_IDENTITY_KEYS"),
        *[({name: ""}, f"NAVI_{name.upper()}") for name in _LINKS],
        *[({name: f"/demo/links/{name[5:]}"}, f"NAVI_{name.upper()}") for name in _LINKS],
        ({"link_faq": "https://navi.example.jp/demo/links/faq"}, "NAVI_LINK_FAQ"),
        ({"link_faq": "javascript:alert(1)"}, "NAVI_LINK_FAQ"),
        ({"link_faq": "faq.html"}, "NAVI_LINK_FAQ"),
    ],
)
def test_refused_by_name(changes: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        check_settings(_settings(**changes))


def test_everything_wrong_is_named_at_once_and_no_secret_is_said() -> None:
    with pytest.raises(SettingsError) as refused:
        check_settings(_settings(secret="short-secret", identity_keys="a:shorter", link_faq=""))
    said = str(refused.value)
    assert all(name in said for name in ("NAVI_SECRET", "NAVI_IDENTITY_KEYS", "NAVI_LINK_FAQ"))
    assert "short-secret" not in said
    assert "shorter" not in said.replace("shorter than", "")


def test_invented_members_are_refused_by_number(sqlite_settings: Settings) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    sessions: sessionmaker[Session] = session_factory(engine)
    try:
        with sessions() as session:
            check_no_demo_members(demo_numbers_stored(session))
        with sessions.begin() as session:
            load_demo(session, utc_now())
        with sessions() as session, pytest.raises(SettingsError, match="000101"):
            check_no_demo_members(demo_numbers_stored(session))
    finally:
        engine.dispose()


def test_the_demos_staff_are_refused_by_name(sqlite_settings: Settings) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    try:
        create_staff(sqlite_settings, session_factory(engine), utc_now).load_demo()
    finally:
        engine.dispose()
    with pytest.raises(SettingsError, match="demo-agent, demo-supervisor"):
        elsewhere = {"dialogue_url": "http://127.0.0.1:1", "dialogue_secret": _KEY}
        prepare(_settings(var=sqlite_settings.var, private_port=8001, **elsewhere), print)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NAVI_PORT", "many"),
        ("NAVI_PORT", "70000"),
        ("NAVI_ENV", "staging"),
        ("NAVI_TURN_DEADLINE", "0"),
        ("NAVI_CUTOFF_DAY", "40"),
        ("NAVI_REGISTRY_MAX_AGE", "soon"),
        ("NAVI_DAYS_UNTIL_OPENING", "-1"),
    ],
)
def test_wrong_values_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_an_identity_key_without_kid_is_named() -> None:
    with pytest.raises(SettingsError, match="NAVI_IDENTITY_KEYS"):
        check_settings(_settings(identity_keys=_KEY))

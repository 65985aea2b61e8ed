"""Every setting in one class, read from `NAVI_*` variables; wrong ones stop the start by name.

`navi settings` lists them with default and meaning (from the descriptions below).
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEMO_IDENTITY_KEY = "demo:demo-identity-secret-not-for-production"
DEMO_SECRET = "demo-app-secret-not-for-production"


class Environment(StrEnum):
    """Demo shortcuts exist only in `demo`."""

    demo = "demo"
    production = "production"


class Settings(BaseSettings):
    """Settings of the app and of the processes it supervises. Durations are seconds or ISO 8601."""

    model_config = SettingsConfigDict(env_prefix="NAVI_", env_ignore_empty=True, extra="ignore")

    env: Environment = Field(
        Environment.production,
        description="demo: invented members, demo clock, demo secrets; production: none of them",
    )
    host: str = Field("127.0.0.1", description="address that the public listener binds")
    port: int = Field(8000, ge=0, le=65535, description="port of the public listener")
    var: Path = Field(
        PROJECT_ROOT / "var", description="folder of all state: database, models, sockets, logs"
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL of the app's database (postgresql+psycopg://…); "
        "empty: the embedded SQLite file in NAVI_VAR",
    )
    secret: SecretStr = Field(
        SecretStr(""), description="key for digests of tokens and message bodies, 32+ characters"
    )
    public_url: str = Field(
        "", description="address under which members reach the app, e.g. https://navi.example.jp"
    )
    allowed_origins: str = Field(
        "",
        description="origins of the sites that embed the widget, separated by commas; "
        "empty: only the app's own origin",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses of proxies whose X-Forwarded-For is believed"
    )
    identity_issuer: str = Field("member-site", description="`iss` of the member site's tokens")
    identity_keys: SecretStr = Field(
        SecretStr(""),
        description="HS256 keys of the member site's tokens, kid:secret, commas between several",
    )
    registry_max_age: timedelta = Field(
        timedelta(hours=36),
        description="registry data older than this give no state answers but the question path",
    )
    days_until_opening: int = Field(2, ge=1, description="business days from acceptance to opening")
    days_until_delayed: int = Field(5, ge=1, description="business days until an opening is late")
    days_until_mail_trouble: int = Field(
        1, ge=1, description="business days until a first mail that was not sent is trouble"
    )
    cutoff_day: int = Field(15, ge=1, le=28, description="day of the month that fixes the bills")
    update_day: int = Field(25, ge=1, le=28, description="day about which the bills are updated")
    turn_deadline: float = Field(10.0, gt=0, description="seconds until a turn counts as failed")
    requests_per_minute: int = Field(
        600, ge=1, description="requests a minute and address (demo mode: never under 6000)"
    )
    conversations_per_minute: int = Field(
        60, ge=1, description="new conversations a minute and address (demo mode: as requests)"
    )
    dialogue_url: str = Field(
        "",
        description="addresses of dialogue servers run elsewhere (navi dialogue), commas between "
        "several; empty: one is supervised here",
    )
    dialogue_host: str = Field(
        "127.0.0.1", description="address that a dialogue server run by itself binds"
    )
    dialogue_port: int = Field(0, description="port of the dialogue server; 0: any free")
    actions_url: str = Field(
        "",
        description="address of the apps' private listeners, as a dialogue server run by itself "
        "reaches them",
    )
    private_host: str = Field("127.0.0.1", description="address that the private listener binds")
    private_port: int = Field(
        0, description="port of the private listener (actions, metrics); 0: any free"
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis for locks, notices and limits, where several app or dialogue processes "
        "share the work; "
        "empty: one of each",
    )
    dialogue_secret: SecretStr = Field(
        SecretStr(""),
        description="shared secret between app and dialogue server; empty: made anew at each start",
    )
    link_site_top: str = Field("", description="address of the member site's top page")
    link_web_login: str = Field("", description="address of the Web会員 login")
    link_mypage: str = Field("", description="address of My Page")
    link_web_registration_pdf: str = Field("", description="address of the Web会員登録 PDF guide")
    link_faq: str = Field("", description="address of the FAQ")
    link_change_info: str = Field("", description="address of 「Web会員情報の変更」")
    link_contact: str = Field("", description="address of the contact page")
    contact_phone: str = Field("", description="telephone number of the office, as displayed")
    contact_hours: str = Field("", description="hours of the telephone, as displayed (Japanese)")
    retention_days: int = Field(90, ge=1, description="days that conversations are kept")
    smtp_host: str = Field("", description="mail server for the mailed code; empty: not offered")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    smtp_username: str = Field("", description="account at the mail server, where it wants one")
    smtp_password: SecretStr = Field(SecretStr(""), description="password of that account")
    smtp_starttls: bool = Field(True, description="encrypt by STARTTLS, usual on port 587")
    smtp_tls: bool = Field(False, description="encrypt from the start, usual on port 465")
    smtp_ca_file: str = Field(
        "", description="certificates (PEM) of the office's own CA; empty: those of the system"
    )
    smtp_from: str = Field("", description="sender of the mails, name@example.jp")
    smtp_timeout: float = Field(10.0, gt=0, le=60, description="seconds to wait for the server")
    code_minutes: int = Field(10, ge=1, le=60, description="minutes that a mailed code is valid")
    codes_per_day: int = Field(
        3, ge=1, description="mailed codes in 24 hours for one number, and for one conversation"
    )
    codes_per_address: int = Field(
        20, ge=1, description="mailed codes in 24 hours for one network address"
    )
    codes_per_hour: int = Field(
        200, ge=1, description="mailed codes in an hour altogether; beyond it none are sent"
    )
    identity_minutes: int = Field(
        60, ge=5, description="minutes that a mailed code opens the registration state"
    )
    audit_days: int = Field(1095, ge=366, description="days that the audit trail is kept")
    events_keys: SecretStr = Field(
        SecretStr(""),
        description="keys of POST /api/registry/events, kid:secret, commas between several; "
        "empty: the route is off",
    )
    line_channel_secret: SecretStr = Field(
        SecretStr(""),
        description="LINE channel secret; with token and destination empty the channel is off",
    )
    line_channel_token: SecretStr = Field(
        SecretStr(""), description="LINE channel access token (long-lived)"
    )
    line_destination: str = Field(
        "", description="user ID of the LINE bot (U and 32 hex digits), checked in each webhook"
    )
    line_link_login_url: str = Field(
        "",
        description="login page of the member site that takes ?linkToken=; "
        "empty: accounts cannot be linked on LINE",
    )
    line_api_base: str = Field(
        "", description="address of LINE's API where it is not the real one (tests)"
    )
    line_settle: float = Field(
        0.3, ge=0, le=5, description="seconds that a LINE event waits for an earlier one"
    )
    line_conversation_hours: int = Field(
        24, ge=1, description="hours of silence after which a new conversation begins on LINE"
    )
    case_days: int = Field(1095, ge=30, description="days that telephone cases are kept")
    caller_answers: int = Field(
        2, ge=1, le=4, description="right answers that make a caller on the telephone known"
    )
    caller_tries: int = Field(
        5, ge=1, le=50, description="wrong answers of callers in 24 hours for one number"
    )
    caller_verified_minutes: int = Field(
        60, ge=5, le=480, description="minutes that a verified caller stays so in one call"
    )
    handover_idle_minutes: int = Field(
        30,
        ge=1,
        description="minutes of a member's silence after which a person's conversation is closed",
    )
    handover_owner_gone_minutes: int = Field(
        10,
        ge=1,
        description="minutes without the owner's console after which an unanswered member waits "
        "for anybody again",
    )
    handover_given_up_hours: int = Field(
        24, ge=1, description="hours of silence after which a member who waits has given up"
    )
    staff_host: str = Field(
        "",
        description="host name of the staff console, e.g. staff.navi.example.jp: it is then found "
        "there and nowhere else, and nothing else is found there; empty: under /staff everywhere",
    )
    staff_idle_minutes: int = Field(
        60, ge=5, le=480, description="minutes without use after which staff are signed out"
    )
    staff_session_hours: int = Field(
        10, ge=1, le=24, description="hours after which staff are signed out in any case"
    )
    staff_first_password_days: int = Field(
        14,
        ge=1,
        le=365,
        description="days after which a first password of the operator's opens the console no more",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def demo(self) -> bool:
        """Whether demo shortcuts are allowed."""
        return self.env is Environment.demo

    def resolved_database_url(self) -> str:
        """The URL to connect to; `postgresql://` gets the psycopg driver."""
        if not self.database_url:
            return f"sqlite:///{self.var.resolve() / 'navi.db'}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url

    def secret_value(self) -> str:
        """The app's secret; demo mode has a fixed one."""
        return self.secret.get_secret_value() or (DEMO_SECRET if self.demo else "")

    def identity_key_map(self) -> dict[str, str]:
        """Accepted identity keys by kid. Raises SettingsError for a malformed list."""
        raw = self.identity_keys.get_secret_value() or (DEMO_IDENTITY_KEY if self.demo else "")
        return _key_map("NAVI_IDENTITY_KEYS", raw)

    def events_key_map(self) -> dict[str, str]:
        """Keys of reported registry events by kid. Raises SettingsError for a malformed list."""
        return _key_map("NAVI_EVENTS_KEYS", self.events_keys.get_secret_value())

    def origins(self) -> list[str]:
        """Origins that may embed the widget, without trailing slashes."""
        return [o.strip().rstrip("/") for o in self.allowed_origins.split(",") if o.strip()]


def _key_map(name: str, raw: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in raw.split(","))):
        kid, colon, secret = part.partition(":")
        if not colon or not kid or not secret:
            raise SettingsError(f"{name}: each key is written kid:secret")
        if kid in keys:
            raise SettingsError(f"{name}: the key {kid} stands twice")
        keys[kid] = secret
    return keys


def load_settings() -> Settings:
    """Read the environment. Raises SettingsError that names every wrong variable."""
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as error:
        lines = [f"NAVI_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
        raise SettingsError("\n".join(lines)) from None

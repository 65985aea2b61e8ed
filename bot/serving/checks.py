"""What must be right before the start; everything wrong is named at once."""

import re
import ssl

from bot.errors import SettingsError
from bot.settings import DEMO_IDENTITY_KEY, DEMO_SECRET, Settings

_SHORTEST_SECRET = 32
_LINE_USER = re.compile(r"U[0-9a-f]{32}")
_SENDER = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LINKS = (
    "site_top",
    "web_login",
    "mypage",
    "web_registration_pdf",
    "faq",
    "change_info",
    "contact",
)


def check_settings(settings: Settings) -> None:
    """Raises SettingsError that names every setting that production does not accept."""
    keys = settings.identity_key_map()
    line = _wrong_line(settings)
    if line:
        raise SettingsError("LINE is set in part or wrongly:\n" + "\n".join(line))
    events_keys = settings.events_key_map()
    if wrong := _wrong_smtp(settings):
        raise SettingsError("\n".join(wrong))
    if settings.demo:
        return
    wrong = [
        *_wrong_secrets(settings, keys),
        *_wrong_dialogue_elsewhere(settings),
        *_wrong_events_keys(events_keys),
        *_wrong_links(settings),
    ]
    if wrong:
        raise SettingsError(
            "production does not start with these settings"
            " (for a trial with invented members set NAVI_ENV=demo):\n" + "\n".join(wrong)
        )


def check_dialogue_settings(settings: Settings) -> None:
    """The few settings of a dialogue server run by itself (`navi dialogue`).

    Raises SettingsError that names each that is missing or wrong. The apps' secrets are neither
    asked for nor looked at: they do not belong on that machine.
    """
    needed = {
        "NAVI_ACTIONS_URL is missing: where the apps' private listeners are reached": (
            settings.actions_url
        ),
        "NAVI_DIALOGUE_PORT is missing: where the apps reach this server": settings.dialogue_port,
        # A file of its own would be a memory that no other dialogue server sees.
        "NAVI_DATABASE_URL is missing: the database that all apps and dialogue servers share": (
            settings.database_url or settings.demo
        ),
    }
    wrong = [sentence for sentence, given in needed.items() if not given]
    wrong += _wrong_dialogue_secret(settings)
    if wrong:
        raise SettingsError("a dialogue server by itself needs\n" + "\n".join(wrong))


def _wrong_dialogue_secret(settings: Settings) -> list[str]:
    secret = settings.dialogue_secret.get_secret_value()
    if not secret:
        return ["NAVI_DIALOGUE_SECRET is missing: it is shared by apps and dialogue servers"]
    if len(secret) < _SHORTEST_SECRET:
        return [f"NAVI_DIALOGUE_SECRET is shorter than {_SHORTEST_SECRET} characters"]
    return []


def _wrong_dialogue_elsewhere(settings: Settings) -> list[str]:
    """An app whose dialogue servers run elsewhere could not be reached by them without these."""
    if not settings.dialogue_url:
        return []
    wrong = _wrong_dialogue_secret(settings)
    if not settings.private_port:
        wrong.append("NAVI_PRIVATE_PORT is missing: dialogue servers elsewhere call the app there")
    return wrong


def _wrong_line(settings: Settings) -> list[str]:
    """With any of the three the channel is meant to be on, so all must be there."""
    values = {
        "NAVI_LINE_CHANNEL_SECRET": settings.line_channel_secret.get_secret_value(),
        "NAVI_LINE_CHANNEL_TOKEN": settings.line_channel_token.get_secret_value(),
        "NAVI_LINE_DESTINATION": settings.line_destination,
    }
    wrong = []
    if any(values.values()):
        wrong = [f"{name} is missing" for name, value in values.items() if not value]
        if settings.line_destination and not _LINE_USER.fullmatch(settings.line_destination):
            wrong.append("NAVI_LINE_DESTINATION is not a bot's user ID (U and 32 hex digits)")
    login = settings.line_link_login_url
    if login and not login.startswith("https://") and not settings.demo:
        wrong.append("NAVI_LINE_LINK_LOGIN_URL is not an https:// address")
    if settings.line_api_base and not settings.line_api_base.startswith(("https://", "http://")):
        wrong.append("NAVI_LINE_API_BASE is not an address")
    return wrong


def check_no_demo_members(numbers: list[str]) -> None:
    """Raises SettingsError where invented members are left in a production database."""
    if numbers:
        raise SettingsError(
            f"the registry holds invented demo members ({', '.join(numbers[:5])} …): "
            "start production on a database of its own (NAVI_DATABASE_URL or NAVI_VAR)"
        )


def check_no_demo_staff(logins: list[str]) -> None:
    """Raises SettingsError where the demo's staff accounts are left in a production database."""
    if logins:
        raise SettingsError(
            f"the database holds the demo's staff accounts ({', '.join(logins)}): "
            "start production on a database of its own (NAVI_DATABASE_URL or NAVI_VAR)"
        )


def _wrong_secrets(settings: Settings, keys: dict[str, str]) -> list[str]:
    wrong = []
    secret = settings.secret_value()
    if not secret:
        wrong.append("NAVI_SECRET is missing")
    elif secret == DEMO_SECRET or len(secret) < _SHORTEST_SECRET:
        wrong.append(f"NAVI_SECRET is the demo's or shorter than {_SHORTEST_SECRET} characters")
    if not keys:
        wrong.append("NAVI_IDENTITY_KEYS is missing")
    demo_secret = DEMO_IDENTITY_KEY.partition(":")[2]
    for kid, key in keys.items():
        if key == demo_secret or len(key) < _SHORTEST_SECRET:
            wrong.append(
                f"NAVI_IDENTITY_KEYS: the key {kid} is the demo's or shorter than "
                f"{_SHORTEST_SECRET} characters"
            )
    return wrong


def _wrong_events_keys(keys: dict[str, str]) -> list[str]:
    return [
        f"NAVI_EVENTS_KEYS: the key {kid} is shorter than {_SHORTEST_SECRET} characters"
        for kid, key in keys.items()
        if len(key) < _SHORTEST_SECRET
    ]


def _wrong_smtp(settings: Settings) -> list[str]:
    """Half a mail server is an error in demo mode too: mails would seem to go out."""
    if not settings.smtp_host:
        given = {
            "NAVI_SMTP_USERNAME": settings.smtp_username,
            "NAVI_SMTP_PASSWORD": settings.smtp_password.get_secret_value(),
            "NAVI_SMTP_FROM": settings.smtp_from,
            "NAVI_SMTP_CA_FILE": settings.smtp_ca_file,
        }
        return [f"{name} is set, but NAVI_SMTP_HOST is missing" for name, v in given.items() if v]
    wrong = []
    if not _SENDER.fullmatch(settings.smtp_from):
        wrong.append("NAVI_SMTP_FROM is missing or no plain mail address (name@example.jp)")
    if bool(settings.smtp_username) != bool(settings.smtp_password.get_secret_value()):
        wrong.append("NAVI_SMTP_USERNAME and NAVI_SMTP_PASSWORD belong together")
    if {"smtp_tls", "smtp_starttls"} <= settings.model_fields_set and (
        settings.smtp_tls and settings.smtp_starttls
    ):
        wrong.append("NAVI_SMTP_TLS and NAVI_SMTP_STARTTLS exclude each other: set one to false")
    if settings.smtp_ca_file and not _holds_certificates(settings.smtp_ca_file):
        wrong.append("NAVI_SMTP_CA_FILE is no readable file of certificates (PEM)")
    encrypted = settings.smtp_tls or settings.smtp_starttls
    if settings.smtp_username and not encrypted:
        wrong.append("NAVI_SMTP_STARTTLS or NAVI_SMTP_TLS is needed: a password in clear is not")
    return wrong


def _holds_certificates(file: str) -> bool:
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # an SSLError too
        return False
    return True


def _wrong_links(settings: Settings) -> list[str]:
    wrong = []
    for key in _LINKS:
        name, url = f"NAVI_LINK_{key.upper()}", str(getattr(settings, f"link_{key}"))
        if not url:
            wrong.append(f"{name} is missing")
        elif not url.startswith(("https://", "http://")) or "/demo/" in url:
            wrong.append(f"{name} is not an address of the member site")
    return wrong

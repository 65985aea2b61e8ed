"""What must be right before the start; everything wrong is named at once."""

from bot.errors import SettingsError
from bot.settings import DEMO_IDENTITY_KEY, DEMO_SECRET, Settings

_SHORTEST_SECRET = 32
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
    if settings.demo:
        return
    wrong = [*_wrong_secrets(settings, keys), *_wrong_links(settings)]
    if wrong:
        raise SettingsError(
            "production does not start with these settings"
            " (for a trial with invented members set NAVI_ENV=demo):\n" + "\n".join(wrong)
        )


def check_no_demo_members(numbers: list[str]) -> None:
    """Raises SettingsError where invented members are left in a production database."""
    if numbers:
        raise SettingsError(
            f"the registry holds invented demo members ({', '.join(numbers[:5])} …): "
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


def _wrong_links(settings: Settings) -> list[str]:
    wrong = []
    for key in _LINKS:
        name, url = f"NAVI_LINK_{key.upper()}", str(getattr(settings, f"link_{key}"))
        if not url:
            wrong.append(f"{name} is missing")
        elif not url.startswith(("https://", "http://")) or "/demo/" in url:
            wrong.append(f"{name} is not an address of the member site")
    return wrong

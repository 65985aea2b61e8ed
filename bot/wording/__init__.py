"""The app's own words (YAML beside this file), with the office's settings filled in."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot import payloads
from bot.messages import Choice, Draft
from bot.settings import Settings

_HERE = Path(__file__).resolve().parent


@cache
def _file(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((_HERE / name).read_text(encoding="utf-8"))
    return loaded


def labels() -> dict[str, str]:
    """Label of a topic in a clarification, by topic."""
    return {str(topic): str(label) for topic, label in _file("labels.yml").items()}


def progress_label(step: str) -> str:
    """Name of a step of the progress picture."""
    return str(_file("system.yml")["progress"][step])


def mail_words(kind: str) -> dict[str, str]:
    """Subject and text of a mail."""
    return {str(key): str(value) for key, value in _file("mails.yml")[kind].items()}


def number_label(kind: str | None, number: str) -> str:
    """A registration number on a button: its kind and its last two digits."""
    words = _file("numbers.yml")
    return str(words.get(kind or "other", words["other"])).format(ending=number[-2:])


def staff_members(section: str) -> dict[str, Any]:
    """Words of the pages on callers, registrations and cases, by section."""
    words: dict[str, Any] = _file("staff_members.yml")[section]
    return words


def handover_words() -> dict[str, Any]:
    """What the desk says to members, and what staff read of it."""
    return _file("handover.yml") | _file("staff_desk.yml")


def problem_sentence(key: str) -> str:
    """Why something was refused or did not work."""
    return str(_file("problems.yml")[key])


def mail_sender() -> str:
    """The name that stands beside the sender's address."""
    return str(_file("mails.yml")["sender"])


@dataclass(frozen=True)
class OfficeWords:
    """What depends on the office: links and how to reach a person."""

    links: dict[str, dict[str, str]]
    contact: str
    retention_days: int

    @classmethod
    def of(cls, settings: Settings, base_url: str = "") -> "OfficeWords":
        """From the settings; demo mode links its own small pages under `base_url`."""
        words = _file("system.yml")
        links = {}
        for key, label in words["links"].items():
            url = getattr(settings, f"link_{key}")
            if not url and settings.demo:
                url = f"{base_url}/demo/links/{key}"
            if url:
                links[key] = {"label": label, "url": url}
        return cls(links, _contact(settings, words), settings.retention_days)

    def system(self, key: str, **values: str) -> Draft:
        """One of the app's own messages, with its choices."""
        words = _file("system.yml")[key]
        filled = words["text"].format(
            contact=self.contact, retention_days=self.retention_days, **values
        )
        return Draft("system", filled.strip(), choices=_choices(words.get("choices", [])))

    def menu(self) -> tuple[Choice, ...]:
        """What most members come for."""
        return _choices(_file("system.yml")["menu"])


def _contact(settings: Settings, words: dict[str, Any]) -> str:
    phone, hours = settings.contact_phone, settings.contact_hours
    if not phone and settings.demo:
        phone, hours = "03-0000-0000（デモ）", hours or "平日9時から17時"
    if not phone:
        return str(words["contact_page"])
    spoken = words["contact_hours"].format(hours=hours) if hours else ""
    return str(words["contact_with_phone"].format(phone=phone, hours=spoken))


def _choices(rows: list[dict[str, str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(row["label"], payloads.value(f"/{row['intent']}"), f"/{row['intent']}")
        for row in rows
    )

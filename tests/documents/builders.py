"""A wording with overrides."""

from typing import Any

from bot.documents.wordings import Button, Wording


def wording(text: str = "お待ちください。", **overrides: Any) -> Wording:
    """An innocent answer; `labels` makes buttons that lead to a person."""
    labels = overrides.pop("labels", ())
    values: dict[str, Any] = {
        "key": "utter_faq",
        "file": "data/responses/faq.yml",
        "texts": {"web": (text,)},
        "topic": "faq",
        "buttons": tuple(Button(label, "/handoff") for label in labels),
    }
    return Wording(**(values | overrides))

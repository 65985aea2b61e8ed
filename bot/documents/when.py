"""When a wording is said, in words that the office understands."""

from bot.documents.wordings import Wording
from bot.documents.words import outcome_name, words
from bot.wording import labels


def topic_name(topic: str | None) -> str:
    """Japanese name of a topic; "" where there is none."""
    if not topic:
        return ""
    return str(words()["topics"].get(topic) or labels().get(topic, topic))


def when(wording: Wording) -> str:
    """The occasion; "" where nothing says it (a mistake that `navi wording check` names)."""
    w = words()["when"]
    key = wording.key
    if key in w["keys"]:
        return str(w["keys"][key])
    if wording.group:
        # A group inside a file is called by the file's name.
        return str(w["groups"].get(wording.group) or w["groups"].get(key.split(".")[0], ""))
    for family, sentence in w["families"].items():
        if key.startswith(family):
            name = _name(key.removeprefix(family))
            return str(sentence).format(name=name) if name else ""
    topic = key.removeprefix("utter_")
    return str(w["topic"]).format(name=topic_name(topic)) if topic in labels() else ""


def _name(part: str) -> str:
    """Name of a question, of a variant of an outcome, or of an outcome."""
    w = words()["when"]
    name = w["questions"].get(part) or w["variants"].get(part)
    if name:
        return str(name)
    try:
        return outcome_name(part)
    except KeyError:
        return ""

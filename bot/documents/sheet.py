"""One sheet of all wordings for the office to read and approve (`navi wording export`)."""

import csv
import io
from collections.abc import Iterable, Mapping

from bot.documents.when import topic_name, when
from bot.documents.wordings import WEB, Wording, with_variables
from bot.documents.words import words

# A cell that begins with one of these is a formula to a spreadsheet, in Japanese Excel also in
# full width; an apostrophe makes it text again.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def rows(wordings: Iterable[Wording], link_labels: Mapping[str, str]) -> list[dict[str, str]]:
    """A row a wording, by the names of the columns; variables stand as 〔…〕."""
    return [_row(wording, link_labels) for wording in wordings]


def link_labels(wordings: Iterable[Wording]) -> dict[str, str]:
    """What a link is called on the screen, by its key."""
    links = (w for w in wordings if w.group == "links")
    return {w.key.removeprefix("links."): w.texts[WEB][0] for w in links}


def as_csv(table: list[dict[str, str]]) -> str:
    """The sheet for Excel: with byte order mark, every cell quoted, formulas made harmless."""
    columns: dict[str, str] = words()["sheet"]["columns"]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns.values())
    for row in table:
        writer.writerow(_cell(row[name]) for name in columns)
    return "\ufeff" + out.getvalue()


def _cell(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _row(wording: Wording, link_labels: Mapping[str, str]) -> dict[str, str]:
    lengths = [
        [len(bubble) for bubble in wording.bubbles(_with_examples(text))]
        for text in wording.all_texts()
    ]
    elsewhere = words()["sheet"]["same_as_web" if WEB in wording.texts else "not_said"]
    return {
        "key": wording.key,
        "topic": topic_name(wording.topic),
        "when": when(wording),
        WEB: _texts(wording, WEB),
        "line": _texts(wording, "line") or elsewhere,
        "staff": _texts(wording, "staff") or elsewhere,
        "buttons": "\n".join(f"［{button.label}］" for button in wording.buttons),
        "links": "\n".join(link_labels.get(key, key) for key in wording.links),
        "characters": str(max((sum(bubbles) for bubbles in lengths), default=0)),
        "longest": str(max((n for bubbles in lengths for n in bubbles), default=0)),
        "approved": "",
        "wishes": "",
        "file": wording.file,
    }


def _texts(wording: Wording, channel: str) -> str:
    shown = {name: f"〔{row['shown']}〕" for name, row in words()["variables"].items()}
    between = f"\n{words()['sheet']['or']}\n"
    return between.join(with_variables(text, shown) for text in wording.texts.get(channel, ()))


def _with_examples(text: str) -> str:
    examples = {name: str(row["example"]) for name, row in words()["variables"].items()}
    return with_variables(text, examples)

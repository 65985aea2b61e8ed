"""`navi tree`: both decisions as an SVG of two A4 pages, or as Mermaid text."""

from actions.domain.procedure import Rules
from bot.documents.draw_table import draw_table
from bot.documents.draw_tree import MARGIN, TreeDrawing
from bot.documents.svg import INK, PAGE_HEIGHT, PAGE_WIDTH, Drawing, wrap
from bot.documents.tree_claims import claims_tree
from bot.documents.tree_registry import registry_rows
from bot.documents.tree_words import TreeWords
from bot.documents.words import words

_TITLE, _NOTE, _FOOT = 17, 10.5, 9
_WORDS_TOP, _TABLE_TOP, _BOTTOM = 80, 100, PAGE_HEIGHT - 44


def tree_svg(rules: Rules, said: TreeWords) -> str:
    """The two pages one below the other."""
    w = words()["tree"]
    drawing = Drawing(2, w["title"])
    _page(drawing, 0, w["words_title"], [w["words_note"]])
    start = drawing.mark()
    bottom = TreeDrawing(drawing, said).draw(claims_tree(rules), 0, _WORDS_TOP)
    _fit(drawing, start, _WORDS_TOP, bottom, _BOTTOM)
    _page(drawing, 1, w["registry_title"], [w["registry_note"], w["steps"]])
    start, top = drawing.mark(), PAGE_HEIGHT + _TABLE_TOP
    bottom = draw_table(drawing, said, registry_rows(rules), top)
    _fit(drawing, start, top, bottom, PAGE_HEIGHT + _BOTTOM)
    return drawing.svg()


def claims_svg(rules: Rules, said: TreeWords, title: str, note: str) -> str:
    """The check's tree alone on one page."""
    drawing = Drawing(1, title)
    _page(drawing, 0, title, [note])
    start = drawing.mark()
    bottom = TreeDrawing(drawing, said).draw(claims_tree(rules), 0, _WORDS_TOP)
    _fit(drawing, start, _WORDS_TOP, bottom, _BOTTOM)
    return drawing.svg()


def _fit(drawing: Drawing, start: int, top: float, bottom: float, limit: float) -> None:
    """Longer wordings make the drawing smaller instead of running off the page."""
    if bottom > limit:
        drawing.shrink(start, (limit - top) / (bottom - top), MARGIN, top)


def _page(drawing: Drawing, number: int, title: str, notes: list[str]) -> None:
    top = number * PAGE_HEIGHT
    room = PAGE_WIDTH - 2 * MARGIN
    drawing.text(MARGIN, top + 24, [title], _TITLE, INK, bold=True)
    lines = [line for note in notes for line in wrap(note, _NOTE, room)]
    drawing.text(MARGIN, top + 54, lines, _NOTE, INK)
    drawing.text(MARGIN, top + PAGE_HEIGHT - 26, [words()["tree"]["footer"]], _FOOT, "#5a6875")

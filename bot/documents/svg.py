"""The little of SVG that the drawings need: boxes, lines, and Japanese text that wraps.

Lengths are pixels of 1/96 inch, so that A4 landscape is 1123 by 794.
"""

import re
from html import escape
from unicodedata import east_asian_width

PAGE_WIDTH, PAGE_HEIGHT = 1123, 794
INK, LINE, ACCENT, WARN = "#1b2733", "#8a99a8", "#1f5f99", "#b3261e"
_FONTS = "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,sans-serif"
# Marks that begin no line, and marks that end none (the usual rules of Japanese typesetting).
_NOT_FIRST = "、。，．・：；？！）」』】〕〉》ー々ゃゅょっぁぃぅぇぉャュョッ％円日"
_NOT_LAST = "（「『【〔〈《"
_COUNT = re.compile(r"(（\d+件）)")


def width(text: str, size: float) -> float:
    """About how wide a text is: no font is asked, full width counts 1 em, the rest 0.56."""
    return size * sum(1.0 if east_asian_width(c) in "FWA" else 0.56 for c in text)


def wrap(text: str, size: float, room: float) -> list[str]:
    """The text in lines of at most `room`; line breaks stay, Latin words and numbers too."""
    return [line for part in text.splitlines() for line in _wrap_line(part, size, room)]


def _wrap_line(text: str, size: float, room: float) -> list[str]:
    lines, line = [], ""
    for unit in _units(text):
        # A mark that may not begin a line hangs over the edge instead.
        if line and width(line + unit, size) > room and unit[0] not in _NOT_FIRST:
            carried = ""
            while line and line[-1] in _NOT_LAST:
                line, carried = line[:-1], line[-1] + carried
            lines.append(line.rstrip())
            line = carried + unit.lstrip()
        else:
            line += unit
    return [*lines, line] if line else lines


def _units(text: str) -> list[str]:
    """What is not parted: one Japanese character, a run of Latin letters and digits, （12件）."""
    units: list[str] = []
    for piece in _COUNT.split(text):
        units += [piece] if _COUNT.fullmatch(piece) else _words(piece)
    return units


def _words(text: str) -> list[str]:
    units: list[str] = []
    for c in text:
        latin = c.isascii() and c.isalnum()
        if units and latin and units[-1][-1].isascii() and units[-1][-1].isalnum():
            units[-1] += c
        else:
            units.append(c)
    return units


class Drawing:
    """Collects elements; `svg()` gives the document."""

    def __init__(self, pages: int, title: str) -> None:
        self._pages = pages
        self._title = title
        self._elements: list[str] = []

    def box(
        self, x: float, y: float, w: float, h: float, fill: str, stroke: str, radius: float = 6
    ) -> None:
        """A rounded rectangle."""
        self._add(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
        )

    def arrow(self, points: list[tuple[float, float]]) -> None:
        """A line through the points with a head at its end."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add(
            f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.4" '
            'marker-end="url(#head)"/>'
        )

    def rule(self, x1: float, x2: float, y: float) -> None:
        """A thin horizontal line."""
        self._add(
            f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{LINE}" stroke-width="0.7"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        lines: list[str],
        size: float,
        color: str = INK,
        bold: bool = False,
    ) -> None:
        """Lines from the top `y` downwards, each `leading(size)` high."""
        weight = ' font-weight="700"' if bold else ""
        for i, line in enumerate(lines):
            base = y + leading(size) * i + size * 0.95
            self._add(
                f'<text x="{x:.1f}" y="{base:.1f}" font-size="{size}" fill="{color}"{weight}>'
                f"{escape(line, quote=False)}</text>"
            )

    def mark(self) -> int:
        """Where the drawing stands, for `shrink`."""
        return len(self._elements)

    def shrink(self, since: int, scale: float, x: float, y: float) -> None:
        """Draw everything since a mark smaller, from the corner (x, y)."""
        shift = f"translate({x:.1f} {y:.1f}) scale({scale:.3f}) translate({-x:.1f} {-y:.1f})"
        self._elements[since:] = [f'<g transform="{shift}">', *self._elements[since:], "</g>"]

    def svg(self) -> str:
        """The document; printed, each page is an A4 sheet in landscape."""
        height = PAGE_HEIGHT * self._pages
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" lang="ja" width="297mm" '
            f'height="{210 * self._pages}mm" viewBox="0 0 {PAGE_WIDTH} {height}" '
            f'font-family="{_FONTS}" role="img">\n'
            f"<title>{escape(self._title)}</title>\n"
            "<style>@page{size:A4 landscape;margin:0}</style>\n"
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{LINE}"/></marker>'
            "</defs>\n"
            f'<rect width="{PAGE_WIDTH}" height="{height}" fill="#ffffff"/>\n'
        )
        return head + "\n".join(self._elements) + "\n</svg>\n"

    def _add(self, element: str) -> None:
        self._elements.append(element)


def leading(size: float) -> float:
    """Height of a line of text."""
    return size * 1.45

"""The picture of a result: bars for throughput, on a scale of powers of ten."""

import math
from typing import Any

from bench.report import find

_COLOURS = {"stock": "#9aa5b1", "ours": "#1f6f6b", "floor": "#d8dee4"}
_WORDS = {"stock": "stock Rasa", "ours": "navi", "floor": "floor (one commit)"}
_SCRIPTS = ("button", "text", "lookup", "form", "mixed")
_LEFT, _WIDTH, _BAR, _GAP = 150, 560, 14, 14


def draw(result: dict[str, Any]) -> str:
    """An SVG with turns a second of each script, by members and target."""
    groups = [
        (f"{script}, {members}", _bars(result, script, members))
        for script in _SCRIPTS
        for members in result["plan"]["members"]
    ]
    groups = [(label, bars) for label, bars in groups if bars]
    most = max((value for _, bars in groups for _, value in bars), default=1.0)
    parts, y = [], 56
    for label, bars in groups:
        parts.append(_words(_LEFT - 10, y + _BAR * len(bars) / 2 + 4, label, "end"))
        for name, value in bars:
            parts.append(_bar(name, value, y, most))
            y += _BAR
        y += _GAP
    about = result["machine"]
    title = f"Turns a second by script and members: {about['processor']}, {about['cores']} cores"
    head = [_words(10, 20, title, "start", bold=True), *_legend()]
    size = f'viewBox="0 0 {_LEFT + _WIDTH + 70} {y + 6}" font-family="sans-serif" font-size="12"'
    background = f'<rect width="{_LEFT + _WIDTH + 70}" height="{y + 6}" fill="#ffffff"/>'
    body = "\n".join([background, *head, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{body}\n</svg>\n'


def _bars(result: dict[str, Any], script: str, members: int) -> list[tuple[str, float]]:
    rows = [(name, find(result, name, script, members)) for name in _COLOURS]
    return [(name, row["turns_per_s"]) for name, row in rows if row and row["turns_per_s"]]


def _bar(name: str, value: float, y: float, most: float) -> str:
    # From one turn a second upwards; a tenfold throughput is one step further.
    width = max(2.0, _WIDTH * math.log10(max(value, 1.0)) / math.log10(max(most, 10.0)))
    bar = f'<rect x="{_LEFT}" y="{y}" width="{width:.0f}" height="{_BAR - 2}" '
    return f'{bar}fill="{_COLOURS[name]}"/>' + _words(
        _LEFT + width + 6, y + _BAR - 4, f"{value:,.0f}" if value >= 10 else f"{value:.1f}", "start"
    )


def _legend() -> list[str]:
    parts, x = [], 10
    for name, colour in _COLOURS.items():
        parts.append(f'<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/>')
        parts.append(_words(x + 18, 42, _WORDS[name], "start"))
        x += 130
    parts.append(_words(x + 10, 42, "(logarithmic)", "start"))
    return parts


def _words(x: float, y: float, words: str, anchor: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"{weight}>{words}</text>'

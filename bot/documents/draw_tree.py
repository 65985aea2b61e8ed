"""The check's tree on a page: the longest way runs straight down, what ends earlier goes right."""

from dataclasses import dataclass

from bot.documents.svg import ACCENT, INK, WARN, Drawing, leading, wrap
from bot.documents.tree import Branch, Node, Result, Step, depth
from bot.documents.tree_words import TreeWords
from bot.documents.words import words

MARGIN = 36
_BOX, _GAP = 254, 144
_DOWN = 28
_BETWEEN = 9
_PAD = 8
_TITLE, _SMALL, _LABEL = 12.5, 10, 10.5


@dataclass(frozen=True)
class _Text:
    """A box's words: lines of the title and of what stands below it."""

    title: list[str]
    below: list[str]
    badge: str = ""

    @property
    def height(self) -> float:
        small = len(self.below) + bool(self.badge)
        return 2 * _PAD + leading(_TITLE) * len(self.title) + leading(_SMALL) * small


class TreeDrawing:
    """Draws one tree into `drawing`."""

    def __init__(self, drawing: Drawing, said: TreeWords) -> None:
        self._drawing = drawing
        self._said = said

    def draw(self, node: Node, column: int, top: float) -> float:
        """Draw a node and all below it from `top` downwards; gives where that ends."""
        text = self._text(node)
        x = MARGIN + column * (_BOX + _GAP)
        self._box(node, text, x, top)
        if isinstance(node, Result):
            return top + text.height
        down = self._straight_on(node)
        bottom = top + text.height
        at = top
        for branch in node.branches:
            if branch is not down:
                self._edge_right(branch, node, x, top, at)
                bottom = at = self.draw(branch.to, column + 1, at)
                at += _BETWEEN
        bottom = max(bottom, top + text.height)
        if down is None:
            return bottom
        below = bottom + _DOWN
        self._edge_down(down, node, x, top + text.height, below)
        return self.draw(down.to, column, below)

    @staticmethod
    def _straight_on(node: Step) -> Branch | None:
        """The branch with the most steps; None where all branches end."""
        longest = max(node.branches, key=lambda branch: depth(branch.to))
        return longest if depth(longest.to) else None

    def _text(self, node: Node) -> _Text:
        room = _BOX - 2 * _PAD
        if isinstance(node, Step):
            title, subject = self._said.question(node.name)
            return _Text(wrap(title, _TITLE, room), wrap(subject, _SMALL, room))
        badge = str(words()["tree"]["handover"]) if node.handover else ""
        title = self._said.outcome(node.outcome)
        return _Text(
            wrap(title, _TITLE, room),
            wrap(self._said.said("claims", node.outcome), _SMALL, room),
            badge,
        )

    def _box(self, node: Node, text: _Text, x: float, y: float) -> None:
        if isinstance(node, Step):
            fill, stroke = "#ffffff", ACCENT
        else:
            fill, stroke = ("#fdf1f0", WARN) if node.handover else ("#eef4f9", "#b9c9d8")
        draw = self._drawing
        draw.box(x, y, _BOX, text.height, fill, stroke)
        draw.text(x + _PAD, y + _PAD, text.title, _TITLE, INK, bold=True)
        below = y + _PAD + leading(_TITLE) * len(text.title)
        draw.text(x + _PAD, below, text.below, _SMALL, INK)
        if text.badge:
            last = below + leading(_SMALL) * len(text.below)
            draw.text(x + _PAD, last, [f"■ {text.badge}"], _SMALL, WARN, bold=True)

    def _edge_right(self, branch: Branch, node: Step, x: float, top: float, at: float) -> None:
        """From the middle of the box's first line to the box on the right."""
        start, end = x + _BOX, x + _BOX + _GAP
        y = at + _PAD + leading(_TITLE) / 2
        if at == top:
            self._drawing.arrow([(start, y), (end - 2, y)])
        else:
            bend = start + 14
            first = top + _PAD + leading(_TITLE) / 2
            self._drawing.arrow([(bend, first), (bend, y), (end - 2, y)])
        *others, last = self._said.answers(node.name, branch.values)
        parts = [*(f"{answer} ／" for answer in others), last]
        lines = [line for part in parts for line in wrap(part, _LABEL, _GAP - 26)]
        self._drawing.text(start + 19, y + 5, lines, _LABEL, ACCENT, bold=True)

    def _edge_down(self, branch: Branch, node: Step, x: float, y: float, below: float) -> None:
        middle = x + 28
        self._drawing.arrow([(middle, y), (middle, below - 2)])
        label = " ／ ".join(self._said.answers(node.name, branch.values))
        up = below - _DOWN / 2 - leading(_LABEL) / 2 - 1
        self._drawing.text(middle + 10, up, [label], _LABEL, ACCENT, bold=True)

"""The registry's decision on a page: a table whose first fitting row is the result."""

from actions.domain.progress import StepState, progress
from bot.documents.draw_tree import MARGIN
from bot.documents.svg import ACCENT, INK, LINE, PAGE_WIDTH, WARN, Drawing, leading, wrap
from bot.documents.tree_registry import Row
from bot.documents.tree_words import TreeWords
from bot.documents.words import words

_SIZE, _HEAD, _PAD = 11, 10.5, 8
# Where the columns begin: number, condition, outcome, what is said, progress.
_COLUMNS = {"row": 0, "condition": 40, "outcome": 330, "said": 560, "steps": 956}
_MARKS = {
    StepState.done: ("●", INK),
    StepState.current: ("◎", ACCENT),
    StepState.todo: ("○", LINE),
    StepState.problem: ("✕", WARN),
}
_MARK, _MARK_WIDTH = 14, 18


def draw_table(drawing: Drawing, said: TreeWords, rows: list[Row], top: float) -> float:
    """Draw the rows from `top` downwards; gives where the table ends."""
    for name, title in words()["tree"]["columns"].items():
        drawing.text(MARGIN + _COLUMNS[name], top, [title], _HEAD, ACCENT, bold=True)
    y = top + leading(_HEAD) + 4
    for number, row in enumerate(rows, 1):
        drawing.rule(MARGIN, PAGE_WIDTH - MARGIN, y)
        y = _row(drawing, said, number, row, y + _PAD) + _PAD
    drawing.rule(MARGIN, PAGE_WIDTH - MARGIN, y)
    return y


def _row(drawing: Drawing, said: TreeWords, number: int, row: Row, y: float) -> float:
    outcome = row.result.outcome
    conditions = [wrap(said.condition(c), _SIZE, _room("condition")) for c in row.conditions]
    named = wrap(said.outcome(outcome), _SIZE, _room("outcome"))
    texts = {
        "row": [str(number)],
        "condition": [line for lines in conditions for line in lines],
        "said": wrap(said.said("registry", outcome), _SIZE, _room("said")),
    }
    for name, lines in texts.items():
        drawing.text(MARGIN + _COLUMNS[name], y, lines, _SIZE, INK)
    for i, (_, state) in enumerate(progress(outcome)):
        mark, color = _MARKS[state]
        x = MARGIN + _COLUMNS["steps"] + i * _MARK_WIDTH
        drawing.text(x, y - 2, [mark], _MARK, color, bold=True)
    drawing.text(MARGIN + _COLUMNS["outcome"], y, named, _SIZE, INK, bold=True)
    if row.result.handover:
        badge = f"■ {words()['tree']['handover']}"
        below = y + leading(_SIZE) * len(named)
        drawing.text(MARGIN + _COLUMNS["outcome"], below, [badge], _SIZE, WARN, bold=True)
    most = max(len(named) + row.result.handover, *(len(lines) for lines in texts.values()))
    return y + leading(_SIZE) * most


def _room(name: str) -> float:
    names = list(_COLUMNS)
    return _COLUMNS[names[names.index(name) + 1]] - _COLUMNS[name] - 16

"""Tables as CSV files that a spreadsheet may open without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins so is a formula to Excel, LibreOffice and Google; also behind a separator
# that a program may split at.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BOM = "\ufeff"  # or Excel reads Japanese as Shift_JIS


def safe_cell(value: object) -> str:
    """A cell as text; one that a spreadsheet would calculate gets an apostrophe before it."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) or not text.lstrip(" \u3000").startswith(_FORMULA):
        return text
    return "'" + text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole sheet, UTF-8 with BOM, every cell quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in (header, *rows):
        writer.writerow([safe_cell(value) for value in row])
    return _BOM + out.getvalue()

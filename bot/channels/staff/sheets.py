"""Tables as CSV files that a spreadsheet opens: Japanese readable, no formula ever run."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi.responses import Response

# A cell that begins so is taken for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str:
    """The cell's text; what a spreadsheet could run gets an apostrophe before it."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) and not is_number else text


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows with a byte order mark, without which Excel misreads Japanese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def csv_answer(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """A download; `name` is the file's (ASCII)."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(csv_text(rows), media_type="text/csv; charset=utf-8", headers=headers)

"""A CSV file as lines of named cells: encoding, delimiter, header, line numbers."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.importing import values
from bot.importing.columns import SheetKind, recognise
from bot.importing.records import NamedFile, Place, Problems
from bot.importing.values import BadValue

# What spreadsheets write so that a number keeps its leading zeros: ="012345" or '012345
_KEPT_AS_TEXT = re.compile(r"=\"([^\"]*)\"|'(.*)")


@dataclass(frozen=True)
class Line:
    """One line of a sheet; cells by column, "" where the sheet has no such column."""

    cells: dict[str, str]
    place: Place
    consumed: int

    def cell(self, column: str) -> str:
        """The cell without blanks around it."""
        return self.cells.get(column, "").strip()

    def number(self) -> str:
        """The registration number. Raises BadValue."""
        cell = values.sheet_cell(self.cell("number"))
        kept = _KEPT_AS_TEXT.fullmatch(cell)
        return values.number((kept[1] or kept[2]) if kept else cell, "登録番号 (number)")


@dataclass(frozen=True)
class Sheet:
    """A sheet whose kind is known; `size` in bytes."""

    file: NamedFile
    kind: SheetKind
    columns: Sequence[str | None]
    content: str
    delimiter: str
    size: int

    def lines(self, problems: Problems) -> Iterator[Line]:
        """The lines under the header, empty ones left out; broken ones go to `problems`."""
        per_character = self.size / max(len(self.content), 1)
        start = 1
        for end, row in self._rows(problems):
            place, start = Place(self.file.name, start), end + 1
            if place.line == 1 or not any(cell.strip() for cell in row):
                continue
            if any(cell.strip() for cell in row[len(self.columns) :]):
                problems.add(place, "has more cells than the header has columns")
                continue
            cells = {name: cell for name, cell in zip(self.columns, row, strict=False) if name}
            yield Line(cells, place, round(sum(map(len, row)) * per_character))

    def _rows(self, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        """Rows with the number of their last line (a quoted cell may span several)."""
        reader = _reader(self.content, self.delimiter)
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            problems.add(Place(self.file.name, reader.line_num), f"is not CSV: {error}")


def open_sheet(file: NamedFile) -> Sheet:
    """Read a file and recognise it. Raises BadValue for one that is no known sheet."""
    raw = file.path.read_bytes()
    content = _decode(raw)
    first = content.split("\n", 1)[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    try:
        header: list[str] = next(_reader(content, delimiter), [])
    except csv.Error as error:
        raise BadValue(f"is not CSV: {error}") from None
    kind, columns = recognise(header)
    return Sheet(file, kind, columns, content, delimiter, len(raw))


def _reader(content: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)


def _decode(raw: bytes) -> str:
    """Text by its byte order mark, else UTF-8, else Shift_JIS as Windows writes it (cp932)."""
    # UTF-8 before Shift_JIS: Japanese in Shift_JIS is practically never valid UTF-8.
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if wide else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadValue("is neither UTF-8 nor Shift_JIS")

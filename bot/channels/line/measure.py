"""Lengths as LINE counts them: graphemes for labels, UTF-16 units for texts."""

import regex

_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> int:
    """What a reader would call characters."""
    return len(_GRAPHEME.findall(text))


def utf16(text: str) -> int:
    """UTF-16 units: a rare kanji counts two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def cut_graphemes(text: str, most: int) -> str:
    """At most so many graphemes; a cut is shown by 「…」."""
    found = _GRAPHEME.findall(text)
    return text if len(found) <= most else "".join(found[: most - 1]) + "…"


def cut_utf16(text: str, most: int) -> str:
    """At most so many UTF-16 units, never within a grapheme; a cut is shown by 「…」."""
    return text if utf16(text) <= most else _fitting(text, most - 1) + "…"


def split_utf16(text: str, most: int) -> list[str]:
    """Parts of at most so many units, cut at a line's end where there is one."""
    parts = []
    while utf16(text) > most:
        head = _fitting(text, most)
        line = head.rfind("\n")
        if line > len(head) // 2:
            head = head[:line]
        parts.append(head.rstrip())
        text = text[len(head) :].lstrip("\n")
    return [part for part in [*parts, text] if part]


def _fitting(text: str, most: int) -> str:
    size, end = 0, 0
    for found in _GRAPHEME.finditer(text):
        size += utf16(found[0])
        if size > most:
            break
        end = found.end()
    if end == 0:  # a single grapheme longer than that: cut inside it, rather than not at all
        return text.encode("utf-16-le")[: most * 2].decode("utf-16-le", "ignore")
    return text[:end]

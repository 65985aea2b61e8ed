"""One spelling for what members type: width, kana, dashes, digits."""

import re
import unicodedata

from actions.domain.dates.numerals import digits_for_kana, digits_for_kanji

_TO_HIRAGANA = {c: c - 0x60 for c in range(0x30A1, 0x30F7)}
_SPACE = re.compile(r"\s+")
_SPACE_BETWEEN_DIGITS = re.compile(r"(?<=\d)\s+(?=\d)")
_DASH = re.compile(r"(?<=\d)[ー‐‑‒–—―−](?=\d)")
_TILDE = re.compile("[〜~∼]")
_LETTER_O = re.compile(r"(?<=\d)o(?=[\d日月/]|$)")
_LETTER_L = re.compile(r"(?<=\d)[l|](?=[\d日月/]|$)")
_TYPOS = str.maketrans({"曰": "日", "⽇": "日", "⽉": "月"})


def to_hiragana(text: str) -> str:
    """`text` in one width (NFKC), lower case and hiragana, without invisible characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "So", "Sk"})
    return text.translate(_TO_HIRAGANA)


def fold(text: str) -> str:
    """`text` as the date rules read it: no spaces but between digits, numbers in digits."""
    text = to_hiragana(text).translate(_TYPOS)
    text = _SPACE_BETWEEN_DIGITS.sub("\x02", text.strip())
    text = _SPACE.sub("", text).replace("\x02", " ")
    text = _TILDE.sub("~", _DASH.sub("-", text))
    text = _LETTER_L.sub("1", _LETTER_O.sub("0", text))
    return digits_for_kana(digits_for_kanji(text))

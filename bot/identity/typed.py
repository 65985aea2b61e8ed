"""A registration number or a mailed code in a member's words, found and made unreadable.

Both are typed into the chat; neither may reach the dialogue, its tracker or a log in clear.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.text import clean, mask, same_words

NUMBER_DIGITS, CODE_DIGITS = 6, 8
_MARKS = {NUMBER_DIGITS: "〔登録番号〕", CODE_DIGITS: "〔確認コード〕"}
# Hyphens, dashes and long-vowel signs that people type between digits.
_BETWEEN = r"[\s\-‐‑‒–—―−ｰー－_・]"
_DIGIT = re.compile(r"\d")  # of any script
_RUN = re.compile(rf"\d(?:{_BETWEEN}{{0,3}}\d)*")
_DATE_PARTS = re.compile(r"(\d{4})[-‐−－–—―](\d{1,2})[-‐−－–—―](\d{1,2})")
# A run of another length is a mistyped one only where hardly anything else is said.
_FEW = 8
_SHORTEST_MISTYPED = 4
_MOST_WORDS = 40
# Words about the code itself; other codes (ＱＲ, 金融機関) are named with their kind.
_MOST_OF_THE_CODE = 30
_THE_CODE = re.compile(r"(?:^|[ぁ-ん]|確認|認証)コード")
_AGAIN = re.compile(r"もう(?:一度|いちど|1度|一回|1回)|再送|再度|送り直|送って")
_MISSING = re.compile(
    r"(?:届|とど|来|こ|着)[^。]{0,3}(?:な|ませ|ん)|見(?:つ|当)[^。]{0,3}(?:な|ませ)|受け取れ"
    r"|(?:分|わ)か[らり]|忘れ|消し|なくし|無くし|とは|何|なん|どこ|どれ|いつ"
)
SWITCH = '/answer{"question":"which_number","value":"ask"}'
_SWITCHING = re.compile(
    r"(?:登録)?番号(?:を|の)?(?:切り?替え|きりかえ|変え|替え|かえ)(?:る|て|たい|)[^ぁ-んァ-ヶ一-龥]*"
    r"(?:です|ください|下さい|ほしい|欲しい)?[。.!！]?"
)


class Awaited(StrEnum):
    """What the conversation waits for."""

    number = "number"
    code = "code"

    @property
    def digits(self) -> int:
        """How many digits it has."""
        return NUMBER_DIGITS if self is Awaited.number else CODE_DIGITS


@dataclass(frozen=True)
class Typed:
    """`digits` is None for one of a wrong length; `kept` is what the journal may keep."""

    digits: str | None
    kept: str


def may_hold_digits(text: str) -> bool:
    """Whether a text is worth a look, before anything is read from the database."""
    return _DIGIT.search(text) is not None


def asks_to_switch(text: str) -> bool:
    """Whether these are the words that members are told to write for their other number."""
    return _SWITCHING.fullmatch(unicodedata.normalize("NFKC", clean(text))) is not None


def code_places(text: str) -> list[tuple[int, int]]:
    """Where digits stand that may be a mailed code, however they are grouped: (start, end)."""
    runs = _RUN.finditer(text)
    return [run.span() for run in runs if len(_digits(run[0])) == CODE_DIGITS]


def about_the_code(text: str) -> str | None:
    """What is said of a code that is awaited: missing or resend; None for anything else."""
    if "コード" not in text and "ｺｰﾄﾞ" not in text:
        return None  # nearly always, and at no cost
    plain = same_words(text)
    if len(plain) > _MOST_OF_THE_CODE or not _THE_CODE.search(plain):
        return None
    if _AGAIN.search(plain):
        return "resend"
    return "missing" if _MISSING.search(plain) else None


def find(text: str, awaited: Awaited) -> Typed | None:
    """What is awaited, in `text`; None where the text is about something else."""
    plain = unicodedata.normalize("NFKC", clean(text))
    runs = [found for found in _RUN.finditer(plain) if not _is_date(found[0])]
    fitting = [found for found in runs if len(_digits(found[0])) == awaited.digits]
    if len(fitting) == 1 and len(plain) - len(fitting[0][0]) <= _MOST_WORDS:
        return Typed(_digits(fitting[0][0]), _kept(plain, fitting[0], awaited))
    if len(runs) == 1 and len(_digits(runs[0][0])) >= _SHORTEST_MISTYPED and not fitting:
        words = plain.replace(runs[0][0], "")
        if len(words) <= _FEW and not re.search(r"[年月日時円]", words):
            return Typed(None, _kept(plain, runs[0], awaited))
    return None


def _digits(run: str) -> str:
    return "".join(str(unicodedata.digit(c)) for c in run if c.isdigit())


def _kept(plain: str, run: re.Match[str], awaited: Awaited) -> str:
    return mask(plain[: run.start()] + _MARKS[awaited.digits] + plain[run.end() :])


def _is_date(run: str) -> bool:
    """2026-03-20 is the day on which somebody applied."""
    found = _DATE_PARTS.fullmatch(run)
    if found is None:
        return False
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return False
    return 1900 <= day.year <= 2100

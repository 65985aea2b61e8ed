"""Rules for days with a name of their own: 元日, 大晦日, national holidays."""

import re
from datetime import date
from functools import lru_cache

import holidays

from actions.domain.dates.fold import to_hiragana
from actions.domain.dates.found import GAP, YEAR_WORDS, Rule, any_of
from actions.domain.dates.resolve import Value, exact

_FIXED = {
    "元日": (1, 1), "元旦": (1, 1), "がんじつ": (1, 1), "がんたん": (1, 1),
    "大晦日": (12, 31), "大みそか": (12, 31), "おおみそか": (12, 31), "大つごもり": (12, 31),
    "くりすますいぶ": (12, 24), "くりすます": (12, 25), "ばれんたいん": (2, 14),
    "ほわいとでー": (3, 14), "ひな祭り": (3, 3), "ひなまつり": (3, 3), "雛祭り": (3, 3),
    "えいぷりるふーる": (4, 1), "七夕": (7, 7), "たなばた": (7, 7), "終戦記念日": (8, 15),
    "はろうぃん": (10, 31), "七五三": (11, 15), "端午の節句": (5, 5), "桃の節句": (3, 3),
}  # fmt: skip
# How members call a holiday, and how the calendar does.
_ALSO = {
    "子供の日": "こどもの日", "子どもの日": "こどもの日", "緑の日": "みどりの日",
    "建国記念日": "建国記念の日", "憲法の日": "憲法記念日", "体育の日": "すぽーつの日",
    "勤労感謝の": "勤労感謝の日", "憲法記念の日": "憲法記念日",
}  # fmt: skip
_MOVING = ("振替", "休日")


@lru_cache(maxsize=64)
def _holidays(year: int) -> dict[str, date]:
    days = holidays.country_holidays("JP", years=year, language="ja")
    named = {to_hiragana(name): day for day, name in days.items()}
    return {name: d for name, d in named.items() if not any(word in name for word in _MOVING)}


def _day_in(name: str, year: int, today: date) -> Value:
    if name in _FIXED:
        return exact(year, *_FIXED[name], today)
    d = _holidays(year).get(_ALSO.get(name, name))
    if d is None:
        return "impossible"
    return d if d <= today else "future"


def _named(m: re.Match[str], today: date) -> Value:
    """The day of the year that was said, else the latest one up to `today`."""
    if m["yw"]:
        return _day_in(m["n"], today.year - YEAR_WORDS[m["yw"]], today)
    if m["y"]:
        return _day_in(m["n"], int(m["y"]), today)
    past = (_day_in(m["n"], year, today) for year in (today.year, today.year - 1))
    return next((value for value in past if isinstance(value, date)), "impossible")


_NAMES = dict.fromkeys([*_FIXED, *_ALSO, *_holidays(2026)], 0)

RULES: list[Rule] = [
    (
        re.compile(
            rf"(?:(?:(?P<yw>{any_of(YEAR_WORDS)})|(?P<y>\d{{4}})年){GAP})?(?P<n>{any_of(_NAMES)})"
            "(?![前明])"
        ),
        _named,
        "date",
    ),
]

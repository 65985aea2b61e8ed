"""Rules for dates that name a day of a month, with or without its year."""

import re
from datetime import date

from dateutil import parser

from actions.domain.dates.found import (
    BEFORE_NUMBER,
    ECHO,
    GAP,
    MONTH_PART,
    MONTH_WORDS,
    YEAR_WORDS,
    Rule,
    any_of,
)
from actions.domain.dates.resolve import (
    Value,
    end_of_month,
    era_year,
    exact,
    in_month,
    last_month_day,
    short_year,
)

_ERA = (
    r"(?P<era>令和?|平成?|昭和?|れいわ|へいせい|しょうわ|(?<![a-z])[rhs])[.の]?(?P<ey>元|\d{1,2})"
)
_MONTH = rf"(?P<m>\d{{1,2}})(?:月{MONTH_PART}?{GAP}|[/.\-・ ])"
_DAY = r"(?P<d>\d{1,2})(?![\d%])(?!\.\d)日?"
_LOOSE_DAY = r"(?P<d>\d{1,2})(?:日|(?=$|[にでだごぐ頃位くあかと、。,.(\0]))"
_YEARS = rf"(?:(?P<yw>{any_of(YEAR_WORDS)})|(?P<ya>\d{{1,2}})年(?:ほど|くらい|ぐらい)?前)"
_MONTHS = rf"(?:(?P<mw>{any_of(MONTH_WORDS)})|(?P<ma>\d{{1,2}})か月(?:ほど|くらい|ぐらい)?前)"
_YEAR_END = "(?:の?(?:年末|末|年の瀬|暮れ|くれ|年始|年明け|正月|お正月|春|夏|秋|冬))?"


def _full(m: re.Match[str], today: date) -> Value:
    year = era_year(m["era"], m["ey"]) if m["era"] else int(m["y"])
    return exact(year, int(m["m"]), int(m["d"]), today)


def _short(m: re.Match[str], today: date) -> Value:
    return exact(short_year(int(m["y"]), today), int(m["m"]), int(m["d"]), today)


def _year_word(m: re.Match[str], today: date) -> Value:
    back = YEAR_WORDS[m["yw"]] if m["yw"] else int(m["ya"])
    return exact(max(today.year - back, 0), int(m["m"]), int(m["d"]), today)


def _month_word(m: re.Match[str], today: date) -> Value:
    return in_month(_months_back(m), int(m["d"]), today)


def _month_word_end(m: re.Match[str], today: date) -> Value:
    return end_of_month(_months_back(m), today)


def _months_back(m: re.Match[str]) -> int:
    return MONTH_WORDS[m["mw"]] if m["mw"] else int(m["ma"])


def _month_day(m: re.Match[str], today: date) -> Value:
    return last_month_day(int(m["m"]), int(m["d"]), today)


def _month_end(m: re.Match[str], today: date) -> Value:
    month = int(m["m"])
    if not 1 <= month <= 12:
        return "impossible"
    return end_of_month((today.month - month) % 12, today)


def _year_end(m: re.Match[str], today: date) -> Value:
    """「年末の30日」 is December's, 「正月の3日」 January's, 「お盆の14日」 August's."""
    month = 12 if m["end"] else 8 if m["bon"] else 1
    if m["gw"]:
        month = 4 if int(m["d"]) > 20 else 5
    if m["yw"]:
        return exact(today.year - YEAR_WORDS[m["yw"]], month, int(m["d"]), today)
    return last_month_day(month, int(m["d"]), today)


def _english(m: re.Match[str], today: date) -> Value:
    """「March 20, 2026」, 「20 Mar」: python-dateutil knows the shapes."""
    years = [int(m["y"])] if m["y"] else [today.year, today.year - 1]
    values: list[Value] = []
    for year in years:
        try:
            d = parser.parse(f"{m['en'] or m['en2']} {m['d'] or m['d2']} {year}").date()
        except (ValueError, OverflowError):
            values.append("impossible")
        else:
            values.append(d if d <= today else "future")
    return next((v for v in values if isinstance(v, date)), values[0])


_EN = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"

RULES: list[Rule] = [
    (
        re.compile(
            rf"{BEFORE_NUMBER}(?:{_ERA}|(?P<y>\d{{4}}))(?:年|[/.\-・ ]){GAP}{_MONTH}{_DAY}{ECHO}"
        ),
        _full,
        "date",
    ),
    (re.compile(rf"{BEFORE_NUMBER}(?P<y>\d{{1,2}})年{GAP}{_MONTH}{_DAY}{ECHO}"), _short, "date"),
    (
        re.compile(
            rf"{BEFORE_NUMBER}(?P<y>\d{{1,2}})(?P<s>[/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d/.\-]\d|\d){ECHO}"
        ),
        _short,
        "date",
    ),
    (
        re.compile(rf"{BEFORE_NUMBER}(?P<y>\d\d)-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})(?![\d-]){ECHO}"),
        _short,
        "date",
    ),
    (
        re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)(?P<era>)(?P<ey>)"),
        _full,
        "date",
    ),
    (
        re.compile(
            rf"(?<![a-z\d])(?:(?P<en>{_EN})\.?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
            rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:of)?(?P<en2>{_EN}))\.?(?:[, ]*(?P<y>\d{{4}}))?"
        ),
        _english,
        "date",
    ),
    (re.compile(rf"{_YEARS}{_YEAR_END}{GAP}{_MONTH}{_DAY}{ECHO}"), _year_word, "date"),
    (re.compile(rf"{_MONTHS}{GAP}(?:末日|晦日|最終日)"), _month_word_end, "date"),
    (re.compile(rf"{_MONTHS}{MONTH_PART}?{GAP}{_LOOSE_DAY}{ECHO}"), _month_word, "date"),
    (re.compile(rf"{BEFORE_NUMBER}(?P<m>\d{{1,2}})月の?(?:末日|晦日|最終日)"), _month_end, "date"),
    (
        re.compile(rf"{BEFORE_NUMBER}(?P<m>\d{{1,2}})月{MONTH_PART}?{GAP}{_LOOSE_DAY}{ECHO}"),
        _month_day,
        "date",
    ),
    (
        re.compile(
            rf"{BEFORE_NUMBER}(?P<m>\d{{1,2}})[/.\-・](?P<d>\d{{1,2}})(?![\d/\-:%倍])(?!\.\d)(?:日(?![間前以]))?{ECHO}"
        ),
        _month_day,
        "date",
    ),
    (
        re.compile(
            rf"(?:(?P<yw>{any_of(YEAR_WORDS)})の?)?(?:(?P<end>年末|年の瀬|年の暮れ|暮れ|歳末|(?<=年)末)"
            rf"|(?P<bon>お?盆)|(?P<gw>ごーるでんうぃーく|gw)|年始|年明け|新年|年初|お?正月|三が日){GAP}{_LOOSE_DAY}{ECHO}"
        ),
        _year_end,
        "date",
    ),
]

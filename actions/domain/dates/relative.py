"""Rules for dates counted from today: 3日前, 先週の水曜, 申し込んで10日."""

import re
from datetime import date, timedelta

from actions.domain.dates.found import (
    BEFORE_NUMBER,
    ECHO,
    GAP,
    MONTH_WORDS,
    WEEK_WORDS,
    WEEKDAY,
    WEEKDAYS,
    Rule,
    any_of,
    vague,
    weekday_of,
)
from actions.domain.dates.resolve import (
    Value,
    ago,
    nth_weekday,
    weekday_in_week,
)

_ABOUT = "(?:ほど|くらい|ぐらい|ばかり|程度?|位|頃|ごろ|も|きっかり|ちょうど)?"
_MORE = "(?:以上|あまり|余り?|ちょっと|ちょい|と?少し|すこし|強|弱|足らず|未満|以内|半|かそこら?)"
_UNIT = "(?P<u>日|週間|か月|年)間?"
_NUMBER_AGO = rf"{BEFORE_NUMBER}(?P<n>\d{{1,3}}){_UNIT}{_ABOUT}の?(?:前|まえ)(?!後)"
_PAST = "(?:経|たち|たっ|たつ|たと|過ぎ|すぎ|になり|になる)"
_SPAN = r"(?P<n>\d{1,3})(?P<u>日|週間|か月)間?"


def _ago(m: re.Match[str], today: date) -> Value:
    return ago(int(m["n"]), m["u"], today)


def _hours_ago(m: re.Match[str], today: date) -> Value:
    hours = int(m["n"]) if m["u"] == "時間" else 0
    if hours % 24 == 0:
        return today - timedelta(days=hours // 24)
    return today if hours <= 6 else "vague"


def _same_day(m: re.Match[str], today: date) -> Value:
    if m["mw"]:
        return ago(1, "か月", today)
    weeks = WEEK_WORDS[m["k"]]
    return today - timedelta(weeks=weeks) if weeks >= 0 else "future"


def _weekday_in_week(m: re.Match[str], today: date) -> Value:
    back = WEEK_WORDS[m["k"]] if m["k"] else int(m["ka"])
    return weekday_in_week(weekday_of(m), back, today)


def _nth_weekday(m: re.Match[str], today: date) -> Value:
    n = "一二三四五".find(m["n"]) + 1 or int(m["n"])
    back = MONTH_WORDS[m["mw"]] if m["mw"] else (today.month - int(m["m"])) % 12
    return nth_weekday(n, weekday_of(m), back, today)


_WEEK = (
    rf"(?:(?P<k>{any_of(WEEK_WORDS)})|(?P<ka>\d{{1,2}})週間{_ABOUT}(?:前|まえ))"
    "(?:末|半ば|なかば|初め|はじめ|頭|あたま|明け|後半|前半)?"
)

RANGES: list[Rule] = [
    (
        re.compile(rf"\d+[~、,・/.\-かの]\d+(?:日|週間?|か月|年)間?{_ABOUT}(?:前|まえ)"),
        vague,
        "vague",
    ),
    (re.compile(rf"\d+(?:営業日{_ABOUT}|{_UNIT}{_MORE})の?(?:前|まえ)"), vague, "vague"),
    (
        re.compile(r"\d+(?:日|週間|か月)(?:間)?は(?:経|た[つちっと])|\d+(?:か月|週間)と\d+日"),
        vague,
        "vague",
    ),
    (
        re.compile(rf"\d+(?:営業日|{_UNIT})(?:以上|あまり|余り){_ABOUT}(?:経|たち|たっ|たつ)?"),
        vague,
        "vague",
    ),
]

COUNTED: list[Rule] = [
    (
        re.compile(
            r"(?:(?P<k>先週|先々週|今週|せんしゅう)|(?P<mw>先月|せんげつ))の?"
            "(?:ちょうど)?(?:今日|きょう|本日|同じ(?:日|曜日?))"
        ),
        _same_day,
        "date",
    ),
    (re.compile(rf"{_WEEK}{GAP}{WEEKDAY}"), _weekday_in_week, "date"),
    (
        re.compile(
            rf"(?:(?P<m>\d{{1,2}})月|(?P<mw>{any_of(MONTH_WORDS)}))の?第(?P<n>[\d一二三四五]){WEEKDAY}"
        ),
        _nth_weekday,
        "date",
    ),
    (
        re.compile(
            rf"{_WEEK}の?(?P<w>[{WEEKDAYS}])"
            r"(?=$|[にでだごぐ頃の、。(?朝昼夕夜]|か[なも])"
        ),
        _weekday_in_week,
        "date",
    ),
    # 「1年前」 names no day; 「1か月前」 and 「1週間前」 are said of a counted one.
    (
        re.compile(rf"{BEFORE_NUMBER}\d{{1,2}}年{_ABOUT}(?:前|まえ)(?!の?(?:今日|同じ日))"),
        vague,
        "vague",
    ),
    (re.compile(rf"{_NUMBER_AGO}(?:の?(?:今日|同じ日))?{ECHO}"), _ago, "date"),
    (
        re.compile(rf"{BEFORE_NUMBER}(?P<n>\d{{1,3}})(?P<u>時間|分|秒)間?{_ABOUT}(?:前|まえ)"),
        _hours_ago,
        "now",
    ),
    (
        re.compile(
            r"(?:から|て|で|もう|既に|すでに|かれこれ)、?(?:もう|今日で|きょうで|約|かれこれ|すでに|既に)*"
            rf"{_SPAN}(?:が|{_ABOUT}){_PAST}"
        ),
        _ago,
        "date",
    ),
    (
        re.compile(
            "(?:(?:込|請|録|続き?)後|それから|[てで]から|かれこれ|[んしてきいり][でて](?=.{0,6}[、。]))"
            "、?(?:もう|約|既に|すでに)?"
            rf"{_SPAN}(?:ほど|くらい|ぐらい)?(?=$|[、。が]|です|まだ|なの)"
        ),
        _ago,
        "date",
    ),
    (re.compile(rf"{BEFORE_NUMBER}{_SPAN}(?:が|{_ABOUT})(?:経|たち|たっ|たつ|たと)"), _ago, "date"),
]

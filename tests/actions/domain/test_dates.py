"""Dates in words: our own cases, and shapes that are written out and read back."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain.dates import DateReading, read_date
from actions.domain.dates.numerals import digits_for_kanji, kanji_number

CASES = Path(__file__).parent / "data" / "dates_own.tsv"
TODAY = date(2026, 6, 10)
WEEKDAYS = "月火水木金土日"
TODAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
AGO = st.integers(0, 360)
CHATTER = st.sampled_from(
    ["{}", "{}です", "たぶん{}だったと思います", "{}に申し込みました", "えーと、{}ですかね",
     "　{}。", "{}ごろ", "申込日は{}でした", "{}に申し込みましたが、まだ使えません",
     "先生が{}に申請済みとのこと"]
)  # fmt: skip


def own_cases() -> list[tuple[str, str, str]]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
    return [(today, words, wanted) for today, words, wanted in rows]


@pytest.mark.parametrize(("today", "words", "wanted"), own_cases())
def test_own_cases(today: str, words: str, wanted: str) -> None:
    read = read_date(words, date.fromisoformat(today)).date
    assert (read.isoformat() if read else "NONE") == wanted


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("先々月です", "vague"),
        ("2、3日前", "vague"),
        ("5月31日か6月1日", "vague"),
        ("4月31日", "impossible"),
        ("15月3日", "impossible"),
        ("あすです", "future"),
        ("今週の土曜", "future"),
        ("令和8年6月30日", "future"),
        ("思い出せません", "none"),
        ("登録番号は123456です", "none"),
        ("", "none"),
        ("   ", "none"),
    ],
)
def test_why_there_is_no_date(words: str, problem: str) -> None:
    assert read_date(words, TODAY) == DateReading(None, problem)  # type: ignore[arg-type]


def kanji(n: int) -> str:
    ones: list[str] = ["", *"一二三四五六七八九"]
    tens = ["", "十"] + [f"{one}十" for one in ones[2:]]
    return tens[n // 10] + ones[n % 10]


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def month_day_shapes(d: date) -> list[str]:
    return [
        f"{d.month}月{d.day}日", f"{d.month}/{d.day}", f"{d.month}.{d.day}", f"{d.month}-{d.day}",
        f"{d.month}月の{d.day}日", f"{d.month:02}月{d.day:02}日", f"{d.month} 月 {d.day} 日",
        f"{kanji(d.month)}月{kanji(d.day)}日", f"{d.month}月{kanji(d.day)}日",
        f"{d.month}月{d.day}日({WEEKDAYS[d.weekday()]})",
        f"{d.month}月{d.day}日{WEEKDAYS[d.weekday()]}曜日", f"{d.month}がつ{d.day}にち",
    ]  # fmt: skip


def full_shapes(d: date) -> list[str]:
    era = d.year - 2018
    return [
        d.isoformat(), f"{d:%Y/%m/%d}", f"{d.year}年{d.month}月{d.day}日", f"{d:%Y%m%d}",
        f"{d.year}.{d.month}.{d.day}", f"令和{era}年{d.month}月{d.day}日",
        f"R{era}.{d.month}.{d.day}", f"r{era}/{d.month}/{d.day}",
        f"令和{kanji(era)}年{kanji(d.month)}月{kanji(d.day)}日", f"{d:%B} {d.day}, {d.year}",
    ]  # fmt: skip


@given(TODAYS, AGO, CHATTER, st.booleans(), st.data())
def test_written_dates_are_read_back(
    today: date, ago: int, chatter: str, wide: bool, data: st.DataObject
) -> None:
    day = today - timedelta(days=ago)
    shapes = full_shapes(day) + (month_day_shapes(day) if (day.month, day.day) != (2, 29) else [])
    text = chatter.format(data.draw(st.sampled_from(shapes)))
    assert read_date(full_width(text) if wide else text, today).date == day, text


@given(TODAYS, st.integers(1, 99), CHATTER)
def test_days_ago_are_counted(today: date, ago: int, chatter: str) -> None:
    if "ごろ" in chatter:
        return
    for text in (f"{ago}日前", f"{kanji(ago)}日前" if ago < 100 else "", f"{ago}日ほど前"):
        assert read_date(chatter.format(text), today).date == today - timedelta(days=ago)


@given(TODAYS, st.integers(0, 6))
def test_a_weekday_is_the_last_one_before_today(today: date, weekday: int) -> None:
    read = read_date(f"{WEEKDAYS[weekday]}曜日です", today).date
    assert read is not None
    assert read.weekday() == weekday
    assert 1 <= (today - read).days <= 7


@given(TODAYS, st.integers(0, 6), st.sampled_from(["今週", "先週", "先々週"]))
def test_weeks_begin_on_monday(today: date, weekday: int, week: str) -> None:
    back = ["今週", "先週", "先々週"].index(week)
    monday = today - timedelta(days=today.weekday() + 7 * back)
    day = monday + timedelta(days=weekday)
    read = read_date(f"{week}の{WEEKDAYS[weekday]}曜日", today)
    assert read.date == (day if day <= today else None)


@given(st.text(max_size=60), TODAYS)
def test_any_text_is_read_without_an_error_and_never_as_the_future(text: str, today: date) -> None:
    reading = read_date(text, today)
    assert (reading.date is None) != (reading.problem is None)
    assert reading.date is None or reading.date <= today


@given(st.text(alphabet="0123456789年月日前先週曜/.-かの一二三十今昨 火水", max_size=30), TODAYS)
def test_scrambled_dates_raise_nothing(text: str, today: date) -> None:
    reading = read_date(text, today)
    assert reading.date is None or reading.date <= today


@given(st.integers(1, 99))
def test_kanji_numbers(n: int) -> None:
    assert kanji_number(kanji(n)) == n
    assert digits_for_kanji(f"{kanji(n)}日") == f"{n}日"


def test_a_long_message_is_read_in_time() -> None:
    # Patterns that try every way to split a text would take minutes here.
    for piece in ("先月です", "先月んですが", "一二三", "昨日か", "3/3/", "にじゅう", "1"):
        read_date((piece * 1000)[:1000], TODAY)

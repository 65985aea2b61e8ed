"""Numbers as members write or dictate them: kanji digits and kana, turned into 0-9.

Only numbers in front of a unit of time are touched; a name or a word stays as it is.
"""

import re

_KANJI = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TENS = {"十": 10, "廿": 20, "卅": 30}
_KANJI_DIGIT = "[〇零一二三四五六七八九十廿卅]"
_RUN = f"{_KANJI_DIGIT}++"
_UNIT = "年|月|日|週|時|分|営業|ねん|がつ|にち|しゅう|[かけゖゕ箇個][月げ]"
_KANJI_NUMBER = re.compile(
    f"(?<!{_KANJI_DIGIT}){_RUN}(?={_UNIT}|[/、,~・か]{_RUN}(?:{_UNIT}))|(?<=[年月和成/]){_RUN}"
)
# 「二三日前」 is two or three days, not twenty-three.
_NEIGHBOURS = re.compile(
    r"([一二三四五六七八])([二三四五六七八九])(?=(?:日|週間|か月)[^0-9]{0,4}前)"
)


def _spelled(up_to: int) -> dict[str, int]:
    """The kana spellings of 1 … `up_to`, the usual variants of each."""
    ones = ["", "いち", "に", "さん", "し|よん|よ", "ご", "ろく", "しち|なな", "はち", "きゅう|く"]
    tens = ["", "じゅう", "にじゅう", "さんじゅう"]
    return {
        ten + one: value
        for value in range(1, up_to + 1)
        for ten in tens[value // 10].split("|")
        for one in ones[value % 10].split("|")
    }


_NUMBERS = _spelled(31)
_DAYS = {f"{name}にち": day for name, day in _NUMBERS.items()} | {
    "ついたち": 1, "ふつか": 2, "みっか": 3, "よっか": 4, "いつか": 5, "むいか": 6,
    "なのか": 7, "なぬか": 7, "ようか": 8, "ここのか": 9, "とおか": 10, "とうか": 10,
    "じゅうよっか": 14, "はつか": 20, "にじゅうよっか": 24,
}  # fmt: skip
# Day names that are no other word too (いつか: some day, なのか / ようか: endings).
_SAFE_DAYS = ["ついたち", "ふつか", "みっか", "よっか", "むいか", "ここのか", "とおか", "はつか"]
_SAFE_DAYS += [name for name in _DAYS if name.endswith("にち") and "じゅう" in name]


def _any(names: dict[str, int] | list[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_MONTH_DAY = re.compile(
    f"(?P<m>{_any(_NUMBERS)}|[0-9]{{1,2}})(?:がつ|月)(?:の(?!いつか))?"
    f"(?P<d>{_any(_DAYS)}|(?P<n>[0-9]{{1,2}})日?)"
)
_AFTER_MONTH_WORD = re.compile(
    f"(?:(?<=[月末])|(?<=げつ)|(?<=まつ))(?P<no>の?)(?!いつか)(?P<d>{_any(_DAYS)})(?!ん)"
)
_DAYS_AGO = re.compile(
    f"(?<![ぁ-んー])(?P<d>{_any(_DAYS)})(?P<x>も|ほど|くらい|ぐらい|ばかり)?(?:前|まえ)"
)
_DAYS_AGO_KANA = re.compile(f"(?P<d>{_any(_SAFE_DAYS)})(?P<x>も|ほど|くらい|ぐらい)?(?:前|まえ)")
_DAY_ALONE = re.compile(
    f"(?:^|(?<=[、。・んは]))(?P<d>{_any(_SAFE_DAYS)})"
    "(?=$|[、。です]|に[^ぁ-ん]|に[もさ]|ごろ|頃|だ|の[朝昼夕夜午])"
)
_COUNTED = re.compile(
    f"(?:(?<![ぁ-ん])|(?<=れいわ))(?P<n>いっ|{_any(_NUMBERS)})"
    "(?P<u>しゅうかん|週間|しゅう(?=まえ|前)|かげつ|か月|ねん|年)"
)
_UNITS = {"しゅうかん": "週間", "しゅう": "週間", "かげつ": "か月", "ねん": "年"}
_BEFORE_AGO = "(?=(?:ほど|くらい|ぐらい|ばかり|も)?(?:前|まえ))"
_DIGIT_UNITS = [
    (re.compile(r"(?<=\d)がつ"), "月"),
    (re.compile(r"(?<=\d)にち"), "日"),
    (re.compile(r"(?<=\d)ねん"), "年"),
    (re.compile(r"(?<=\d)(?:しゅうかん|週かん|しゅう間|週(?!間))"), "週間"),
    (re.compile(rf"(?<=\d)(?:[かけゖゕ箇個こ](?:月|げつ)|つき{_BEFORE_AGO})"), "か月"),
    (re.compile(f"(?:ひと|一)(?:月|つき|っ月){_BEFORE_AGO}"), "1か月"),
    (re.compile(f"(?:ふた|二)(?:月|つき){_BEFORE_AGO}"), "2か月"),
]


def kanji_number(run: str) -> int:
    """The value of a run of kanji digits, positional (二〇二六) or with tens (二十八)."""
    if not any(c in _TENS for c in run):
        return int("".join(str(_KANJI[c]) for c in run))
    total, one = 0, 0
    for c in run:
        if c in _TENS:
            total += max(one, 1) * _TENS[c] if c == "十" else _TENS[c]
            one = 0
        else:
            one = _KANJI[c]
    return total + one


def digits_for_kanji(text: str) -> str:
    """`text` with kanji numbers before units of time in digits."""
    text = _NEIGHBOURS.sub(lambda m: f"{_KANJI[m[1]]}~{_KANJI[m[2]]}", text)
    for pattern, unit in _DIGIT_UNITS[-2:]:
        text = pattern.sub(unit, text)
    return _KANJI_NUMBER.sub(lambda m: str(kanji_number(m[0])), text)


def digits_for_kana(text: str) -> str:
    """`text` (already in hiragana) with spelled-out dates and spans in digits."""
    text = _COUNTED.sub(lambda m: f"{_NUMBERS.get(m['n'], 1)}{_UNITS.get(m['u'], m['u'])}", text)
    text = _MONTH_DAY.sub(_month_day, text)
    text = _AFTER_MONTH_WORD.sub(lambda m: f"{m['no']}{_DAYS[m['d']]}日", text)
    for pattern in (_DAYS_AGO, _DAYS_AGO_KANA):
        text = pattern.sub(lambda m: f"{_DAYS[m['d']]}日{m['x'] or ''}前", text)
    text = _DAY_ALONE.sub(lambda m: f"{_DAYS[m['d']]}日", text)
    for pattern, unit in _DIGIT_UNITS:
        text = pattern.sub(unit, text)
    return text


def _month_day(m: re.Match[str]) -> str:
    month = _NUMBERS.get(m["m"]) or int(m["m"])
    day = m["n"] or _DAYS[m["d"]]
    # What was in digits already keeps its shape: the readers know it.
    return m[0] if m["m"].isdigit() and m["n"] else f"{month}月{day}日"

"""What a rule finds in a text, and the pieces of patterns that several rules share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from actions.domain.dates.resolve import Value

Kind = Literal["date", "day", "weekday", "now", "ahead", "vague"]


@dataclass(frozen=True)
class Found:
    """One mention at `start` … `end` of the folded text, and what it means.

    Kinds: a full date; a day without its month; a weekday without its week; a word for
    now (今日, さっき); a word for what lies ahead (明日, 来週); something vague.
    """

    start: int
    end: int
    value: Value
    kind: Kind
    day: int = 0


Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], Value], Kind]

# What may stand between the parts of one date: 「先月の、たしか20日」.
GAP = (
    "(?:の|は|が|で|に|も|、|,|…|\\.\\.\\.|です|でした|だった|だ|と|思います|思う|んです|けど|"
    "なん|たしか|確か|たぶん|多分|おそらく|恐らく|くらい|ぐらい|ごろ|頃|あたり|辺り){0,8}?"
)
BEFORE_NUMBER = r"(?<![\d/.\-])(?<!\d:)"
MONTH_PART = (
    "(?:上旬|中旬|下旬|初旬|初め|はじめ|初頭|あたま|頭|半ば|なかば|末|終わり|おわり|後半|前半)"
)
WEEKDAYS = "月火水木金土日"
_KANA_WEEKDAYS = ["げつ", "か", "すい", "もく", "きん", "ど", "にち"]
_WORD_ENDS = "(?=$|[、。のでだく朝昼夕夜]|に[^ぁ-ん]|ごろ|頃)"
WEEKDAY = (
    f"(?:(?<![先昨今本毎休前翌同])(?P<w>[{WEEKDAYS}])(?:[曜耀]日?|用日|曜び|よう[日び]|よう{_WORD_ENDS})"
    f"|(?<![いしじちみょ])(?P<wk>{'|'.join(_KANA_WEEKDAYS)})(?:よう|曜)(?:[び日]|{_WORD_ENDS}))"
)
# A weekday that only repeats the date before it: 「3月20日(金)」, 「3月20日金曜日」.
SAME_WEEKDAY = WEEKDAY.replace("?P<w>", "?:").replace("?P<wk>", "?:")
ECHO = f"(?:[(、,の]?{SAME_WEEKDAY}\\)?|\\([{WEEKDAYS}]\\))?"

YEAR_WORDS = {
    "今年": 0, "本年": 0, "ことし": 0, "去年": 1, "昨年": 1, "きょねん": 1, "さくねん": 1,
    "前年": 1, "旧年": 1, "一昨年": 2, "おととし": 2, "来年": -1, "らいねん": -1,
}  # fmt: skip
MONTH_WORDS = {
    "今月": 0, "こんげつ": 0, "当月": 0, "先月": 1, "せんげつ": 1, "前月": 1, "前の月": 1,
    "先々月": 2, "先先月": 2, "せんせんげつ": 2, "前々月": 2, "来月": -1, "らいげつ": -1,
}  # fmt: skip
WEEK_WORDS = {
    "今週": 0, "こんしゅう": 0, "先週": 1, "せんしゅう": 1, "前週": 1, "前の週": 1,
    "先々週": 2, "先先週": 2, "せんせんしゅう": 2, "前々週": 2, "来週": -1, "らいしゅう": -1,
    "再来週": -2, "さ来週": -2, "さらいしゅう": -2,
}  # fmt: skip


def any_of(words: dict[str, int]) -> str:
    """A pattern for one of `words`, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def weekday_of(m: re.Match[str]) -> int:
    """The weekday (Monday 0) that `WEEKDAY` matched."""
    return WEEKDAYS.index(m["w"]) if m["w"] else _KANA_WEEKDAYS.index(m["wk"])


def vague(m: re.Match[str], today: date) -> Value:
    """The reading of a word that names no day."""
    return "vague"


def future(m: re.Match[str], today: date) -> Value:
    """The reading of a word for what lies ahead."""
    return "future"

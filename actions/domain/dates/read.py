"""Reading a date out of what a member typed: find every mention, then weigh them."""

import re
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from itertools import pairwise

from actions.domain.dates import named, relative, words, written
from actions.domain.dates.fold import fold
from actions.domain.dates.found import Found, Rule
from actions.domain.dates.noise import without_noise
from actions.domain.dates.resolve import Problem, exact, last_month_day

_RULES: list[Rule] = [
    *relative.RANGES,
    *written.RULES,
    *named.RULES,
    *relative.COUNTED,
    *words.WORDS,
    *words.VAGUE,
]
_DATED = frozenset({"date", "day", "weekday"})
_OR = re.compile(
    "(?:の?[朝昼夕夜])?(?:か|または|又は|もしくは|それとも|or|ないし|~|-|から)、?(?:たしか)?"
)
_NEXT_TO = re.compile(r"[の、,()・ ]{0,2}")
_AFTER = re.compile(r"の?(?:翌日|次の日|あくる日)")
_BEFORE = re.compile(r"の(?:前日|前の[日晩])")
# The day is only a bound, or the first of several: 「20日以降」, 「20か21」.
_NOT_THAT_DAY = re.compile(
    r"(?:より|の?(?:ちょっと|少し|数日|すぐ|直))?(?:以降|以後|以前|後(?!半)|過ぎ|すぎ|まえ|前(?!後))"
    r"|の?(?:[3三]?連休)|(?:か|~|-|または|もしくは|or)\d"
)
_DEADLINE = re.compile("まで")
_CORRECTED = re.compile(
    r"(?<=[\d日曜前頃])(?:(?:じゃ|では)(?:なくて?|ないです|ありません)|"
    r"(?:です|でした)?[、。,.]*(?:あ[、っ]*)?(?:いや|いえ|違う|違った|ちがう|ちがった|違いました|"
    r"間違えました|間違えた|間違い|訂正|もとい))(?:です|でした)?[、。,.]*"
)
_AROUND = "(?:たぶん|たしか|確か|多分|えーと|えっと)?"
_TAIL = r"(?:$|(?:日?(?:に|です|でし|だ|頃|ごろ|くらい|ぐらい|かな|。|と思)))"
_FOUR_DIGITS = re.compile(rf"^{_AROUND}(?P<m>[01]\d)(?P<d>[0-3]\d){_TAIL}")
_PAIR = re.compile(rf"^{_AROUND}(?P<m>\d{{1,2}})[ 、,の](?P<d>\d{{1,2}}){_TAIL}")


@dataclass(frozen=True)
class DateReading:
    """What was read: a civil date in Asia/Tokyo, or why there is none.

    "vague": a time without its day, or several days; "impossible": no such day;
    "future": after today; "none": nothing about a date was said.
    """

    date: Date | None
    problem: Problem | None


def read_date(text: str, today: Date) -> DateReading:
    """The day, up to `today`, that `text` names; both are civil dates in Asia/Tokyo.

    A day without its year or month is the latest one; a weekday alone the latest before
    today; weeks begin on Monday. Never raises.
    """
    folded = without_noise(fold(text))
    corrected = _CORRECTED.search(folded)
    if corrected:
        reading = _weigh(_find(folded, today, corrected.end()), folded)
        if reading.date:
            return reading
    return _weigh(_find(folded, today), folded)


def _find(text: str, today: Date, begin: int = 0) -> list[Found]:
    """Every mention in the order of the text; what a rule took no later rule sees."""
    found: list[Found] = []
    rest = text
    for pattern, value_of, kind in _RULES:
        for m in pattern.finditer(rest):
            value = value_of(m, today)
            day = int(m["d"]) if kind == "day" else 0
            found.append(_with_offset(Found(m.start(), m.end(), value, kind, day), text))
            rest = rest[: m.start()] + "\0" * (m.end() - m.start()) + rest[m.end() :]
    if not any(f.kind in _DATED for f in found) and (bare := _bare(text, today)):
        return [bare]
    found = _lend_month(sorted(found, key=lambda f: f.start), today)
    return [f for f in found if f.start >= begin]


def _bare(text: str, today: Date) -> Found | None:
    """「0320」 or 「3 20」 as the whole answer."""
    m = _FOUR_DIGITS.search(text) or _PAIR.search(text)
    if m is None:
        return None
    return Found(m.start(), m.end(), last_month_day(int(m["m"]), int(m["d"]), today), "date")


def _with_offset(found: Found, text: str) -> Found:
    """Follow 「の翌日」; a day that is only a bound (「20日以降」) is no answer."""
    if found.kind not in _DATED or not isinstance(found.value, Date):
        return found
    for pattern, days in ((_AFTER, 1), (_BEFORE, -1)):
        if m := pattern.match(text, found.end):
            return replace(found, end=m.end(), value=found.value + timedelta(days=days))
    return replace(found, value="vague") if _NOT_THAT_DAY.match(text, found.end) else found


def _lend_month(found: list[Found], today: Date) -> list[Found]:
    """A day without its month, after a full date, is of the same month: 「3月4日か5日」."""
    month: Date | None = None
    lent: list[Found] = []
    for f in found:
        if f.kind == "day" and month:
            value = exact(month.year, month.month, f.day, today)
            f = replace(f, value=value if isinstance(value, Date) else f.value)
        elif f.kind == "date" and isinstance(f.value, Date):
            month = f.value
        lent.append(f)
    return lent


def _weigh(found: list[Found], text: str) -> DateReading:
    """One day where all mentions agree on it; else the reason why not."""
    if any(
        a.kind in _DATED and b.kind in _DATED and _OR.fullmatch(text, a.end, b.start)
        for a, b in pairwise(found)
    ):
        return DateReading(None, "vague")
    dated = _without_echoes([f for f in found if f.kind in _DATED], text)
    past = [f for f in dated if isinstance(f.value, Date)]
    past = [f for f in past if not _DEADLINE.match(text, f.end)] or past
    if not past and not any(f.kind == "vague" for f in found):
        past = [f for f in found if f.kind == "now" and isinstance(f.value, Date)]
    days = {f.value for f in past if isinstance(f.value, Date)}
    problems = [f.value for f in dated if f.value in ("impossible", "vague")]
    if len(days) == 1 and not problems:
        return DateReading(days.pop(), None)
    if days:
        return DateReading(None, "vague")
    return DateReading(None, _worst(found))


def _without_echoes(found: list[Found], text: str) -> list[Found]:
    """Without weekdays that stand right beside a day: they only repeat it."""
    days = [f for f in found if f.kind != "weekday"]
    return [
        f
        for f in found
        if f.kind != "weekday"
        or not any(_NEXT_TO.fullmatch(text, min(f.end, d.end), max(f.start, d.start)) for d in days)
    ]


def _worst(found: list[Found]) -> Problem:
    values = {f.value for f in found}
    order: tuple[Problem, ...] = ("impossible", "future", "vague")
    return next((problem for problem in order if problem in values), "none")

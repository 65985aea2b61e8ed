"""The review's figures as tables with names, for the page and for the sheet. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.review.figures import Figures, middle, share_below
from bot.review.period import Period
from bot.review.reading import Service
from bot.review.words import named, outcome_label, question_name, review_words, topic_name


@dataclass(frozen=True)
class Bar:
    """A row of a chart; `share` is its length, 0-100 of the longest."""

    key: str
    name: str
    count: int
    share: int


@dataclass(frozen=True)
class QuestionRow:
    """A question of the check: asked how often, left there, seconds until the answer (median)."""

    name: str
    asked: int
    left: int
    seconds: float | None


@dataclass(frozen=True)
class Overview:
    """All of the page's figures; durations in seconds, shares 0-1; None: nothing to count."""

    talks: int
    member_lines: int
    understood: float | None
    turn_median: float | None
    turn_slow: float | None
    talk_median: float | None
    lines_median: float | None
    person_median: float | None
    helpful: int
    unhelpful: int
    topics: list[Bar]
    outcomes: list[Bar]
    channels: list[Bar]
    days: list[Bar]
    questions: list[QuestionRow]
    failures: list[Bar]
    handovers: list[Bar]
    resolutions: list[Bar]


def overview(found: Figures, service: Service, period: Period) -> Overview:
    """Name and order everything."""
    counts = {day.isoformat(): found.days[day] for day in period.days}
    return Overview(
        found.talks,
        found.member_lines,
        found.understood_share,
        middle(service.turn_seconds),
        share_below(service.turn_seconds, 0.95),
        middle(found.talk_seconds),
        middle(found.lines_a_talk),
        middle(service.person_seconds),
        service.helpful,
        service.unhelpful,
        bars({key: n for key, n in found.topics.items()}, topic_name),
        bars(found.outcomes, outcome_label),
        bars(found.channels, lambda key: named("channels", key)),
        _in_order(counts),
        _questions(found),
        bars(service.failures, lambda key: named("failures", key)),
        bars(service.handovers, lambda key: named("reasons", key)),
        bars(service.resolutions, lambda key: named("resolutions", key)),
    )


def bars(counts: Mapping[str, int], name: Callable[[str], str]) -> list[Bar]:
    """The largest first."""
    ordered = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    most = max(counts.values(), default=0) or 1
    return [Bar(key, name(key), n, round(100 * n / most)) for key, n in ordered]


def rows(shown: Overview) -> list[list[str | int | float]]:
    """The same as rows of a sheet."""
    names: dict[str, str] = review_words()["durations"]
    table: list[list[str | int | float]] = [["区分", "名前", "件数"]]
    table.append(["全体", "会話", shown.talks])
    table.append(["全体", "会員の発言", shown.member_lines])
    table.append(["評価", "役に立った", shown.helpful])
    table.append(["評価", "役に立たなかった", shown.unhelpful])
    for title, chart in (
        ("話題", shown.topics),
        ("結果", shown.outcomes),
        ("窓口", shown.channels),
        ("日", shown.days),
        ("失敗", shown.failures),
        ("引き継ぎ", shown.handovers),
        ("解決", shown.resolutions),
    ):
        table += [[title, bar.name, bar.count] for bar in chart]
    for question in shown.questions:
        table.append(["質問した", question.name, question.asked])
        table.append(["そこで終わった", question.name, question.left])
    return table + [
        [names["seconds"], name, round(seconds, 2)]
        for name, seconds in (
            (names["turn"], shown.turn_median),
            (names["turn_slow"], shown.turn_slow),
            (names["talk"], shown.talk_median),
            (names["person"], shown.person_median),
            *((names["answer"].format(name=q.name), q.seconds) for q in shown.questions),
        )
        if seconds is not None
    ]


def _in_order(counts: Mapping[str, int]) -> list[Bar]:
    most = max(counts.values(), default=0) or 1
    return [Bar(key, key, n, round(100 * n / most)) for key, n in counts.items()]


def _questions(found: Figures) -> list[QuestionRow]:
    asked: dict[str, int] = {}
    for (question, _), number in found.steps.items():
        asked[question] = asked.get(question, 0) + number
    for question, number in found.left.items():
        asked[question] = asked.get(question, 0) + number
    return [
        QuestionRow(
            question_name(question),
            number,
            found.left[question],
            middle(found.answer_seconds.get(question, [])),
        )
        for question, number in sorted(asked.items(), key=lambda row: -row[1])
    ]

"""Rules for words that stand for a day (昨日, 月曜, 20日), and for those that name none."""

import re
from datetime import date, timedelta

from actions.domain.dates.found import (
    ECHO,
    SAME_WEEKDAY,
    WEEKDAY,
    Kind,
    Rule,
    future,
    vague,
    weekday_of,
)
from actions.domain.dates.resolve import Value, last_day, last_weekday


def _weekday(m: re.Match[str], today: date) -> Value:
    return last_weekday(weekday_of(m), today)


def _day(m: re.Match[str], today: date) -> Value:
    return last_day(int(m["d"]), today)


def _words(pattern: str, back: int, kind: Kind = "date") -> Rule:
    def value(m: re.Match[str], today: date) -> Value:
        return today - timedelta(days=back)

    # 「今日は水曜ですが」 tells the weekday of today.
    echo = ECHO if back else f"(?:[はが]?(?:もう)?(?:\\d{{1,2}}日(?=[なでだや])|{SAME_WEEKDAY}))?"
    return re.compile(f"(?:{pattern}){echo}"), value, kind


WORDS: list[Rule] = [
    _words("さきおととい|さきおとつい|一昨昨日|一昨々日|いっさくさくじつ", 3),
    _words("一昨日|一昨夜|一昨晩|おととい|おとつい|いっさくじつ", 2),
    _words(
        "昨日|昨夜|昨晩|昨夕|昨朝|ゆうべ|夕べ|(?<![の続書付引聞抜空置動働つづ])きのう(?![的ちえ])|"
        "きのお|さくじつ|さくや|さくばん",
        1,
    ),
    _words(
        "今日|本日|今朝|今夜|今晩|けさ|さっき|さきほど|先ほど|先程|今しがた|今し方|たった今|"
        "(?<![うとりこきっじ])きょう(?!と(?!い)|だい|かい|しつ|ど|う)|"
        "(?:今|いま)(?=、?(?:ちょうど|しがた|やった|済ま|終わっ|申|登録し|手続))|"
        "(?:午前中|朝いち|朝一|昼前|お昼|昼休み)(?=.{0,6}(?:申|登録|手続|済|やり|し(?:た|まし)))",
        0,
        "now",
    ),
    (
        re.compile(
            "明々?後日|明日|明朝|明晩|(?<![ぁ-ん])あした|(?<![ぁ-ん])あす(?=$|[、。にのはで])|"
            "あさって|みょうにち|再来週|さ来週|来週|来月|再来月|来年|らいしゅう|らいげつ|らいねん"
        ),
        future,
        "ahead",
    ),
    (
        re.compile(rf"(?:次|つぎ|今度|こんど)の{WEEKDAY}"),
        future,
        "ahead",
    ),
    (re.compile("土日"), vague, "vague"),
    (re.compile(WEEKDAY), _weekday, "weekday"),
    (
        re.compile(
            r"(?<![\d/.\-年第])(?P<d>\d{1,2})日(?![間目後分中曜前程]|まえ|以[内上]|ごと|おき|ほど|"
            r"も|経|たっ|た[つち]|で(?:き|使|つか|開|届|終)|(?:くらい|ぐらい)?(?:経|た[つっち]))"
            + ECHO
        ),
        _day,
        "day",
    ),
]

VAGUE: list[Rule] = [
    (
        re.compile(
            r"(?<!\d)20\d\d[/.-]\d{1,2}(?!\d)|\d{1,2}月(?!分|号|度|額|の?ご?請求)|"
            "[今先]々?[月週](?!の?ご?請求|分|号)|"
            "せんげつ|せんしゅう|去年|昨年|今年|一昨年|おととし|[春夏秋冬](?!子|菜)|年末|年始|年明け|正月|"
            "週末|週明け|月末|月初|月半ば|[上中下]旬|連休|ごーるでんうぃーく|gw|お盆|しるばーうぃーく|"
            "数(?:日|週間|か月|時間)|何日か|何週間か|先日|この前|このまえ|この間|このあいだ|こないだ|"
            "以前|最近|しばらく|ちかごろ|近頃|昔|半月|半年|平日|祝日|いつだったか|"
            "(?<![名手午])前(?=$|[でだにか、。])|(?:かなり|だいぶ|少し|ちょっと)まえ"
        ),
        vague,
        "vague",
    ),
]

"""Numbers that are no dates: counts, clock times, telephone and registration numbers."""

import re

_COUNTER = (
    "回|人|通|件|個|つ(?!き)|円|番|桁|歳|才|社|本(?!日)|枚|名|度|%|倍|階|丁目|号|行|字|文字|ぺーじ|gb|mb|"
    "万|営業日(?!.{0,4}前)|日間(?!.{0,4}前)|日目|日後|日以内|日ぶり|日ごと|日おき|週間後|週間以内|"
    "か月後|か月分|か月以内|年目|年間|月分|月号|月度|月の?ご?請求|時間(?!.{0,4}前)"
)
_NOISE = [
    re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+"),
    re.compile(r"(?<!\d)0\d{1,4}[- ]\d{1,4}[- ]\d{3,4}(?!\d)"),
    re.compile(r"(?<!\d)(?!20\d{6}(?!\d))\d{5,}(?!\d)"),
    re.compile(r"\d{1,2}:\d{2}(?::\d{2})?"),
    re.compile(r"\d{1,2}時(?!間)(?:半|\d{1,2}分)?(?:ごろ|頃|過ぎ|すぎ|前)?"),
    re.compile(rf"\d+(?:\.\d+)?(?:{_COUNTER})"),
    re.compile(r"毎(?:月|年)の?\d{1,2}(?:月\d{1,2})?日|毎週の?[月火水木金土日]曜?日?"),
    re.compile(r"(?<!月)(?<!月の)第[\d一二三四五][月火水木金土日]曜?日?"),
    re.compile(r"[^、。]{0,6}\d日?(?=生まれ|生(?!年)|うまれ)|生年月日[^、。]{0,14}"),
    re.compile(r"(?:今日|本日|きょう)中"),
    # 「一日」 is far oftener a whole day than the first.
    re.compile(r"(?:丸|まる|[良よい]い)1日|1日(?=[ずい足を入分中早遅一1]|だけ|あたり|当たり)"),
    re.compile(r"\d日(?:くらい|ぐらい|ほど|も|は)?(?:かか|待|必要|ください|あれば)"),
]


def without_noise(text: str) -> str:
    """Folded `text` with every such number blanked out (as long as before)."""
    for pattern in _NOISE:
        text = pattern.sub(lambda m: "\0" * len(m[0]), text)
    return text

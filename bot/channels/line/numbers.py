"""A choice answered by its number: 「2」「２」「二」「②」「2番」「(2)」「2.」."""

import re
import unicodedata

_KANJI = {k: n for n, k in enumerate("一二三四五六七八九十", start=1)}
_NUMBER = re.compile(
    r"[（(【\[]?\s*([0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*[)）】\].．、,。]?\s*(?:番目?|ばんめ?|つ目|つめ)?"
    r"\s*(?:です|[でを]お?願い(?:いた|致)?します|[でを]おねがいします|にします|を選びます|がいいです)?\s*[。.、!]*"
)


def chosen_number(text: str) -> int | None:
    """The number that is all of the text; None for anything else. 1 is the first."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    said = found[1]
    if said.isdigit():
        return int(said) or None
    if len(said) == 1:
        return _KANJI[said]
    return 10 + _KANJI[said[1]] if said[0] == "十" and said[1] != "十" else None

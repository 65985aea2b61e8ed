"""The form in which members and search words are compared (pure).

Widths, letter case, blanks, katakana and hiragana, small and large kana and the commonest
variants of kanji in names make no difference; telephone numbers are their digits.
"""

import re
import unicodedata
from dataclasses import dataclass

FIELD = "|"
"""Stands before each field, so that a word at the start of one can be told."""

MAX_TERMS = 4

_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
# Pairs that a caller's name is typed with one way and registered the other.
_KANJI = str.maketrans(
    "髙﨑嵜邊邉齋齊斉澤廣濱濵德惠眞國嶋嶌桒槗圓榮龍瀧彌壽",
    "高崎崎辺辺斎斎斎沢広浜浜徳恵真国島島桑橋円栄竜滝弥寿",
)
_BETWEEN_PHONES = re.compile(r"[/、,;・\n]|または")
_EXTENSION = re.compile(r"内線|ext", re.IGNORECASE)
_BETWEEN_DIGITS = re.compile(r"[\s\-‐‑‒–—―−ー()+.]")


@dataclass(frozen=True)
class SearchWords:
    """What one member is found by."""

    words: str
    mailbox: str
    phone: str


def search_words(number: str, name: str, kana: str, email: str, phone: str | None) -> SearchWords:
    """A member in the form that is searched."""
    mailbox, digits = plain_mail(email), phones(phone or "")
    fields = [number, plain_name(name), plain_name(kana), mailbox, *(digits or [""])]
    words = FIELD.join(["", *(field.replace(FIELD, "") for field in fields), ""])
    return SearchWords(words, mailbox[:320], digits[0][:40] if digits else "")


def plain_name(text: str) -> str:
    """A name or its kana without what makes no difference: no blanks, one kind of kana."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.translate(_HIRAGANA).translate(_SMALL).translate(_KANJI)
    return re.sub(r"[\s・]", "", folded)


def plain_mail(text: str) -> str:
    """A mail address without what makes no difference."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())


def plain_phone(text: str) -> str:
    """The digits of a telephone number, Japan's country code as the leading 0."""
    plain = unicodedata.normalize("NFKC", text).strip()
    abroad = plain.startswith("+81")
    digits = re.sub(r"\D", "", plain)
    return "0" + digits[2:].removeprefix("0") if abroad else digits


def phones(text: str) -> list[str]:
    """The numbers in a field that may hold several, each without its extension."""
    parts = _BETWEEN_PHONES.split(unicodedata.normalize("NFKC", text))
    found = [plain_phone(_EXTENSION.split(part)[0]) for part in parts]
    return [digits for digits in found if digits]


def terms(query: str) -> list[str]:
    """The words that a member must all contain; a number's parts are one word."""
    plain = unicodedata.normalize("NFKC", query).replace(FIELD, " ").strip()
    if plain and not re.search(r"[^\d]", _BETWEEN_DIGITS.sub("", plain)):
        digits = plain_phone(plain)
        return [digits] if digits else []
    found = [plain_name(word) for word in plain.split()]
    return [word for word in found if word][:MAX_TERMS]

"""A member's text: what is kept of it, what the dialogue is given, what is masked first."""

import re
import unicodedata
from datetime import date

# Characters that show nothing: zero-width, directional, soft hyphen, BOM, control characters.
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SLASHES = re.compile(r"^[\s/／⁄∕⧸\\]+")
# `/restart`, `/answer{…}`: a program's command, which nobody who needs help types.
_COMMAND = re.compile(r"[\s/⁄∕⧸\\]*[/⁄∕⧸\\][\s/⁄∕⧸\\]*(?:[A-Za-z_][A-Za-z0-9_]*)?\s*(?:[{\[].*)?")
_NOTHING_SAID = "…"

MAIL_MASK, NUMBER_MASK, PASSWORD_MASK = "〔メールアドレス〕", "〔番号〕", "〔パスワード〕"
_MAIL = re.compile(r"[\w.+%-]+[@＠][\w-]+(?:[.．][\w-]+)+")
_DIGIT = r"[0-9０-９]"
_LONG_NUMBER = re.compile(rf"{_DIGIT}(?:[\s\-‐－ー―−()（）・.．]?{_DIGIT}){{6,}}")
# 「パスワードはabc123です」「PW: abc123」: letters and digits behind the word, not Japanese words.
_PASSWORD = re.compile(
    r"((?:パスワ[ーｰ]ド|ﾊﾟｽﾜｰﾄﾞ|ぱすわーど|暗証番号|パスコード|pass\s*word|passwd|pwd?|ＰＷ)"
    r"[^\w\n]{0,3}(?:は|が|を|：|:|=|＝|、)?\s*[「『\"'（(]?)"
    r"([!-~！-～]{4,})",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """The text as it is kept: readable characters only, trimmed. Line breaks stay."""
    text = _SURROGATES.sub("\ufffd", text)
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip().strip("\u3000\u2800").strip()


def mask(text: str) -> str:
    """Passwords, mail addresses and long numbers (7 digits and more) made unreadable."""
    text = _MAIL.sub(MAIL_MASK, text)
    text = _PASSWORD.sub(lambda found: found[1] + PASSWORD_MASK, text)
    return _LONG_NUMBER.sub(_masked_number, text)


def was_masked(text: str) -> bool:
    """Whether something in a kept text was made unreadable."""
    return any(sign in text for sign in (MAIL_MASK, NUMBER_MASK, PASSWORD_MASK))


def _masked_number(found: re.Match[str]) -> str:
    return found[0] if _is_date(found[0]) else NUMBER_MASK


def _is_date(words: str) -> bool:
    """20260320, 2026-03-20 and 2026.3.20 are dates, not secrets."""
    plain = unicodedata.normalize("NFKC", words)
    parts = re.split(r"\D+", plain)
    if len(parts) == 1 and len(plain) == 8:
        parts = [plain[:4], plain[4:6], plain[6:]]
    if len(parts) != 3 or not 1900 <= int(parts[0]) <= 2100:
        return False
    try:
        date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return False
    return True


def for_dialogue(text: str) -> str:
    """The text that the dialogue understands: NFKC, one line, never a command.

    Rasa takes a leading slash for an intent of its own; what a member types is never that. A
    text that is nothing but such a command says nothing: 「/restart」 is no wish to restart.
    """
    plain = " ".join(unicodedata.normalize("NFKC", clean(text)).split())
    if _COMMAND.fullmatch(plain):
        return _NOTHING_SAID
    return _SLASHES.sub("", plain) or _NOTHING_SAID


def same_words(text: str) -> str:
    """A form in which a typed label and the button's label are equal."""
    plain = unicodedata.normalize("NFKC", clean(text)).lower()
    return re.sub(r"[\s「」『』。、.,!?・]", "", plain)


def masked_number(number: str) -> str:
    """A registration number as it may be shown: its last two digits."""
    return "•" * (len(number) - 2) + number[-2:]


def mask_passwords(text: str) -> str:
    """Only what looks like a password made unreadable: staff may well write telephone numbers."""
    return _PASSWORD.sub(lambda found: found[1] + PASSWORD_MASK, text)

"""A telephone number or mail address that is left for a person's answer, taken out of the text.

It is kept with the request only: neither the journal nor the dialogue ever gets it. A telephone
number is kept unasked as well, for it is told to the person who is wanted.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime

from bot.store import statements
from bot.store.handover_tables import HandoverRow
from bot.store.joined import Writer
from bot.store.records import Taken, TakeText
from bot.store.tables import ConversationRow
from bot.text import clean, mask

PHONE, MAIL = "phone", "mail"
MARKS = {PHONE: "〔電話番号〕", MAIL: "〔ご連絡先のメールアドレス〕"}
_MAIL = re.compile(r"[A-Za-z0-9._+%-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?:\+?81[\s-]?)?\(?\d(?:[\s\-‐‑–—−ーｰ.()（）]{0,2}\d){5,14}")
# 050, 070, 080, 090 and 0800 have 11 digits, all others 10.
_NUMBER = re.compile(r"0[5-9]0\d{8}|0(?![5-9]0)\d{9}")
_MAY_HOLD_ONE = re.compile(r"[\d@＠]")
_MOST_MAIL = 254


def found_phone(text: str) -> tuple[str | None, str] | None:
    """(digits, or None for a wrong length; the text without it). None: no number in it."""
    plain = unicodedata.normalize("NFKC", clean(text))
    run = _PHONE.search(plain)
    if run is None:
        return None
    return _number(run), _without(plain, run, PHONE)


def found_mail(text: str) -> tuple[str | None, str] | None:
    """(address, or None for a malformed one; the text without it). None: no address in it."""
    plain = unicodedata.normalize("NFKC", clean(text))
    run = _MAIL.search(plain)
    if run is not None and len(run[0]) <= _MOST_MAIL:
        return run[0], _without(plain, run, MAIL)
    return (None, mask(plain)) if "@" in plain else None


def masked_but_contacts(text: str, mask_rest: Callable[[str], str] = mask) -> str:
    """The text with telephone numbers and mail addresses left in it, all else masked."""
    plain = unicodedata.normalize("NFKC", clean(text))
    runs = [*_MAIL.finditer(plain), *(run for run in _PHONE.finditer(plain) if _number(run))]
    kept, end = "", 0
    for run in sorted(runs, key=lambda run: run.start()):
        if run.start() >= end:
            kept, end = kept + mask_rest(plain[end : run.start()]) + run[0], run.end()
    return kept + mask_rest(plain[end:])


def taking_contact(words: str) -> TakeText | None:
    """What the journal calls while it commits `words`; None where no contact can be in them."""
    if not _MAY_HOLD_ONE.search(words):
        return None

    def take(writer: Writer, conversation_id: str, now: datetime) -> Taken | None:
        waiting = statements.WAITING.first(writer.connection, {"talk": conversation_id})
        if waiting is None or waiting.handover_id is None:
            return None
        session = writer.session()
        conversation = session.get_one(ConversationRow, conversation_id)
        row = session.get(HandoverRow, waiting.handover_id)
        if row is None:
            return None
        if row.awaiting not in MARKS:
            return _volunteered(row, words)
        found = found_phone(words) if row.awaiting == PHONE else found_mail(words)
        if found is None:
            return _volunteered(row, words)
        contact, kept = found
        if contact is None and (row.contact is not None or conversation.owner is not None):
            return None  # some other number: after the one that counts, or for the person to read
        step = f"{row.awaiting}_{'taken' if contact else 'odd'}"
        row.contact = contact or row.contact
        return Taken(kept, "/identity_step" + json.dumps({"value": step}))

    return take


def _volunteered(row: HandoverRow, words: str) -> Taken | None:
    """Keep a telephone number that nobody asked for; what the text says is answered as ever."""
    if row.contact is not None and "@" in row.contact:
        return None
    plain = unicodedata.normalize("NFKC", clean(words))
    for run in _PHONE.finditer(plain):
        if number := _number(run):
            row.contact = number
            return Taken(_without(plain, run, PHONE), None)
    return None


def either(first: TakeText | None, second: TakeText | None) -> TakeText | None:
    """The first that takes the text."""
    if first is None or second is None:
        return first or second
    one, other = first, second
    return lambda writer, conversation_id, now: (
        one(writer, conversation_id, now) or other(writer, conversation_id, now)
    )


def _number(run: re.Match[str]) -> str | None:
    """The digits of a Japanese telephone number."""
    digits = re.sub(r"\D", "", run[0])
    if run[0].startswith("+81") or (digits.startswith("81") and len(digits) > 11):
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    return digits if _NUMBER.fullmatch(digits) else None


def _without(plain: str, run: re.Match[str], kind: str) -> str:
    return mask(plain[: run.start()] + MARKS[kind] + plain[run.end() :])

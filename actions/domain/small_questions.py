"""Questions outside the check: what is being asked, and how a typed answer to it is read.

The ids are the API's `question`; the values those of the buttons (data/responses).
"""

import re
from datetime import date
from enum import StrEnum

from actions.domain.answers import polarity
from actions.domain.claims import UNKNOWN, Answer
from actions.domain.dates import read_date
from actions.domain.heard import Heard
from actions.domain.words import named_login, plain_text


class SmallQuestion(StrEnum):
    """What may be open while no check runs."""

    which_login = "which_login"
    how_to_check = "how_to_check"
    login_result = "login_result"
    applied_on = "applied_on"


_QUESTIONS = re.compile(r"質問|しつもん|答え|順番|チェック|確認")
_IDENTIFY = re.compile(r"ログイン|ろぐいん|調べ|しらべ|記録|本人")
_BOTH = re.compile(r"両方|どちらも|どっちも|りょうほう|二つとも|2つとも")
_WORKED = re.compile(
    r"(ログイン|ろぐいん|入(る|れ)|はい(る|れ)|開け)[^。]{0,6}(でき(た|まし)|れ(た|まし))|(入|はい)れ(た|まし)"
)
_FAILED = re.compile(
    r"(ログイン|入|はい|開)[^。]{0,6}(でき(な|ま)|れな|れま|けな|けま)|だめ|ダメ|駄目|無理|まだ"
)


def read_small_answer(question: SmallQuestion, heard: Heard, today: date) -> str | None:
    """The value that a message gives to the open question; None: it is about something else."""
    if heard.intent == "answer":
        return heard.value if heard.question == question else None
    text = plain_text(heard.text)
    match question:
        case SmallQuestion.which_login:
            return _which_login(text, heard)
        case SmallQuestion.how_to_check:
            return _how_to_check(text)
        case SmallQuestion.login_result:
            return _login_result(text, heard)
        case SmallQuestion.applied_on:
            return _date(heard, today)


def _which_login(text: str, heard: Heard) -> str | None:
    if len(text) > 40:
        return None
    if _BOTH.search(text) or _is_unsure(heard):
        return "unsure"
    return named_login(text)


def _how_to_check(text: str) -> str | None:
    if len(text) > 30:
        return None
    if _QUESTIONS.search(text):
        return "questions"
    return "identify" if _IDENTIFY.search(text) else None


def _login_result(text: str, heard: Heard) -> str | None:
    if len(text) > 40:
        return None
    answer = polarity(heard.text)
    if _FAILED.search(text) or heard.intent in ("deny", "login_failed") or answer is Answer.no:
        return "no"
    if _WORKED.search(text) or heard.intent == "affirm" or answer is Answer.yes:
        return "yes"
    return None


def _date(heard: Heard, today: date) -> str | None:
    reading = read_date(heard.text, today)
    if reading.date is not None:
        return reading.date.isoformat()
    if reading.problem in (None, "none"):
        return UNKNOWN if _is_unsure(heard) else None
    return heard.text


def _is_unsure(heard: Heard) -> bool:
    return heard.intent == "unsure" or polarity(heard.text) is Answer.unsure

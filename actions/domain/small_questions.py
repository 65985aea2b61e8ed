"""Questions outside the check: what is being asked, and how a typed answer to it is read.

The ids are the API's `question`; the values those of the buttons (data/responses).
"""

import re
from datetime import date
from enum import StrEnum

from actions.domain.answers import polarity
from actions.domain.claims import UNKNOWN, Answer
from actions.domain.dates import read_date
from actions.domain.heard import Heard, has_other_topic
from actions.domain.words import named_login, plain_text


class SmallQuestion(StrEnum):
    """What may be open while no check runs."""

    which_login = "which_login"
    how_to_check = "how_to_check"
    login_result = "login_result"
    applied_on = "applied_on"
    mail_number = "mail_number"
    mail_code = "mail_code"
    which_number = "which_number"
    # A person is wanted: how the answer is to come, where to, and what it is about.
    answer_by = "answer_by"
    contact_phone = "contact_phone"
    contact_mail = "contact_mail"
    handoff_message = "handoff_message"


_OTHER_TOPIC_NEEDS = 0.7
_QUESTIONS = re.compile(r"質問|しつもん|答え|順番|チェック|確認")
_IDENTIFY = re.compile(r"ログイン|ろぐいん|調べ|しらべ|記録|本人")
# The mailed code as a way to prove identity; 「メールが届かない」 is another matter.
_BY_MAIL = re.compile(
    r"(確認)?(メール|めーる|コード)(の?コード)?(で|を|に)?(?!.*(届|来|とど|こな|変え|変更|間違)).{0,9}"
)
_MAIL_WAY = re.compile(
    r"(メール|めーる)(の?(方|ほう|方法))?で(?!.*(届|来|とど|こな|間違|変え|変更)).{0,16}"
)
_WANTS_CODE = re.compile(
    r"(?!.*(届|来(な|ま|て|た)|とど|こな)).*コード.{0,6}"
    r"(送|おく|ほし|欲し|希望|お?願い|お?ねがい|ください|下さい|もら|受け取(り|る)|頂|いただ|で(確認|お))"
    r".{0,10}"
)
# A registration number before anybody asked for it: the way that begins with the number.
_A_NUMBER = re.compile(r"(登録番号は?)?\d{6}(番?です|番)?")
_ASK_ME = re.compile(r"質問|しつもん|答え")
_NOT_COME = re.compile(r"(届|とど|来|こ)[^。]{0,3}(な|ませ)|見(つ|当)[^。]{0,3}(な|ませ)|受け取れ")
_AGAIN = re.compile(r"もう(一度|いちど|1度|一回|1回)|再送|再度|送り直|送って")
_OTHER_NUMBER = re.compile(r"番号[^。]{0,8}(違|ちが|間違|まちが|直|変え|別)|入れ直")
_BOTH = re.compile(r"両方|どちらも|どっちも|りょうほう|二つとも|2つとも")
_WAYS = (
    ("phone", re.compile(r"電話|でんわ|tel|テル")),
    ("mail", re.compile(r"メール|めーる|mail")),
    ("here", re.compile(r"ここ|こちら|この(画面|窓口|まま)|チャット|ちゃっと|line|ライン|返信")),
)
_DIRECTIONS = ("go_back", "start_over", "stop_check", "greet", "thanks", "goodbye")
_NOTHING_TO_ANSWER = ("out_of_scope", "faq", "complaint", "leaving", None)
_WORKED = re.compile(
    r"(ログイン|ろぐいん|入(る|れ)|はい(る|れ)|開け)[^。]{0,6}(でき(た|まし)|れ(た|まし))|(入|はい)れ(た|まし)"
)
_FAILED = re.compile(
    r"(ログイン|入|はい(?=[れら])|開)[^。]{0,6}(でき(な|ま)|れな|れま|けな|けま)|だめ|ダメ|駄目|無理|まだ"
)


def read_small_answer(question: SmallQuestion, heard: Heard, today: date) -> str | None:
    """The value that a message gives to the open question; None: it is about something else."""
    if heard.intent == "answer":
        return heard.value if heard.question == question else None
    if heard.intent == "identity_step":
        return None  # the app has taken what was awaited
    text = plain_text(heard.text)
    match question:
        case SmallQuestion.which_login:
            return _which_login(text, heard)
        case SmallQuestion.how_to_check:
            return _how_to_check(text, heard)
        case SmallQuestion.login_result:
            return _login_result(text, heard)
        case SmallQuestion.applied_on:
            return _date(heard, today)
        case SmallQuestion.mail_number:
            return "questions" if len(text) <= 30 and _ASK_ME.search(text) else None
        case SmallQuestion.mail_code:
            return _mail_code(text)
        case SmallQuestion.which_number:
            return _which_number(text)
        case SmallQuestion.answer_by | SmallQuestion.contact_phone | SmallQuestion.contact_mail:
            return _answer_by(text)
        case SmallQuestion.handoff_message:
            return _for_a_person(heard)


def for_a_person(question: SmallQuestion, heard: Heard) -> str | None:
    """After a death all words are for the person: no topic of the desk is told in between."""
    if heard.intent in (*_DIRECTIONS, "handoff", "answer", "identity_step"):
        return None
    if question is SmallQuestion.handoff_message:
        return "left"
    return "here" if question is SmallQuestion.answer_by else None


def _which_login(text: str, heard: Heard) -> str | None:
    if len(text) > 40:
        return None
    if _BOTH.search(text) or _is_unsure(heard):
        return "unsure"
    return named_login(text)


def _how_to_check(text: str, heard: Heard) -> str | None:
    topic, confidence = heard.best_topic()
    # 「申し込んだのにログインできません」 names the login, but tells of another trouble.
    elsewhere = topic not in ("status_lookup", "login_steps") and confidence >= _OTHER_TOPIC_NEEDS
    if len(text) > 30:
        return None
    if _WANTS_CODE.fullmatch(text) or _A_NUMBER.fullmatch(text):
        return "mail"  # whatever else a mail may be about, a code is this one
    if elsewhere:
        return None
    if _ASK_ME.search(text):
        return "questions"
    if _BY_MAIL.fullmatch(text) or _MAIL_WAY.fullmatch(text):
        return "mail"
    if _QUESTIONS.search(text):
        return "questions"
    return "identify" if _IDENTIFY.search(text) else None


def _mail_code(text: str) -> str | None:
    if len(text) > 30:
        return None
    for value, words in (
        ("number", _OTHER_NUMBER),
        ("questions", _ASK_ME),
        ("resend", _AGAIN),
        ("missing", _NOT_COME),
    ):
        if words.search(text):
            return value
    return None


def _which_number(text: str) -> str | None:
    """個人 or 法人, as kinds; the numbers themselves are not known here."""
    if len(text) > 30 or ("個人" in text) == ("法人" in text):
        return None
    return "individual" if "個人" in text else "corporate"


def _answer_by(text: str) -> str | None:
    if len(text) > 30:
        return None
    named = [value for value, words in _WAYS if words.search(text)]
    return named[0] if len(named) == 1 else None


def _for_a_person(heard: Heard) -> str | None:
    """Whatever the bot cannot answer surely is told to the person who was asked for."""
    if heard.intent in _DIRECTIONS:
        return None
    topic, confidence = heard.best_topic()
    if topic == "handoff" and _answer_by(plain_text(heard.text)) is None:
        return "left"  # 「6時以降にお願いします」: a person is on the way already
    if topic in _NOTHING_TO_ANSWER or confidence < _OTHER_TOPIC_NEEDS:
        return "left"
    return None


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
    if has_other_topic(heard, reading.date is not None):
        return None
    if reading.date is not None:
        return reading.date.isoformat()
    if reading.problem in (None, "none"):
        return UNKNOWN if _is_unsure(heard) else None
    return heard.text


def _is_unsure(heard: Heard) -> bool:
    return heard.intent == "unsure" or polarity(heard.text) is Answer.unsure

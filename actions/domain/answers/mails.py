"""Which mails and steps of the procedure a text names (subjects from the guide)."""

import re
from itertools import zip_longest
from typing import NamedTuple

from actions.domain.claims import Question
from actions.domain.dates.fold import to_hiragana

_MAIL = "(?:めーる|めえる|まーる|mail|お?知らせ|おしらせ|ご?連絡|ご?通知|ご?案内|お便り|便り)"
_NOUN_ENDS = "(?=$|[はがもをとのや、。「」』】)]|って|です|でし|だけ|まだ|しか|など)"
_THANKS = (
    "(?:お?申し?込み?(?:み)?|おもうしこみ|もうしこみ)(?:を|が|は)?、?(?:誠に|どうも)?"
    "(?:ありがとう|有難う|有り難う)"
)
_PRESS = "(?:押|おし|くりっく|たっぷ|踏|触|ふん|開い|ひらい|あけ)"

_NAMES: dict[Question, re.Pattern[str]] = {
    Question.opening_mail: re.compile(
        rf"(?<!口座)(?:開設|かいせつ|開通)(?:完了|官僚|かんりょう)?(?:の|ご)*(?:{_MAIL}|完了|"
        rf"ほう|方)"
        rf"|(?<!口座)(?:開設|かいせつ)(?:完了|官僚|かんりょう)?{_NOUN_ENDS}"
        rf"|ご?利用開始(?:の|ご)*{_MAIL}"
        r"|(?:3|三)(?:通目|つ目のめーる)|最後のめーる"
    ),
    Question.acceptance_mail: re.compile(
        rf"(?:受付|受け付け|受けつけ|うけつけ|受附)(?:完了|官僚|かんりょう)(?:の|ご)*{_MAIL}?"
        rf"|(?:受付|受け付け|受けつけ|うけつけ)(?:済み?|した)?(?:の|ご|という)*{_MAIL}"
        r"|(?:2|二)(?:通目|つ目のめーる)"
    ),
    Question.first_mail: re.compile(
        rf"{_THANKS}|(?:お?申し?込み?み?|申請)の?お礼|(?:最初|初め|はじめ|始め)の(?:1通|{_MAIL})"
        r"|(?:1|一)(?:通目|つ目のめーる)"
        rf"|本登録(?:の|ご|用|お願い|依頼)+{_MAIL}"
        r"|(?:url|りんく)(?:が|の)"
        rf"(?:入った|はいった|ある|書いて(?:ある|あった)|載った|載っている|付いた|ついた){_MAIL}"
    ),
    Question.url_clicked: re.compile(
        rf"url|ゆーあーるえる|本登録(?!の?(?:ご|用|お願い|依頼)*{_MAIL})|ほんとうろく"
        rf"|りんく(?:は|を|も|先)?、?(?:もう|まだ|既に|すでに|ちゃんと)?{_PRESS}"
        r"|(?<!ぼたんを)(?<!ぼたん)くりっく(?=し|は|を|も|済|完了)"
    ),
}
# A press that is about another link or button: the one of the login page.
_OTHER_LINK = re.compile(
    "会員専用|まいぺーじへ|ろごを?(?:押|くりっく)|ろぐいん(?:ぼたん|画面)|ぼたん"
)
# Mails and sites of somebody else.
_ELSEWHERE = re.compile(
    "銀行|学会|宅配|口座|楽天|amazon|あまぞん|sms|医師会|国税|共済|通販|電子申告|確定申告|市役所"
)
_INSIDE = re.compile(f"」?(?:の)?(?:{_MAIL})?(?:の|の中の|の中にある|にある|内の|にあった)")
_SPACES = re.compile(r"\s+")


class Named(NamedTuple):
    """A mail or step named in a clause, and where."""

    start: int
    end: int
    question: Question


def folded(text: str) -> str:
    """`text` in one width and in hiragana, without spaces."""
    return _SPACES.sub("", to_hiragana(text))


def named(clause: str) -> list[Named]:
    """The mails and steps named in a folded clause, in order."""
    found: list[Named] = []
    rest = clause
    for question, pattern in _NAMES.items():
        if question is Question.url_clicked and _OTHER_LINK.search(clause):
            continue
        for m in pattern.finditer(rest):
            found.append(Named(m.start(), m.end(), question))
            rest = rest[: m.start()] + "\0" * (m.end() - m.start()) + rest[m.end() :]
    found.sort()
    # 「最初のメールのURL」 speaks of the URL; the mail only says which one.
    return [f for f, after in zip_longest(found, found[1:]) if not _holds(clause, f, after)]


def _holds(clause: str, mail: Named, after: Named | None) -> bool:
    if after is None or after.question is not Question.url_clicked:
        return False
    return _INSIDE.fullmatch(clause[mail.end : after.start]) is not None


def from_elsewhere(text: str) -> bool:
    """Whether a folded text speaks of another institution's mails."""
    return bool(_ELSEWHERE.search(text))


def mentions(text: str) -> set[Question]:
    """Which of the three mails, and whether the URL's step, are named in `text`."""
    whole = folded(text)
    return set() if from_elsewhere(whole) else {found.question for found in named(whole)}

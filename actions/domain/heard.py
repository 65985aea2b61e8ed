"""How an answer inside the check is taken (issue: free text, corrections, old buttons).

Pure: what was heard, what is known and asked, and the day go in; what is known now comes out.
`None` means that the message is about something else and the check goes on afterwards.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from actions.domain.answers import claims_in_text, mentions, polarity, url_failed
from actions.domain.claims import (
    DATE_QUESTIONS,
    UNKNOWN,
    Answer,
    Claims,
    Question,
    next_question,
    path,
    step_back,
)
from actions.domain.dates import read_date

# Topics that answer the question which is being asked.
_TOPIC_AS_ANSWER: dict[tuple[Question, str], Answer] = {
    (Question.opening_mail, "mail_missing"): Answer.no,
    (Question.acceptance_mail, "mail_missing"): Answer.no,
    (Question.first_mail, "mail_missing"): Answer.no,
    (Question.url_clicked, "url_error"): Answer.unsure,
}
_ANSWERS = {"affirm": Answer.yes, "deny": Answer.no, "unsure": Answer.unsure}
# Inside the check an answer is far likelier than anything else; a topic must be that much surer.
_TOPIC_NEEDS = 0.45
_ANSWER_NEEDS = 0.35
_OTHER_TOPIC_NEEDS = 0.7
# What a date is told of: applying, or a mail's arrival.
_APPLYING = re.compile("申し?込|もうしこ|申請|登録[をは]?し|登録した|手続|届|とど|来た|来まし|着")
_DAY_OF_APPLYING = re.compile("申し?込(?!あり)|もうしこ|申請|登録(?:を|は)?(?:し|済)|手続")
_JUST_NOW = re.compile("(?:つい)?(?:さっき|さきほど|先ほど|先程)(?:です|だよ?|でした)?[。!！]?")
# Nothing but a question mark: not 「分からない」 as an answer, but a question about the question.
_WHAT = re.compile(
    r"(?:[えはん]っ?|あれ|何|なに)?[\s、。.…・ー!！]*[?？❓][\s、。.…・!！?？❓\ufe0f]*"
)
_CORRECTING = (
    "やっぱ",
    "やはり",
    "さっきの",
    "先ほどの",
    "間違え",
    "訂正",
    "じゃなくて",
    "ではなくて",
)


@dataclass(frozen=True)
class Heard:
    """One message: its text, what it was understood as (0-1), and the pressed answer if any."""

    text: str
    intent: str | None
    ranking: Mapping[str, float] = field(default_factory=dict)
    question: str | None = None
    value: str | None = None

    def confidence(self, intent: str) -> float:
        """The classifier's confidence in `intent`."""
        return self.ranking.get(intent, 0.0)

    def best_topic(self) -> tuple[str | None, float]:
        """The likeliest intent that is no answer, with its confidence."""
        topics = {k: v for k, v in self.ranking.items() if k not in _NO_TOPICS}
        best = max(topics, key=lambda k: topics[k], default=None)
        return best, topics.get(best, 0.0) if best else 0.0


# What says something only as the answer to a question.
ONLY_ANSWERS = frozenset({*_ANSWERS, "inform_date", "nlu_fallback"})
_NO_TOPICS = ONLY_ANSWERS | {"answer"}


@dataclass(frozen=True)
class Taken:
    """The claims after a message; `say` are response keys told before the next question."""

    claims: Claims
    say: tuple[str, ...] = ()
    misses: int = 0


def take(heard: Heard, claims: Claims, asked: Question, misses: int, today: date) -> Taken | None:
    """Take a message while `asked` is open. None: about something else."""
    if heard.intent == "answer":
        return _button(heard, claims, today)
    if heard.intent == "go_back" and not _is_just_now(heard, asked):
        back = "utter_check_back" if path(claims) else "utter_check_at_start"
        return Taken(step_back(claims), (back,))
    if heard.intent == "start_over":
        return Taken(Claims(), ("utter_check_anew",))
    if _WHAT.fullmatch(heard.text):
        return Taken(claims, (f"utter_check_explain_{asked}",), misses)
    if heard.intent in ("stop_check", "handoff", "complaint", "leaving"):
        return None
    if (said := _said(heard, claims, asked, today)) is not None:
        return said
    if (dated := _late_date(heard, claims, asked, today)) is not None:
        return dated
    if asked in DATE_QUESTIONS and (dated := _date(heard, claims, asked, misses, today)):
        return dated
    if asked not in DATE_QUESTIONS and (answer := _answer(heard, asked)):
        return _answered(heard, claims, asked, answer, today)
    topic, confidence = heard.best_topic()
    if heard.intent != "nlu_fallback" and topic and confidence >= _TOPIC_NEEDS:
        return None
    again = "_again" if misses else ""
    return Taken(claims, (f"utter_check_not_understood{again}",), misses + 1)


def take_statement(heard: Heard, claims: Claims, today: date) -> Claims | None:
    """Take what a message states outside the check; None where it states nothing."""
    if stated := claims_in_text(heard.text):
        return with_its_date(with_answers(claims, stated), stated, heard, today)
    answer = _ANSWERS.get(heard.intent or "")
    target = correction_target(claims)
    if answer is Answer.yes and target is not None:
        return with_answers(claims, {target: answer})
    return None


def correction_target(claims: Claims) -> Question | None:
    """The latest answer on the path that was no or unsure: what a late "it came" is about."""
    for question in reversed(path(claims)):
        if getattr(claims, question) in (Answer.no, Answer.unsure):
            return question
    return None


def with_answers(claims: Claims, answers: Mapping[Question, Answer]) -> Claims:
    """The claims with some answers changed; a date that hung on a changed one is dropped."""
    changed = claims.having(answers)
    if Question.acceptance_mail in answers and changed.acceptance_mail is not Answer.yes:
        changed = replace(changed, accepted_on=None)
    if Question.url_clicked in answers and changed.url_clicked is not Answer.yes:
        changed = replace(changed, applied_on=None)
    return changed


def with_choice(claims: Claims, question: Question, value: str, today: date) -> Claims:
    """The claims after a button: yes / no / unsure, "unknown", an ISO or a written date.

    An old button may offer an answer that is none any more: it says nothing.
    """
    if question not in DATE_QUESTIONS:
        if value not in set(Answer):
            return claims
        return with_answers(claims, {question: Answer(value)})
    read = None if value == UNKNOWN else read_date(value, today).date
    return claims.having({question: read or UNKNOWN})


def _button(heard: Heard, claims: Claims, today: date) -> Taken | None:
    if heard.question not in set(Question) or heard.value is None:
        return None
    question = Question(heard.question)
    before = getattr(claims, question)
    after = with_choice(claims, question, heard.value, today)
    changed = before is not None and before != getattr(after, question)
    return Taken(after, ("utter_check_changed",) if changed else ())


def _said(heard: Heard, claims: Claims, asked: Question, today: date) -> Taken | None:
    """Explicit statements about named mails, and late corrections of the answer before."""
    stated = claims_in_text(heard.text)
    if stated:
        earlier = [q for q in stated if getattr(claims, q) not in (None, stated[q])]
        after = with_its_date(with_answers(claims, stated), stated, heard, today)
        more = asked not in stated and next_question(after) is not None
        noted = ("utter_check_noted",) if more else ()
        return Taken(after, ("utter_check_changed",) if earlier else noted)
    target = correction_target(claims)
    correcting = any(word in heard.text for word in _CORRECTING)
    if correcting and target and heard.intent == "affirm" and not mentions(heard.text):
        return Taken(with_answers(claims, {target: Answer.yes}), ("utter_check_changed",))
    return None


def with_its_date(
    claims: Claims, stated: Mapping[Question, Answer], heard: Heard, today: date
) -> Claims:
    """「受付完了は金曜に来た」: the day in the same message is that mail's.

    Not where the message also tells of applying: the day may be that one's.
    """
    came = stated.get(Question.acceptance_mail) is Answer.yes and not _DAY_OF_APPLYING.search(
        heard.text
    )
    read = read_date(heard.text, today).date if came and len(stated) == 1 else None
    return replace(claims, accepted_on=read) if read else claims


def _late_date(heard: Heard, claims: Claims, asked: Question, today: date) -> Taken | None:
    """A bare date behind 「受付完了は届いています」 is that mail's, not the open question's."""
    belongs = claims.acceptance_mail is Answer.yes and claims.accepted_on is None
    if asked is not Question.opening_mail or not belongs or heard.intent != "inform_date":
        return None
    read = read_date(heard.text, today).date
    return Taken(replace(claims, accepted_on=read), ("utter_check_noted",)) if read else None


def _answer(heard: Heard, asked: Question) -> Answer | None:
    plain = polarity(heard.text)
    if plain is not None:
        return plain
    if asked is Question.url_clicked and url_failed(heard.text):
        return Answer.unsure
    for intent, answer in _ANSWERS.items():
        if heard.intent == intent:
            return answer
    topic, confidence = heard.best_topic()
    if topic and (asked, topic) in _TOPIC_AS_ANSWER:
        return _TOPIC_AS_ANSWER[asked, topic]
    best = max(_ANSWERS, key=heard.confidence)
    if heard.confidence(best) >= max(_ANSWER_NEEDS, confidence):
        return _ANSWERS[best]
    # 「3月20日に来ました」 where a mail is asked for: the date says that it came; the date of
    # an application (「昨日申し込んだばかり」) does not.
    dated = heard.intent == "inform_date" and not _APPLYING.search(heard.text)
    return Answer.yes if dated else None


def _answered(heard: Heard, claims: Claims, asked: Question, answer: Answer, today: date) -> Taken:
    taken = with_answers(claims, {asked: answer})
    read = read_date(heard.text, today).date
    if asked is Question.acceptance_mail and answer is Answer.yes and read:
        taken = replace(taken, accepted_on=read)
    return Taken(taken)


def _date(heard: Heard, claims: Claims, asked: Question, misses: int, today: date) -> Taken | None:
    reading = read_date(heard.text, today)
    if has_other_topic(heard, reading.date is not None):
        return None
    if reading.date is not None:
        return Taken(claims.having({asked: reading.date}))
    unknown = Taken(claims.having({asked: UNKNOWN}))
    if reading.problem in (None, "none"):
        is_unsure = heard.intent in ("unsure", "deny") or polarity(heard.text) is Answer.unsure
        return unknown if is_unsure else None
    if misses:
        return replace(unknown, say=("utter_date_taken_as_unknown",))
    return Taken(claims, (f"utter_date_{reading.problem}",), misses + 1)


def has_other_topic(heard: Heard, has_date: bool) -> bool:
    """「明日の天気は？」「昨日からログイン失敗と出ます」: a day is named, but not as the answer."""
    topic, confidence = heard.best_topic()
    if confidence < _OTHER_TOPIC_NEEDS or _APPLYING.search(heard.text):
        return False
    # A day told with the story of that day (「運動会の日だから5月30日」) is still the answer.
    return not (has_date and topic == "out_of_scope")


def _is_just_now(heard: Heard, asked: Question) -> bool:
    """「さっき」 is a date where one is asked for; elsewhere it means the question before."""
    return asked in DATE_QUESTIONS and _JUST_NOW.fullmatch(heard.text) is not None

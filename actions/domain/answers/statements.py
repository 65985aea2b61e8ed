"""Explicit statements about the mails and the URL in a longer text, clause by clause."""

import re

from actions.domain.answers.mails import Named, folded, from_elsewhere, named
from actions.domain.answers.predicates import arrived, broken, pressed
from actions.domain.claims import Answer, Question

_PERHAPS = re.compile("かも(?:しれ|知れ|わか|分か)(?:ない|ません|へん|ん)")
_SENTENCE = re.compile(r"[^。!?\n…]+[。!?\n…]*")
# Where one statement ends and the next begins.
_CLAUSE_END = re.compile(
    r"(?:(?:っちゃ)?け(?:れ)?ども?|けんど|だども|ばってん|ものの|のに|(?<=[たすんい])(?:が|"
    r"し)(?=[^っ])|"
    r"ので(?![すしは])|(?<=[でだ])が(?=、)|(?P<if>たら)|くせに)、?|、"
)
_ASKS = re.compile(
    r"\?|いつ|(?<!か)どう(?!も|やら|しても)|どこ|なぜ|なんで|何で|何故|何(?!度|回|通|も)|"
    r"なに(?!も)|"
    r"どれ|どの|どっち|どちら|教えて|おしえて|でしょう|だろう|ですか|ますか|せんか|のか(?!も)|"
    r"んか(?:$|い)|"
    r"かな|かしら|よね$|っけ|べき|(?:の|か)(?:ね|い|よ)?$|とは$|意味"
)
# Not told as a fact: conditions, plans, wishes, other people's or earlier words.
_NOT_A_FACT = re.compile(
    "たら$|れば|なら(?!ず|ちゃんと|あり|ある|届い|とどい|来[てまた]|きて|入って)|"
    "場合|とき|時(?:は|に|も)|前に|(?:た|の)(?:後|あと)|[るくす]まで|"
    "[てで]も(?!ら)|"
    "(?:ない|[るすくう])と(?![言いの思書おかし])|たい|欲し|ほし|ください|下さい|予定|つもり|"
    "必要|次第|まち|待|"
    "ば(?:いい|よ)|と言|という(?:の|こと)|って言|を選|と答|と書|と押|にした|"
    "とお答|と申し上げ|勘違|間違|まちが|違(?:い|う|っ)|じゃな|ではな"
)
_TE = re.compile("[ていしんっきち][てで]、?$|とって、?$|あり、?$|済み、?$|済みで、?$")
# 「今朝届いたのは受付完了のお知らせです」
_CAME_IS = re.compile("(?:の|もの|やつ|めーる)は、?(?:その|あの)?「?$")
_JOINED = re.compile("も.{2,20}も|(?:めーる|完了|お知らせ|連絡)[とや・]")


def claims_in_text(text: str) -> dict[Question, Answer]:
    """What `text` says for certain of the mails and the URL; empty where it asks or wonders.

    A mail said to be both there and not there is left out.
    """
    said: dict[Question, Answer] = {}
    contradicted: set[Question] = set()
    whole = _PERHAPS.sub("かも", folded(text))
    if from_elsewhere(whole):
        return {}
    for question, answer in _statements(whole):
        if question is Question.url_clicked and answer is Answer.yes and broken(whole):
            continue
        if said.setdefault(question, answer) is not answer:
            contradicted.add(question)
    return {q: a for q, a in said.items() if q not in contradicted}


def _statements(text: str) -> list[tuple[Question, Answer]]:
    found: list[tuple[Question, Answer]] = []
    for sentence in _SENTENCE.findall(text):
        carried: list[Named] = []
        clauses = _clauses(sentence)
        for place, clause in enumerate(clauses):
            follower = clauses[place + 1] if place + 1 < len(clauses) else ""
            subjects = _subjects(clause, carried)
            carried = []
            if _ASKS.search(clause) or not subjects:
                continue
            told = _told(subjects, clause, follower)
            found += told
            # 「受付完了のメールですが、まだ届いていません」: the next clause may say it.
            carried = [] if told else [s._replace(start=0, end=0) for s in subjects]
    return found


def _told(subjects: list[Named], clause: str, follower: str) -> list[tuple[Question, Answer]]:
    if _NOT_A_FACT.search(clause) or (_TE.search(clause) and _ASKS.search(follower)):
        return []
    answers = [(s.question, _answer(s, subjects[-1], clause, bool(follower))) for s in subjects]
    return [(question, answer) for question, answer in answers if answer]


def _clauses(sentence: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for m in _CLAUSE_END.finditer(sentence):
        # The connective is no part of what is said; only a condition must be seen.
        parts.append(sentence[start : m.end("if") if m["if"] else m.start()])
        start = m.end()
    return [p for p in [*parts, sentence[start:]] if p.strip("。!… ")]


def _subjects(clause: str, carried: list[Named]) -> list[Named]:
    """What the clause is about; nothing where several are named and it is unclear which."""
    here = {found.question: found for found in named(clause)}
    if len(here) > 1 and not _JOINED.search(clause):
        return []
    return list(here.values()) or carried


def _answer(subject: Named, last: Named, clause: str, goes_on: bool) -> Answer | None:
    if subject.question is Question.url_clicked:
        return pressed(clause[subject.start :], goes_on)
    answer = arrived(clause[last.end :], goes_on)
    if answer is None and _CAME_IS.search(clause[: subject.start]):
        return arrived(clause[: subject.start])
    return answer

"""What a clerk can do on the page, as short strings of its forms, and as the dialogue's payloads.

`choice:<id>` presses an offered button, `words` sends the field's text; the rest is our own:
`topic:<id>`, `answer:<question>:<value>`, `back`, `restart`, `resume`, `status`.
"""

import json
from dataclasses import dataclass, field
from datetime import date

from actions.domain.claims import DATE_QUESTIONS, UNKNOWN, Answer, Question
from bot.errors import InvalidRequest
from bot.messages import Choice
from bot.script.words import answer_label, palette, question_label, topic_label, words

_PAYLOADS = {
    "back": "/go_back",
    "restart": "/start_over",
    "resume": '/answer{"question":"check","value":"continue"}',
    "status": "/status_lookup",
}
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class Act:
    """One of: an offered choice's id, the caller's words, or a button of our own.

    `changes` is the question of the check whose answer is set in the path.
    """

    choice: str | None = None
    text: str | None = field(default=None, repr=False)
    own: Choice | None = None
    changes: str | None = None


def read_act(act: str, text: str, today: date) -> Act:
    """The act that a form names; `today` is the civil date of the call.

    Raises InvalidRequest for one that does not exist, or for empty words.
    """
    kind, _, rest = act.partition(":")
    match kind:
        case "choice" if rest:
            return Act(choice=rest)
        case "words":
            if not text.strip():
                raise InvalidRequest(str(words()["problems"]["no_words"]))
            return Act(text=text)
        case "topic" if rest in {jump.topic for jump in palette()}:
            return Act(own=Choice(topic_label(rest), rest, f"/{rest}"))
        case "answer":
            return Act(own=_answer(rest, text, today), changes=rest.partition(":")[0])
        case _ if act in _PAYLOADS:
            return Act(own=Choice(str(words()["acts"][act]), act, _PAYLOADS[act]))
    raise InvalidRequest(str(words()["problems"]["no_such_act"]))


def _answer(rest: str, text: str, today: date) -> Choice:
    name, _, value = rest.partition(":")
    wrong = InvalidRequest(str(words()["problems"]["no_such_act"]))
    if name not in set(Question):
        raise wrong
    question = Question(name)
    said = value
    if question in DATE_QUESTIONS and value != UNKNOWN:
        value = text.strip()[:_LONGEST_VALUE]
        if not value:
            raise InvalidRequest(str(words()["problems"]["no_words"]))
        said = value
    elif question in DATE_QUESTIONS or value in set(Answer):
        said = answer_label(question, value, today)
    else:
        raise wrong
    payload = "/answer" + json.dumps({"question": name, "value": value}, ensure_ascii=False)
    return Choice(f"{question_label(name)}：{said}", value, payload)

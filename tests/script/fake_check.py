"""A dialogue server that leads the check by the product's own rules, in the staff's words."""

from datetime import date
from typing import Any

from actions.domain.calendar import BusinessCalendar
from actions.domain.claims import (
    DATE_QUESTIONS,
    Claims,
    Question,
    advise_from_claims,
    asked_anew,
    next_question,
    step_back,
)
from actions.domain.heard import with_choice
from actions.handlers.reading import plain_claims
from tests.app.fakes import button, reply

Body = dict[str, Any]
TODAY = date(2026, 6, 10)


class FakeCheck:
    """Claims by conversation; `answer` is what `FakeDialogue.answer` takes."""

    def __init__(self) -> None:
        self.claims: dict[str, Claims] = {}

    def answer(self, body: Body) -> list[Body]:
        """One turn."""
        known = self.claims.get(body["conversation"])
        match body.get("intent"):
            case "procedure_check":
                return self._go_on(body, Claims())
            case "answer" if body["entities"]["question"] in set(Question):
                before, entities = known or Claims(), body["entities"]
                question = Question(entities["question"])
                after = with_choice(before, question, entities["value"], TODAY)
                return self._go_on(body, asked_anew(before, after))
            case "go_back":
                return self._go_on(body, step_back(known or Claims()))
            case "status_lookup":
                return [
                    reply(
                        "6月10日9時現在、あと1つ残っています。",
                        "status_lookup",
                        outcome="click_url",
                    )
                ]
            case None if known is not None and "来ました" in body["text"]:
                asked = next_question(known)
                assert asked is not None
                return self._go_on(body, with_choice(known, asked, "yes", TODAY))
            case intent:
                told = [reply(f"{intent or body['text']}のご案内です。", intent or "clarify")]
                open_ = next_question(known) if known is not None else None
                return told + ([_ask(open_)] if open_ else [])

    def _go_on(self, body: Body, after: Claims) -> list[Body]:
        self.claims[body["conversation"]] = after
        answers = {"facts": {"answers": plain_claims(after)}}
        question = next_question(after)
        if question is not None:
            return [answers, _ask(question)]
        advice = advise_from_claims(after, TODAY, BusinessCalendar())
        said = reply(
            f"結果は{advice.outcome}です。", "procedure_check", outcome=advice.outcome.value
        )
        return [answers, said | {"facts": advice.facts()}]


def _ask(question: Question) -> Body:
    values = ("unknown",) if question in DATE_QUESTIONS else ("yes", "no", "unsure")
    buttons = [
        button(f"{question}-{v}", f'/answer{{"question":"{question}","value":"{v}"}}')
        for v in values
    ]
    custom = {"question": question.value}
    return reply(f"{question}はいかがですか。", "procedure_check", custom=custom, buttons=buttons)

"""The tree in Japanese: questions, answers and results in the words that members read."""

import re
from collections.abc import Mapping

from actions.domain.claims import DATE_QUESTIONS, UNKNOWN
from actions.domain.procedure import Outcome
from bot import payloads
from bot.documents.tree_registry import Condition
from bot.documents.wordings import WEB, Wording, with_variables
from bot.documents.words import outcome_name, words

_SENTENCE = re.compile(r"[^。]*。」?")
_ASK = "utter_ask_procedure_form_"
_SINCE = ("since_accepted", "since_applied")
_MOST_VALUES = 3
_SENTENCES = 2


class TreeWords:
    """Reads the wordings by key; a missing one raises KeyError."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self._wordings = wordings

    def question(self, name: str) -> tuple[str, str]:
        """The question's first line, and its line with the mail's subject ("" without)."""
        lines = self._text(_ASK + name).splitlines()
        subject = next((line for line in lines[1:] if line.startswith("件名")), "")
        return lines[0], subject

    def answers(self, question: str, values: tuple[str, ...]) -> list[str]:
        """The button labels of the answers that lead the same way; days for dates."""
        if question in DATE_QUESTIONS:
            return [self.days(value) for value in values]
        labels = {}
        for button in self._wordings[_ASK + question].buttons:
            parsed = payloads.parse(button.payload.replace("{{", "{").replace("}}", "}"))
            labels[parsed["entities"].get("value")] = button.label
        return [labels[value] for value in values]

    @staticmethod
    def days(value: str, since: str = "") -> str:
        """`5-` as 5営業日以上; 日付が分からない for an unknown date."""
        said = words()["tree"]["elapsed"]
        if value == UNKNOWN:
            return str(said["unknown"])
        low, _, high = value.partition("-")
        if not high:
            return since + str(said["from"]).format(n=low)
        if low == "0":
            return since + str(said["below"]).format(n=int(high) + 1)
        return since + str(said["between"]).format(low=low, high=high)

    def condition(self, condition: Condition) -> str:
        """A fact of the registry and its values."""
        if condition.fact in _SINCE:
            since = str(words()["tree"]["elapsed"][condition.fact])
            return " ／ ".join(self.days(value, since) for value in condition.values)
        fact = words()["tree"]["facts"][condition.fact]
        values = "・".join(fact[value] for value in condition.values)
        if condition.rest and len(condition.values) > _MOST_VALUES:
            values = words()["tree"]["rest"]
        return f"{fact['title']}：{values}"

    def said(self, family: str, outcome: Outcome) -> str:
        """How the answer begins, without the time that every state names."""
        first = self._wordings[f"utter_{family}_{outcome}"].bubbles(
            self._text(f"utter_{family}_{outcome}").replace("{as_of}現在、", "")
        )[0]
        shown = {name: f"〔{row['shown']}〕" for name, row in words()["variables"].items()}
        return "".join(_SENTENCE.findall(with_variables(first, shown))[:_SENTENCES])

    @staticmethod
    def outcome(outcome: Outcome) -> str:
        """Its short name."""
        return outcome_name(outcome)

    def _text(self, key: str) -> str:
        return self._wordings[key].texts[WEB][0]

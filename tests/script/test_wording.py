"""What a clerk reads aloud: everything has a variant for the telephone, short enough to be said."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.domain.claims import Question
from actions.domain.procedure import Outcome
from actions.domain.small_questions import SmallQuestion
from bot.documents.wordings import Wording, all_wordings, by_key
from bot.script.words import letters, listen, palette, words
from bot.settings import PROJECT_ROOT

LONGEST_BREATH = 80  # characters: about fifteen seconds
MOST_BREATHS = 5
# Proving oneself by a mailed code is no matter of the telephone, nor is waiting for a person.
NOT_ON_THE_TELEPHONE = (
    "utter_ask_mail_",
    "utter_mail_code_",
    "utter_mail_number_",
    "utter_person_",
    "utter_answer_by_",
    "utter_ask_contact_",
    "utter_contact_",
    "utter_noted_",
)
ELSEWHERE = {
    "utter_clarify_noted",
    "utter_message_left",
    "utter_mail_too_many",
    "utter_mail_proven",
    "utter_ask_which_number",
    "utter_only_one_number",
}
WORDINGS = by_key(all_wordings(PROJECT_ROOT))
SAID = {
    key: wording.texts["staff"][0]
    for key, wording in WORDINGS.items()
    if key.startswith("utter_") and "staff" in wording.texts
}


def on_telephone(key: str) -> bool:
    if key.endswith(("_lead", "_unlinked")):  # the latter are LINE's
        return False
    return key not in ELSEWHERE and not key.startswith(NOT_ON_THE_TELEPHONE)


@pytest.mark.parametrize("question", list(Question))
def test_each_question_of_the_check_is_asked_on_the_telephone(question: Question) -> None:
    assert f"utter_ask_procedure_form_{question}" in SAID
    assert listen(question), "nothing says what to listen for"
    assert words()["questions"][question]


@pytest.mark.parametrize("question", [SmallQuestion.which_login, SmallQuestion.how_to_check])
def test_each_other_question_too(question: SmallQuestion) -> None:
    assert f"utter_ask_{question}" in SAID
    assert listen(question)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_is_told_on_the_telephone(outcome: Outcome) -> None:
    told = [
        key
        for key in WORDINGS
        if key.startswith((f"utter_claims_{outcome}", f"utter_registry_{outcome}"))
    ]
    assert told
    assert not [key for key in told if key not in SAID]
    assert listen(outcome)
    assert letters()[outcome], "no text for the end of the call"


def test_everything_that_can_be_said_to_a_caller_has_its_variant() -> None:
    wanted = {key for key in WORDINGS if key.startswith("utter_") and on_telephone(key)}
    assert wanted - set(SAID) == set()


@pytest.mark.parametrize("key", sorted(SAID))
def test_it_can_be_read_aloud(key: str) -> None:
    wording = WORDINGS[key]
    breaths = wording.bubbles(SAID[key])
    assert 1 <= len(breaths) <= MOST_BREATHS
    for breath in breaths:
        assert len(breath) <= LONGEST_BREATH, breath
        assert "\n" not in breath, "a list is not read aloud"
        assert breath.endswith(("。", "か。")), breath
        assert "お書きください" not in breath and "ボタンを押" not in breath.replace("のボタン", "")


@pytest.mark.parametrize("key", sorted(SAID))
def test_its_buttons_are_the_callers_answers(key: str) -> None:
    variant = _staff_variant(WORDINGS[key])
    payloads = [button["payload"] for button in variant.get("buttons", [])]
    assert "/go_back" not in payloads, "the page has a key for that"
    assert len(payloads) <= 9, "there are nine number keys"
    titles = [button["title"] for button in variant.get("buttons", [])]
    assert "担当者に聞く" not in titles, "the clerk is the person"
    web = WORDINGS[key].custom
    for kept in ("topic", "question"):
        assert variant.get("custom", {}).get(kept) == web.get(kept)


def test_every_jump_leads_somewhere() -> None:
    domain = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}
    topics = [jump.topic for jump in palette()]
    assert set(topics) <= intents
    assert len(set(topics)) == len(topics)
    assert all(jump.label and jump.found_by for jump in palette())


def _staff_variant(wording: Wording) -> dict[str, Any]:
    loaded = yaml.safe_load(Path(PROJECT_ROOT / wording.file).read_text(encoding="utf-8"))
    variants: list[dict[str, Any]] = loaded["responses"][wording.key]
    return next(variant for variant in variants if variant.get("channel") == "staff")

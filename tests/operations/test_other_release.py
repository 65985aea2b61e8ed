"""A new release under running conversations: they go on, or begin anew with a sentence.

Conversations are led by a product with another model (another wording). Then it stops, and their
memory and buttons are given names that only the release before had: a question, a form, a topic,
an action, an answer. The product of this release goes on with them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.product.former import FORMER_WORDS, write_former_model
from tests.product.member import Member
from tests.product.running import Product, new_product

pytestmark = pytest.mark.rasa
NOW = "2026-06-10T12:00:00+09:00"


@dataclass(frozen=True)
class Case:
    """How the former release differs: text in the memory and in the buttons, new to old.

    `asks` and `says`: the question and some words of the reply to the first message, a no.
    """

    opened_by: tuple[str, ...] = ("procedure_check", "no")  # acceptance_mail is asked then
    memory: tuple[tuple[str, str], ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    asks: str | None = None
    says: str = ""


IN_SMALL_QUESTION = ("procedure_check", "yes")
CASES = {
    "nothing": Case(asks="first_mail"),
    "the open question": Case(
        memory=(('"acceptance_mail"', '"former_question"'),),
        buttons=(('"acceptance_mail"', '"former_question"'),),
        asks="acceptance_mail",
        says="確認の内容が新しくなりました",
    ),
    "the open form": Case(memory=(("procedure_form", "former_form"),), says="いちばん近いもの"),
    "an answer given before": Case(
        memory=(('"no"', '"former_answer"'),),
        buttons=(('"no"', '"former_answer"'),),
        asks="opening_mail",
    ),
    "topics": Case(
        memory=(("procedure_check", "former_topic"), ('"answer"', '"former_answer"')),
        buttons=(("/answer", "/former_answer"),),
        asks="first_mail",
    ),
    "actions": Case(
        memory=(
            ("action_open_check", "action_former"),
            ("utter_check_reason", "utter_former"),
        ),
        asks="first_mail",
    ),
    "slots": Case(memory=(('"misses"', '"former_slot"'),), asks="first_mail"),
    "a question outside the check": Case(
        IN_SMALL_QUESTION,
        memory=(("login_result", "former_question"),),
        buttons=(("login_result", "former_question"),),
        says="いちばん近いもの",
    ),
    "the form of such questions": Case(
        IN_SMALL_QUESTION,
        memory=(("small_question_form", "former_form"),),
        says="いちばん近いもの",
    ),
}


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Member]]:
    """One in mid-conversation for each case; the release has changed under them."""
    product = new_product(tmp_path_factory.mktemp("release") / "var")
    [model] = (product.var / "models").iterdir()
    present = model.resolve()
    model.unlink()
    write_former_model(present, model)
    members = {}
    try:
        product.start()
        for name, case in CASES.items():
            members[name] = Member(product.base_url)
            members[name].start(now=NOW)
            for value in case.opened_by:
                members[name].press(value)
        with Member(product.base_url) as guest:
            guest.start(now=NOW)
            guest.say("会員登録番号はどこに書いてありますか")
            assert guest.text == FORMER_WORDS, "it is not the former model that answers"
        product.stop()
        model.unlink()
        model.symlink_to(present)
        for name, case in CASES.items():
            _rename(product, members[name].id, case)
        product.start(port=_port(product))
        yield members
        product.stop()
    finally:
        product.end()
        for member in members.values():
            member.__exit__()


def _port(product: Product) -> int:
    return int(product.base_url.rpartition(":")[2])


def _rename(product: Product, conversation: str, case: Case) -> None:
    tables = {
        "dialogue.db": ("dialogue_memory", "data", "sender_id LIKE ? || '%'", case.memory),
        "navi.db": ("choice", "payload", "conversation_id = ?", case.buttons),
    }
    for file, (table, column, where, names) in tables.items():
        with closing(sqlite3.connect(product.var / file)) as database:
            for new, old in names:
                done = database.execute(
                    f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
                    f" WHERE {where} AND instr({column}, ?)",
                    (new, old, conversation, new),
                )
                assert done.rowcount, f"{table} holds no {new}: the case would try nothing"
            database.commit()


def _is_answered(member: Member) -> None:
    """By the bot: neither apology nor silence."""
    assert member.replies
    assert {reply["author"] for reply in member.replies} == {"bot"}, member.text


@pytest.mark.parametrize("name", CASES)
def test_the_conversation_goes_on(members: dict[str, Member], name: str) -> None:
    """Old buttons, an answer, another topic, the check: all answered, and it comes to an end."""
    member = members[name]
    old = list(member.offered)
    member.say("いいえ")
    _is_answered(member)
    assert member.question == CASES[name].asks
    assert CASES[name].says in member.text
    member.say("会員登録番号はどこに書いてありますか")
    _is_answered(member)
    assert member.topic == "registration_number"
    assert FORMER_WORDS not in member.text
    for choice in old:
        member.press_id(choice)
        _is_answered(member)
    member.say("最初からお願いします")
    _is_answered(member)
    member.say("申し込んだのにログインできません")
    _is_answered(member)
    for _ in range(6):
        if member.outcome:
            break
        assert member.question, member.text
        member.press("yes" if member.question == "opening_mail" else "unknown")
        _is_answered(member)
    assert member.outcome == "login_ready"

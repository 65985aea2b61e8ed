"""A guest's telephone number or mail address: with the request, nowhere else."""

import re
import unicodedata

import pytest
from sqlalchemy import select, text

from bot.dialogue import TurnRequest
from bot.handover.contacts import found_mail, found_phone, masked_but_contacts
from tests.handover.world import AYA, Json, World


@pytest.mark.parametrize(
    ("said", "number", "kept"),
    [
        ("03-1234-5678", "0312345678", "〔電話番号〕"),
        ("０９０－１２３４－５６７８です", "09012345678", "〔電話番号〕です"),
        ("(03) 1234 5678 へ", "0312345678", "〔電話番号〕 へ"),
        ("+81 90 1234 5678", "09012345678", "〔電話番号〕"),
        ("090ー1234ー5678", "09012345678", "〔電話番号〕"),
        ("0120123456", "0120123456", "〔電話番号〕"),
        ("090-1234-567", None, "〔電話番号〕"),
        ("03-1234-56789", None, "〔電話番号〕"),
        ("1234567890", None, "〔電話番号〕"),
    ],
)
def test_telephone_numbers(said: str, number: str | None, kept: str) -> None:
    assert found_phone(said) == (number, kept)


@pytest.mark.parametrize("said", ["3月20日に申し込みました", "メールでお願いします", "20日と21日"])
def test_what_is_no_telephone_number(said: str) -> None:
    assert found_phone(said) is None


def test_mail_addresses() -> None:
    assert found_mail("taro@example.jp です") == (
        "taro@example.jp",
        "〔ご連絡先のメールアドレス〕 です",
    )
    assert found_mail("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ") == (
        "taro@example.jp",
        "〔ご連絡先のメールアドレス〕",
    )
    assert found_mail("taro@です") == (None, "taro@です")
    assert found_mail("メールはありません") is None


def _wants(by: str) -> Json:
    return {"text": "承ります。", "topic": "handoff", "desk": {"answer_by": by, "awaiting": by}}


async def test_a_contact_is_kept_with_the_request_only(world: World) -> None:
    def script(request: TurnRequest) -> list[Json]:
        if request.payload and "identity_step" in request.payload:
            return [{"text": f"段階：{request.payload}", "topic": "handoff"}]
        return [{**_wants("phone"), "facts": {"handover": True}}]

    world.dialogue.script = script
    talk = await world.member()
    await world.says(talk, "担当者に電話をもらいたい")
    odd = await world.says(talk, "090-1234-567です")
    assert "phone_odd" in odd.replies[0].draft.text
    taken = await world.says(talk, "090-1234-5678です")
    assert "phone_taken" in taken.replies[0].draft.text
    assert taken.accepted.draft.text == "〔電話番号〕です"
    assert world.request(talk).contact == "09012345678"
    summary = (await world.desk.talk(talk.id)).summary
    assert (summary.contact, summary.answer_by) == ("09012345678", "電話で返事")
    for request in world.dialogue.heard:
        assert "5678" not in request.text + (request.payload or "")
    nowhere_stored(world, "12345678")


async def test_a_number_that_nobody_asked_for_reaches_the_person(world: World) -> None:
    talk = await world.member()
    early = await world.says(talk, "090-1234-5678です")
    assert early.accepted.draft.text == "〔番号〕です", "nobody is wanted yet"
    await world.says(talk, "担当者をお願いします")
    told = await world.says(talk, "カードは4111 1111 1111 1111、電話は０３－１２３４－５６７８です")
    assert told.accepted.draft.text == "カードは〔番号〕、電話は〔電話番号〕です"
    assert told.replies[-1].draft.text.startswith("お答え："), "the bot goes on as ever"
    await world.desk.take(talk.id, AYA)
    assert (await world.desk.talk(talk.id)).summary.contact == "0312345678"
    await world.says(talk, "やはり090-1234-5678へお願いします")
    assert world.said(talk)[-1] == ("member", "やはり〔電話番号〕へお願いします")
    assert (await world.desk.talk(talk.id)).summary.contact == "09012345678"
    nowhere_stored(world, "12345678")


def nowhere_stored(world: World, digits: str) -> None:
    """No column keeps the digits, however they are set apart.

    Each value is looked at by itself and for all its digits: a random id or the microseconds of a
    time may well hold four of them in a row.
    """
    with world.sessions() as session:
        for table in ("message", "turn", "desk_event"):
            for row in session.execute(select(text("*")).select_from(text(table))):
                for value in row:
                    plain = unicodedata.normalize("NFKC", str(value))
                    assert digits not in re.sub(r"[\s()ー‐−-]", "", plain), table


def test_what_waits_on_line_keeps_contacts_only() -> None:
    said = "PWはabc12345、０９０－１２３４－５６７８、taro@example.jp、4111 1111 1111 1111"
    kept = "PWは〔パスワード〕、090-1234-5678、taro@example.jp、〔番号〕"
    assert masked_but_contacts(said) == kept


async def test_another_number_for_a_person_is_read_by_the_person(world: World) -> None:
    world.dialogue.script = lambda _: [{**_wants("phone"), "facts": {"handover": True}}]
    talk = await world.member()
    await world.says(talk, "電話をください")
    await world.desk.take(talk.id, AYA)
    await world.says(talk, "登録番号は123456です")
    assert world.said(talk)[-1] == ("member", "登録番号は123456です")
    await world.says(talk, "電話は03-1234-5678です")
    assert world.said(talk)[-1] == ("member", "電話は〔電話番号〕です")
    assert world.request(talk).contact == "0312345678"


async def test_another_number_later_is_not_taken_for_it(world: World) -> None:
    world.dialogue.script = lambda _: [{**_wants("phone"), "facts": {"handover": True}}]
    talk = await world.member()
    await world.says(talk, "電話をください")
    world.dialogue.script = None
    await world.says(talk, "03-1234-5678")
    await world.says(talk, "登録番号は123456です")
    assert world.dialogue.heard[-1].payload is None
    await world.says(talk, "やはり 03-9999-9999 へ")
    assert world.request(talk).contact == "0399999999"
    await world.desk.close(talk.id, AYA)
    await world.says(talk, "03-1234-5678")
    assert world.dialogue.heard[-1].text == "〔番号〕", "nobody waits for a number any more"

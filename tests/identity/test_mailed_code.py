"""The mailed code: the threat table of its path."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.database import reading
from bot.identity.mailed_code import TRIES
from bot.store.identity_tables import AuditRow, MailedCodeRow, OutboxRow
from bot.store.tables import ChoiceRow, ConversationRow, MessageRow, TurnRow
from tests.identity.conftest import Office


async def test_code_proves_the_number(office: Office) -> None:
    guest = await office.guest()
    assert await office.says(guest, "100001") == "number_taken"
    code = office.mailed_code()
    assert await office.says(guest, f"{code[:4]} {code[4:]} です") == "code_ok"
    known = await office.pipe.find(guest.id)
    assert known and (known.member_number, known.identity_path) == ("100001", "mail")
    with reading(office.sessions) as session:
        [row] = session.scalars(select(AuditRow))
    assert (row.event, row.number, row.identity_path) == ("identity_proven", "100001", "mail")
    assert row.conversation_id == guest.id


async def test_neither_number_nor_code_is_kept_or_told(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "登録番号は１００００１です")
    code = office.mailed_code()
    await office.says(guest, code)
    told = " ".join(f"{a.text} {a.payload}" for a in office.dialogue.asked)
    with reading(office.sessions) as session:
        for table in (MessageRow.text, TurnRow.input, ChoiceRow.payload):
            told += " ".join(str(value) for value in session.scalars(select(table)))
        told += " ".join(str(v) for v in session.scalars(select(MailedCodeRow.code_digest)))
        told += " ".join(str(v) for v in session.scalars(select(OutboxRow.params)))
    assert "100001" not in told and "１００００１" not in told and code not in told


@pytest.mark.parametrize("number", ["100001", "999999", "300001"])
async def test_known_and_unknown_numbers_look_alike(office: Office, number: str) -> None:
    guest = await office.guest()
    exchange = await office.pipe.post(guest.id, "1", number)
    assert exchange.accepted.draft.text == "〔登録番号〕"
    asked = office.dialogue.asked[-1]
    assert (asked.text, asked.payload) == (
        "〔登録番号〕",
        '/identity_step{"value": "number_taken"}',
    )
    with reading(office.sessions) as session:
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 1
        row = session.scalars(select(OutboxRow)).one()
        assert bool(row.recipient) == (number == "100001")


@pytest.mark.parametrize("number", ["999999", "300001"])
async def test_no_code_fits_where_no_mail_went(office: Office, number: str) -> None:
    """Not even the right one, which nobody was sent."""
    guest = await office.guest()
    await office.says(guest, number)
    assert await office.says(guest, office.mailed_code()) == "code_wrong"
    known = await office.pipe.find(guest.id)
    assert known and known.member_number is None


async def test_fifty_parallel_guesses(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly five are evaluated."""
    guest = await office.guest()
    await office.says(guest, "100001")
    evaluated: list[str] = []
    codes: Any = office.identity.mailed_codes
    fits = codes._codes.fits

    def counted(*args: str) -> bool:
        evaluated.append(args[-1])
        return bool(fits(*args))

    monkeypatch.setattr(codes._codes, "fits", counted)
    right = office.mailed_code()
    guesses = [str((int(right) + 1 + n) % 10**8).zfill(8) for n in range(50)]
    await asyncio.gather(
        *(office.pipe.post(guest.id, f"guess-{n}", guess) for n, guess in enumerate(guesses))
    )
    assert len(evaluated) == TRIES
    steps = [a.payload for a in office.dialogue.asked[1:]]
    assert len([s for s in steps if s and "code_wrong" in s]) == TRIES - 1
    assert len([s for s in steps if s and "code_locked" in s]) == 50 - TRIES + 1
    assert await office.says(guest, right) == "code_locked"


async def test_a_repeated_message_costs_one_try(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    wrong = office.wrong_code()
    for _ in range(10):
        await office.pipe.post(guest.id, "the-same", wrong)
    with reading(office.sessions) as session:
        assert session.scalar(select(MailedCodeRow.tries_left)) == TRIES - 1


async def test_code_is_used_once_and_bound_to_its_conversation(office: Office) -> None:
    first, second = await office.guest(), await office.guest()
    await office.says(first, "100001")
    code = office.mailed_code()
    office.clock.turn(seconds=1)
    await office.says(second, "200001")
    assert await office.says(second, code) == "code_wrong"
    assert await office.says(first, code) == "code_ok"
    office.identity.mailed_codes.begin(first.id)
    with office.sessions.begin() as session:
        session.execute(update(ConversationRow).values(awaiting="code"))
    assert await office.says(first, code) == "code_expired"


async def test_a_newer_code_replaces_the_older(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    old = office.mailed_code()
    office.clock.turn(seconds=5)
    assert office.identity.mailed_codes.resend(guest.id) == "number_taken"
    assert await office.says(guest, old) == "code_wrong"
    assert await office.says(guest, office.mailed_code()) == "code_ok"


@pytest.mark.parametrize("number", ["100001", "999999"])
async def test_three_codes_a_day_for_one_number(
    make_office: Callable[..., Office], number: str
) -> None:
    """Neither a new conversation nor a restart resets it."""
    steps = []
    for _ in range(4):
        office = make_office()
        office.clock.turn(minutes=30)
        steps.append(await office.says(await office.guest(), number))
    assert steps == ["number_taken"] * 3 + ["too_many"]
    office.clock.turn(hours=24, minutes=1)
    assert await office.says(await office.guest(), number) == "number_taken"


async def test_three_codes_a_day_for_one_conversation(office: Office) -> None:
    guest, steps = await office.guest(), []
    for number in ("400001", "400002", "400003", "400004"):
        office.identity.mailed_codes.begin(guest.id)
        steps.append(await office.says(guest, number))
    assert steps == ["number_taken"] * 3 + ["too_many"]


async def test_brakes_of_address_and_of_all(make_office: Callable[..., Office]) -> None:
    office = make_office(codes_per_address=2, codes_per_hour=3)
    steps = [
        await office.says(await office.guest(), f"50000{n}", origin)
        for n, origin in enumerate(["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"])
    ]
    assert steps == ["number_taken", "number_taken", "too_many", "number_taken"]
    assert await office.says(await office.guest(), "500009", "192.0.2.3") == "too_many"
    office.clock.turn(hours=1, seconds=1)
    assert await office.says(await office.guest(), "500009", "192.0.2.3") == "number_taken"


async def test_parallel_requests_share_the_brake(make_office: Callable[..., Office]) -> None:
    office = make_office(codes_per_hour=5)
    guests = [await office.guest() for _ in range(20)]
    await asyncio.gather(*(office.says(g, f"6000{n:02}") for n, g in enumerate(guests)))
    with reading(office.sessions) as session:
        assert session.scalar(select(func.count()).select_from(MailedCodeRow)) == 5


async def test_validity_counts_from_the_mail_and_no_clock_stretches_it(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    code = office.mailed_code()
    office.clock.turn(minutes=40)  # the server was down
    claimed = office.identity.outbox.claim()
    assert claimed is not None
    office.identity.outbox.finish(claimed, "done")
    office.clock.turn(minutes=10, seconds=1)
    assert await office.says(guest, code) == "code_expired"
    office.clock.turn(minutes=-120)  # set back to before it was asked for
    assert await office.says(guest, code) == "code_expired"
    office.clock.turn(minutes=111)
    assert await office.says(guest, code) == "code_ok"


async def test_other_words_go_the_normal_way(office: Office) -> None:
    guest = await office.guest()
    assert await office.says(guest, "メールが届きません") == "メールが届きません"
    assert await office.says(guest, "3月20日に申し込みました") == "3月20日に申し込みました"
    assert await office.says(guest, "12345") == "number_length"
    assert await office.says(guest, "100001") == "number_taken"
    assert await office.says(guest, "請求はいつから見られますか") == "請求はいつから見られますか"
    assert await office.says(guest, "1234567") == "code_length"
    assert await office.says(guest, office.mailed_code()) == "code_ok"


async def test_nothing_is_taken_without_being_asked(make_office: Callable[..., Office]) -> None:
    office = make_office()
    conversation = (await office.pipe.start("web")).conversation
    assert await office.says(conversation, "100001") == "100001"
    office.identity.mailed_codes.begin(conversation.id)
    office.clock.turn(minutes=31)
    assert await office.says(conversation, "12345") == "12345"
    office.clock.turn(hours=24)
    assert await office.says(conversation, "100001") == "100001"


async def test_a_number_that_was_looked_for_is_taken(office: Office) -> None:
    guest = await office.guest()
    office.clock.turn(hours=5)
    assert await office.says(guest, "100001") == "number_taken"


async def test_a_code_is_taken_where_a_number_is_awaited(office: Office) -> None:
    guest = await office.guest()
    assert await office.says(guest, "12345678") == "number_length"
    await office.says(guest, "100001")
    code = office.mailed_code()
    office.identity.mailed_codes.begin(guest.id)  # 「番号を入れ直す」, and then the mail came
    assert await office.says(guest, office.wrong_code()) == "code_wrong"
    assert await office.says(guest, code) == "code_ok"


async def test_a_code_that_is_typed_again_is_no_riddle(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    code = office.mailed_code()
    assert await office.says(guest, code) == "code_ok"
    office.clock.turn(minutes=50)
    assert await office.says(guest, f"{code[:4]} {code[4:]}") == "code_ok"
    with reading(office.sessions) as session:
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 1
    known = await office.pipe.find(guest.id)
    assert known and known.identity_until
    assert known.identity_until < office.clock() + timedelta(minutes=11), "the proof was prolonged"
    wrong = str((int(code) + 1) % 10**8).zfill(8)
    assert await office.says(guest, wrong) == "〔番号〕"
    office.clock.turn(minutes=11)
    assert await office.says(guest, code) == "〔番号〕"


async def test_words_about_the_code_while_it_is_awaited(office: Office) -> None:
    guest = await office.guest()
    assert await office.says(guest, "コードが届きません") == "コードが届きません"
    await office.says(guest, "100001")
    await office.says(guest, "請求はいつから見られますか")
    missing = '/answer{"question": "mail_code", "value": "missing"}'
    assert await office.says(guest, "コードが届かないのですが") == missing
    assert await office.says(guest, office.mailed_code()) == "code_ok"
    assert await office.says(guest, "コードが届きません") == "コードが届きません"


async def test_two_numbers_of_one_mailbox(office: Office) -> None:
    guest = await office.guest()
    assert await office.identity.port.numbers(guest.id) == []
    await office.says(guest, "100001")
    await office.says(guest, office.mailed_code())
    options = await office.identity.port.numbers(f"{guest.id}~0")
    assert [(o.label, o.current) for o in options] == [
        ("個人の登録（末尾01）", True),
        ("法人の登録（末尾02）", False),
    ]
    assert not any(n in o.value for o in options for n in ("100001", "100002"))
    assert await office.identity.port.switch(guest.id, options[1].value)
    known = await office.pipe.find(guest.id)
    assert known and known.member_number == "100002"
    assert await office.identity.port.switch(guest.id, "individual")
    assert not await office.identity.port.switch(guest.id, "200001")
    with reading(office.sessions) as session:
        events = session.scalars(select(AuditRow.event).order_by(AuditRow.id)).all()
    assert events == ["identity_proven", "number_switched", "number_switched"]


async def test_proof_ends(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    await office.says(guest, office.mailed_code())
    office.clock.turn(minutes=office.settings.identity_minutes, seconds=1)
    assert await office.identity.port.numbers(guest.id) == []


async def test_not_offered_without_mail(make_office: Callable[..., Office]) -> None:
    from bot.settings import Environment

    office = make_office(env=Environment.production)
    assert not office.identity.port.offered and office.identity.worker is None
    assert await office.says(await office.guest(), "100001") == "100001"

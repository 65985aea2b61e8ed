"""What time alone brings: given up with a kind word, resolution, nothing of what is still owed."""

from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from bot.demo_registry import load_demo
from bot.handover.words import said
from bot.store.handover_tables import ResolutionRow
from bot.store.staff_tables import StaffRow
from tests.handover.world import AYA, BEN, World, staff_row

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


async def test_a_silent_member_is_let_go_kindly_and_comes_back_to_the_bot(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    await world.answers(talk, AYA, "お待たせしました。")
    world.clock.ahead += 29 * MINUTE
    await world.parts.sweep.once()
    assert world.request(talk).state == "owned"
    world.clock.ahead += 2 * MINUTE
    await world.parts.sweep.once()
    await world.parts.sweep.once()
    assert world.request(talk).state == "given_up"
    assert world.said(talk)[-1] == ("system", said("given_up_owned"))
    assert (await world.says(talk, "戻りました")).replies[0].draft.author == "bot"
    assert [e.kind for e in await world.desk.events(0)][-1] == "closed"


async def test_whose_owner_is_gone_waits_for_anybody(
    world: World, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.add(staff_row(AYA, world.clock()))
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    await world.desk.heartbeat(AYA, None)
    world.clock.ahead += 9 * MINUTE
    assert world.parts.sweep.release_left() == []
    world.clock.ahead += 2 * MINUTE
    await world.desk.heartbeat(AYA, None)
    assert world.parts.sweep.release_left() == [], "she is at her console"
    with sessions.begin() as session:
        session.get_one(StaffRow, AYA.id).disabled_at = world.clock()
    await world.parts.sweep.once()
    await world.parts.sweep.once()
    assert world.request(talk).state == "waiting"
    assert world.said(talk)[-1] == ("system", said("owner_gone"))
    assert (await world.says(talk, "まだいますか")).replies[0].draft.author == "bot"
    await world.desk.take(talk.id, BEN)
    assert world.request(talk).staff_name == BEN.name


async def test_whose_owner_has_answered_is_left_to_them(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "担当者をお願いします")
    await world.desk.take(talk.id, AYA)
    await world.answers(talk, AYA, "お待たせしました。")
    world.clock.ahead += 20 * MINUTE
    assert world.parts.sweep.release_left() == []
    await world.says(talk, "ありがとうございます")
    world.clock.ahead += 11 * MINUTE
    assert world.parts.sweep.release_left() == [talk.id]


async def test_who_waits_is_kept_a_day_and_who_left_word_until_answered(world: World) -> None:
    waits, left = await world.member(), await world.member()
    await world.says(waits, "担当者をお願いします")
    world.dialogue.script = lambda _: [
        {"text": "承りました。", "facts": {"handover": True}, "desk": {"answer_by": "mail"}}
    ]
    await world.says(left, "メールで返事がほしい")
    world.clock.ahead += DAY + MINUTE
    assert world.parts.sweep.close_silent() == [waits.id]
    assert world.said(waits)[-1] == ("system", said("given_up_waiting"))
    assert world.request(left).state == "waiting"


async def test_resolution_looks_at_the_registry_of_later(
    world: World, sessions: sessionmaker[Session]
) -> None:
    from actions.domain.tables import MemberRow

    with sessions.begin() as session:
        load_demo(session, world.clock())
        number = session.query(MemberRow.number).order_by(MemberRow.number).first()[0]  # type: ignore[index]
    known = await world.member(number=number)
    guest = await world.member()
    world.dialogue.script = lambda _: [
        {"text": "まだです。", "topic": "status_lookup", "outcome": "number_unknown"}
    ]
    for talk in (known, guest):
        await world.says(talk, "状況を知りたい")
    assert world.parts.sweep.resolve() == 0, "not within the 7 days"
    world.clock.ahead += 8 * DAY
    assert world.parts.sweep.resolve() == 2
    assert world.parts.sweep.resolve() == 0
    with sessions() as session:
        one = session.get_one(ResolutionRow, known.id)
        other = session.get_one(ResolutionRow, guest.id)
        assert (one.state, one.cause, one.outcome_then) == (
            "resolved",
            "moved_on",
            "number_unknown",
        )
        assert (other.state, other.cause) == ("unknown", "guest")

"""What a person reads first: who, how proven, the registry's state, what was answered so far."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from actions.domain.tables import MemberRow
from bot.demo_registry import load_demo
from bot.errors import ConversationNotFound
from bot.handover.words import said
from bot.store.tables import ConversationRow
from tests.handover.world import AYA, World


@pytest.fixture
def number(world: World, sessions: sessionmaker[Session]) -> str:
    """A demo member whose URL was not pressed."""
    with sessions.begin() as session:
        load_demo(session, world.clock())
        found = session.scalars(select(MemberRow.number).order_by(MemberRow.number)).all()
    for candidate in found:
        record = Registry(sessions).look_up(candidate)
        if record and record.registration.applications and record.phone:
            return candidate
    return str(found[0])


async def test_the_summary_of_a_verified_member(
    world: World, number: str, sessions: sessionmaker[Session]
) -> None:
    talk = await world.member(number=number)
    with sessions.begin() as session:
        session.execute(update(ConversationRow).values(identity_path="site"))
    world.dialogue.script = lambda _: [
        {
            "text": "まだです。",
            "topic": "procedure_check",
            "outcome": "opening_delayed",
            "facts": {"handover": True},
        }
    ]
    await world.says(talk, "使えるようになりません")
    await world.pipe.add_feedback(talk, False, "待ちくたびれました")
    found = await world.desk.talk(talk.id)
    summary = found.summary
    assert (summary.number, summary.proof) == (number, said("proofs.site"))
    assert summary.name
    assert summary.registry_state and "現在" in summary.registry_state
    assert len(summary.progress) == 5
    assert summary.outcome_label == "開設の遅れ"
    assert (summary.reason, summary.reason_label) == ("outcome", said("reasons.outcome"))
    assert [(f.helpful, f.comment) for f in summary.feedback] == [(False, "待ちくたびれました")]
    assert summary.waiting_since is not None
    assert [line.message.draft.author for line in found.lines] == ["member", "bot"]
    assert found.item.member == "••••" + number[-2:]
    [item] = (await world.desk.inbox(AYA)).waiting
    assert (item.outcome_label, item.member_name) == ("開設の遅れ", summary.name)


async def test_a_proof_that_ran_out_shows_no_state(
    world: World, number: str, sessions: sessionmaker[Session]
) -> None:
    talk = await world.member(number=number)
    with sessions.begin() as session:
        over = world.clock() - timedelta(minutes=1)
        session.execute(update(ConversationRow).values(identity_until=over, identity_path="mail"))
    summary = (await world.desk.talk(talk.id)).summary
    assert (summary.number, summary.name, summary.registry_state) == (None, None, None)
    assert summary.proof == said("proofs.over")


async def test_a_registry_that_is_away_is_said(
    world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("x", {}, Exception())

    talk = await world.member(number=number)
    monkeypatch.setattr(Registry, "look_up", away)
    assert (await world.desk.talk(talk.id)).summary.registry_state == said("state.unknown")


async def test_guests_and_unknown_conversations(world: World) -> None:
    talk = await world.member()
    await world.says(talk, "はい")
    found = await world.desk.talk(talk.id)
    assert (found.item.state, found.summary.proof) == ("bot", said("proofs.none"))
    with pytest.raises(ConversationNotFound):
        await world.desk.talk("no-such-conversation")

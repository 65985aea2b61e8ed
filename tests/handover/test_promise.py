"""What a member may be promised: open and present, open and nobody there, closed, telephone."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.staff.members import StaffMember
from tests.handover.world import AYA, BEN, World

TUESDAY = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo
HOLIDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


async def _kind(world: World) -> str:
    return (await world.parts.port.promise("some-conversation~0")).kind


async def test_present_absent_closed(world: World) -> None:
    world.clock.at = TUESDAY
    assert await _kind(world) == "absent"
    await world.desk.heartbeat(AYA)
    assert await _kind(world) == "present"
    await world.desk.heartbeat(AYA, accepting=False)
    assert await _kind(world) == "absent"
    await world.desk.heartbeat(BEN)
    assert await _kind(world) == "present"
    await world.desk.leave(BEN)
    assert await _kind(world) == "absent"
    world.clock.at = HOLIDAY
    await world.desk.heartbeat(BEN, accepting=True)
    promise = await world.parts.port.promise("some-conversation~0")
    assert (promise.kind, promise.opens) == ("closed", "11月24日（火）9時")


async def test_a_console_that_fell_asleep_is_not_present(world: World) -> None:
    world.clock.at = TUESDAY
    await world.desk.heartbeat(AYA)
    world.clock.ahead = timedelta(seconds=44)
    assert await _kind(world) == "present"
    world.clock.ahead = timedelta(seconds=46)
    assert await _kind(world) == "absent"
    # The switch stays where it was, over a sleep.
    await world.desk.heartbeat(AYA, accepting=False)
    world.clock.ahead = timedelta(hours=1)
    assert not (await world.desk.heartbeat(AYA)).accepting


async def test_how_many_wait_before(world: World) -> None:
    world.clock.at = TUESDAY
    await world.desk.heartbeat(AYA)
    first, second = await world.member(), await world.member()
    assert (await world.parts.port.promise(first.dialogue_id)).ahead == 0
    await world.says(first, "担当者をお願いします")
    world.clock.ahead += timedelta(seconds=1)
    promise = await world.parts.port.promise(second.dialogue_id)
    assert (promise.ahead, promise.waiting) == (1, False)
    await world.says(second, "担当者をお願いします")
    promise = await world.parts.port.promise(second.dialogue_id)
    assert (promise.ahead, promise.waiting) == (1, True)
    assert (await world.parts.port.promise(first.dialogue_id)).ahead == 0
    await world.desk.take(first.id, AYA)
    assert (await world.parts.port.promise(second.dialogue_id)).ahead == 0


async def test_a_caller_talks_to_a_person_already(world: World) -> None:
    world.clock.at = TUESDAY
    await world.desk.heartbeat(AYA)
    call = await world.member("staff")
    assert (await world.parts.port.promise(call.dialogue_id)).kind == "telephone"


async def test_the_telephone_where_nobody_uses_the_console(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.at = TUESDAY
    await world.desk.heartbeat(StaffMember(AYA.id, AYA.name, AYA.role))
    monkeypatch.setattr(world.parts.port, "_in_use", lambda: False)
    assert await _kind(world) == "telephone"

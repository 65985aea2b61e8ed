"""Commits and the disk: seen at once, told when durable, flushed together (embedded database)."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.store.grouped import GroupCommit, NotDurable
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.work import Work
from tests.app.grouping import NOW, TALKS, in_one_group, said
from wire.disk import Flushes


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each time that the disk was waited for."""
    seen: list[int] = []
    begun = Flushes.begun

    def noted(disk: Flushes) -> asyncio.Future[None]:
        seen.append(1)
        return begun(disk)

    monkeypatch.setattr(Flushes, "begun", noted)
    return seen


async def test_one_flush_serves_all_who_wait(
    grouped: GroupedSessions, journal: Journal, flushes: list[int]
) -> None:
    group = GroupCommit(grouped)
    calls = [lambda talk=talk: journal.accept(talk, said(1), NOW) for talk in TALKS]
    answers = await in_one_group(group, *calls)
    assert [answer.turn.conversation_id for answer in answers] == TALKS
    assert len(flushes) == 1
    assert all(len(journal.pending(talk)) == 1 for talk in TALKS)


async def test_a_commit_is_seen_before_it_is_durable(
    grouped: GroupedSessions, journal: Journal, flushes: list[int]
) -> None:
    work = Work(grouped)
    await work.put(journal.accept, TALKS[0], said(1), NOW)
    assert len(journal.pending(TALKS[0])) == 1 and flushes == []
    await work.settled()
    assert len(flushes) == 1
    await work.write(journal.accept, TALKS[1], said(1), NOW)
    assert len(flushes) == 2
    await work.close()


async def test_an_answer_is_told_when_the_memory_behind_it_is_durable_too(
    grouped: GroupedSessions, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushing: dict[str, asyncio.Future[None]] = {}

    def begin(disk: Flushes) -> asyncio.Future[None]:
        name = Path(disk._log).name
        flushing[name] = asyncio.get_running_loop().create_future()
        return flushing[name]

    monkeypatch.setattr(Flushes, "begun", begin)
    memory, own = "dialogue.db-wal", f"{Path(str(grouped.engine.url.database)).name}-wal"
    work = Work(grouped, str(tmp_path / "dialogue.db"))
    for talk, (first, last) in zip(TALKS, ((memory, own), (own, memory)), strict=False):
        flushing.clear()
        beside = work.beside()
        assert memory in flushing, "at once: it goes on while the answer is stored"
        write = work.write_with(beside, journal.accept, talk, said(1), NOW)
        writing = asyncio.ensure_future(write)
        await asyncio.sleep(0.01)
        flushing[first].set_result(None)
        await asyncio.sleep(0.01)
        assert not writing.done(), last
        flushing[last].set_result(None)
        await writing
    # Whoever is told what somebody else wrote waits for both as well.
    settled = asyncio.ensure_future(work.settled())
    await asyncio.sleep(0.01)
    flushing[own].set_result(None)
    flushing[memory].set_exception(OSError("the disk is failing"))
    with pytest.raises(NotDurable):
        await settled
    await work.close()


async def test_whatever_breaks_a_flush_the_next_one_is_made(
    grouped: GroupedSessions, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Flushes) -> asyncio.Future[None]:
        raise RuntimeError("can't start new thread")

    work = Work(grouped)
    with monkeypatch.context() as context:
        context.setattr(Flushes, "begun", broken)
        for talk in TALKS[:2]:
            with pytest.raises(NotDurable):
                await asyncio.wait_for(work.write(journal.accept, talk, said(1), NOW), 60)
    await asyncio.wait_for(work.write(journal.accept, TALKS[2], said(1), NOW), 60)
    await asyncio.wait_for(work.close(), 60)
    with pytest.raises(NotDurable):  # nobody waits for a disk that was let go of
        await asyncio.wait_for(work.settled(), 60)


async def test_what_the_disk_refuses_is_told_and_not_tried_again(
    grouped: GroupedSessions, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Flushes) -> asyncio.Future[None]:
        raise OSError("the disk is failing")

    monkeypatch.setattr(Flushes, "begun", broken)
    work, tries = Work(grouped), list[int]()

    def write() -> None:
        tries.append(1)
        journal.accept(TALKS[0], said(1), NOW)

    with pytest.raises(NotDurable):
        await work.write(write)
    assert tries == [1]
    monkeypatch.undo()
    again = await work.write(journal.accept, TALKS[0], said(1), NOW)
    assert again.turn.seq == 2 and len(journal.pending(TALKS[0])) == 1
    await work.close()


async def test_what_is_committed_during_a_flush_waits_for_the_next(
    grouped: GroupedSessions, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, go_on = 0, asyncio.Event()

    async def slow() -> None:
        await go_on.wait()

    def begun(_: Flushes) -> asyncio.Future[None]:
        nonlocal count
        count += 1
        return asyncio.ensure_future(slow())

    monkeypatch.setattr(Flushes, "begun", begun)
    group = GroupCommit(grouped)
    first = asyncio.ensure_future(group.run(lambda: journal.accept(TALKS[0], said(1), NOW)))
    while not count:
        await asyncio.sleep(0)
    calls = [lambda talk=talk: journal.accept(talk, said(1), NOW) for talk in TALKS[1:]]
    rest = asyncio.ensure_future(in_one_group(group, *calls))
    while not journal.pending(TALKS[-1]):
        await asyncio.sleep(0.001)
    assert not first.done() and count == 1, "others are committed while the disk is waited for"
    go_on.set()
    answers = await rest
    assert [answer.turn.conversation_id for answer in answers] == TALKS[1:]
    assert (await first).turn.conversation_id == TALKS[0]
    assert count == 2


async def test_the_log_is_moved_into_the_file_now_and_then(
    grouped: GroupedSessions, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.grouped._CHECKPOINT_EVERY", len(TALKS))
    group, file = GroupCommit(grouped), str(grouped.engine.url.database)
    before = os.path.getsize(file)
    for number in range(1, 9):
        calls = [lambda t=t, n=number: journal.accept(t, said(n), NOW) for t in TALKS]
        await in_one_group(group, *calls)
    await group.close()
    assert os.path.getsize(file) > before

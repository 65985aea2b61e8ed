"""Writes in groups: durable together, each failing alone (embedded database)."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.database import create_engine, reading, session_factory
from bot.errors import MessageConflict
from bot.messages import Draft
from bot.settings import Settings
from bot.store.grouped import GroupCommit, NotDurable
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound
from bot.store.work import Work
from wire.disk import Flushes

NOW = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
TALKS = [f"talk{n}" for n in range(12)]


@pytest.fixture
def grouped(sqlite_settings: Settings) -> Iterator[GroupedSessions]:
    engine: Engine = create_engine(sqlite_settings.resolved_database_url())
    yield GroupedSessions(engine, session_factory(engine))
    engine.dispose()


@pytest.fixture
def journal(grouped: GroupedSessions) -> Journal:
    made = Journal(grouped)
    for talk in TALKS:
        conversation = Conversation(talk, "x" * 64, "web", None, None, None, 0)
        made.begin(conversation, [Draft("bot", "こんにちは")], NOW)
    return made


def said(number: int, body: str = "d") -> Inbound:
    return Inbound(f"00000000-0000-0000-0000-{number:012}", body * 64, "はい")


async def in_one_group(group: GroupCommit, *calls: Any) -> list[Any]:
    """All that come in the same turn of the loop are one group."""
    return list(await asyncio.gather(*map(group.run, calls), return_exceptions=True))


def write_half(grouped: GroupedSessions) -> None:
    with grouped.begin() as session:
        session.execute(text("UPDATE conversation SET channel = 'none'"))
        raise ZeroDivisionError


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


async def test_one_that_fails_takes_nothing_from_the_others(
    grouped: GroupedSessions, journal: Journal
) -> None:
    calls = [
        lambda: journal.accept(TALKS[0], said(1), NOW),
        lambda: write_half(grouped),
        lambda: journal.accept(TALKS[1], said(1), NOW),
    ]
    first, second, third = await in_one_group(GroupCommit(grouped), *calls)
    assert isinstance(second, ZeroDivisionError)
    assert (first.turn.seq, third.turn.seq) == (2, 2)
    assert [len(journal.pending(talk)) for talk in TALKS[:2]] == [1, 1]
    found = journal.find(TALKS[2])
    assert found is not None and found.channel == "web"


async def test_one_alone_that_fails_leaves_nothing(
    grouped: GroupedSessions, journal: Journal
) -> None:
    group = GroupCommit(grouped)
    await group.run(lambda: journal.accept(TALKS[0], said(1), NOW))
    with pytest.raises(MessageConflict):  # it fails, and then reads
        await group.run(lambda: journal.accept(TALKS[0], said(1, "e"), NOW))
    with pytest.raises(ZeroDivisionError):
        await group.run(lambda: write_half(grouped))
    found = journal.find(TALKS[0])
    assert found is not None and found.channel == "web"
    assert (await group.run(lambda: journal.accept(TALKS[1], said(1), NOW))).turn.seq == 2


async def test_the_same_message_twice_in_a_group_is_one_turn(
    grouped: GroupedSessions, journal: Journal
) -> None:
    calls = [lambda: journal.accept(TALKS[0], said(1), NOW)] * 3
    other = [lambda: journal.accept(TALKS[0], said(1, "e"), NOW)]
    *same, conflict = await in_one_group(GroupCommit(grouped), *calls, *other)
    assert len({answer.turn.id for answer in same}) == 1
    assert isinstance(conflict, MessageConflict)
    assert len(journal.pending(TALKS[0])) == 1


@pytest.mark.parametrize("by_session", [True, False])
async def test_a_commit_that_fails_keeps_nothing(
    grouped: GroupedSessions, journal: Journal, by_session: bool
) -> None:
    def refused_at_the_end() -> None:
        journal.accept(TALKS[0], said(1), NOW)
        with grouped.writing() as writer:
            sql = ("PRAGMA defer_foreign_keys = ON", "UPDATE turn SET conversation_id = 'nobody'")
            for statement in sql:
                if by_session:
                    writer.session().execute(text(statement))
                else:
                    writer.connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]

    group = GroupCommit(grouped)
    [answer] = await in_one_group(group, refused_at_the_end)
    assert isinstance(answer, SQLAlchemyError), answer
    assert not journal.pending(TALKS[0])
    assert (await group.run(lambda: journal.accept(TALKS[0], said(1), NOW))).turn.seq == 2


async def test_who_read_after_a_failure_leaves_a_connection_that_writes(
    grouped: GroupedSessions, journal: Journal
) -> None:
    def fails_and_reads() -> int:
        with suppress(ZeroDivisionError):
            write_half(grouped)
        with reading(grouped) as session:
            return len(session.execute(text("SELECT id FROM conversation")).all())

    group = GroupCommit(grouped)
    assert await group.run(fails_and_reads) == len(TALKS)
    found = journal.find(TALKS[0])
    assert found is not None and found.channel == "web"
    assert (await group.run(lambda: journal.accept(TALKS[0], said(1), NOW))).turn.seq == 2


@pytest.mark.parametrize("it_says_so", [True, False])
async def test_a_transaction_that_sqlite_gave_up_was_kept_by_nobody(
    grouped: GroupedSessions, journal: Journal, it_says_so: bool
) -> None:
    def disk_is_full() -> None:
        journal.accept(TALKS[0], said(1), NOW)
        with grouped() as session:
            connection: Any = session.connection().connection.driver_connection
            connection.execute("ROLLBACK")  # what SQLite does by itself for SQLITE_FULL
            if it_says_so:
                raise OperationalError("", (), Exception("database or disk is full"))

    group = GroupCommit(grouped)
    [answer] = await in_one_group(group, disk_is_full)
    assert isinstance(answer, OperationalError)
    assert journal.pending(TALKS[0]) == []
    assert (await group.run(lambda: journal.accept(TALKS[0], said(1), NOW))).turn.seq == 2


async def test_work_tries_a_write_again(grouped: GroupedSessions, journal: Journal) -> None:
    tries: list[int] = []

    def second_time() -> str:
        tries.append(1)
        if len(tries) < 2:
            raise OperationalError("", (), Exception("database is locked"))
        return "done"

    for work in (Work(grouped), Work()):
        tries.clear()
        assert await work.write(second_time) == "done"
        assert len(tries) == 2
        found = await work.read(journal.find, TALKS[0])
        assert found is not None and found.id == TALKS[0]


async def test_whoever_goes_away_stops_nobody(grouped: GroupedSessions, journal: Journal) -> None:
    group = GroupCommit(grouped)
    gone = asyncio.ensure_future(group.run(lambda: journal.accept(TALKS[0], said(1), NOW)))
    stays = asyncio.ensure_future(group.run(lambda: journal.accept(TALKS[1], said(1), NOW)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays).turn.conversation_id == TALKS[1]
    assert len(journal.pending(TALKS[0])) == 1  # committed all the same: it was accepted


async def test_another_writer_is_waited_for_outside_the_loop(
    grouped: GroupedSessions, journal: Journal
) -> None:
    group, moved = GroupCommit(grouped), 0
    other: Any = sqlite3.connect(str(grouped.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(group.run(lambda: journal.accept(TALKS[0], said(1), NOW)))
    while not waiting.done() and moved < 20:
        moved += 1
        await asyncio.sleep(0.01)
    assert moved == 20  # the loop went on, the write did not
    other.execute("COMMIT")
    other.close()
    assert (await waiting).turn.conversation_id == TALKS[0]


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

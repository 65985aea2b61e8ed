"""Writes in groups: each failing alone, one writer at a time (embedded database)."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bot.database import reading
from bot.errors import MessageConflict
from bot.store.grouped import GroupCommit
from bot.store.joined import GroupedSessions
from bot.store.journal import Journal
from bot.store.work import Work
from tests.app.grouping import NOW, TALKS, in_one_group, said


def write_half(grouped: GroupedSessions) -> None:
    with grouped.begin() as session:
        session.execute(text("UPDATE conversation SET channel = 'none'"))
        raise ZeroDivisionError


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

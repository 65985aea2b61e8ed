"""Writes in groups: durable together, each failing alone (embedded database)."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from bot.database import create_engine, session_factory
from bot.errors import MessageConflict
from bot.messages import Draft
from bot.settings import Settings
from bot.store.grouped import GroupCommit, GroupedSessions
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound
from bot.store.work import Work

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


async def test_a_group_is_one_transaction(grouped: GroupedSessions, journal: Journal) -> None:
    commits: list[int] = []
    event.listen(grouped.engine, "commit", lambda _: commits.append(1))
    group = GroupCommit(grouped)
    calls = [lambda talk=talk: journal.accept(talk, said(1), NOW) for talk in TALKS]
    answers = await in_one_group(group, *calls)
    assert [answer.turn.conversation_id for answer in answers] == TALKS
    assert len(commits) == 1
    assert all(len(journal.pending(talk)) == 1 for talk in TALKS)


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


async def test_a_commit_that_fails_fails_all_of_the_group(
    grouped: GroupedSessions, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(grouped.engine.dialect, "do_commit", broken)
    calls = [lambda talk=talk: journal.accept(talk, said(1), NOW) for talk in TALKS[:3]]
    answers = await in_one_group(GroupCommit(grouped), *calls)
    assert [type(answer) for answer in answers] == [OSError] * 3
    monkeypatch.undo()
    assert not any(journal.pending(talk) for talk in TALKS)


async def test_a_transaction_that_sqlite_gave_up_was_kept_by_nobody(
    grouped: GroupedSessions, journal: Journal
) -> None:
    def disk_is_full() -> None:
        with grouped() as session:
            connection: Any = session.connection().connection.driver_connection
            connection.execute("ROLLBACK")  # what SQLite does by itself for SQLITE_FULL
            raise OperationalError("", (), Exception("database or disk is full"))

    first = [lambda: journal.accept(TALKS[0], said(1), NOW), disk_is_full]
    answers = await in_one_group(GroupCommit(grouped), *first)
    assert [type(answer) for answer in answers] == [OperationalError] * 2
    assert journal.pending(TALKS[0]) == []


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


async def test_what_comes_during_a_commit_is_the_next_group(
    grouped: GroupedSessions, journal: Journal
) -> None:
    commits: list[int] = []
    event.listen(grouped.engine, "commit", lambda _: commits.append(1))
    group = GroupCommit(grouped)
    first = asyncio.ensure_future(group.run(lambda: journal.accept(TALKS[0], said(1), NOW)))
    while not commits:
        await asyncio.sleep(0)
    rest = [lambda talk=talk: journal.accept(talk, said(1), NOW) for talk in TALKS[1:]]
    answers = await in_one_group(group, *rest)
    await first
    assert [answer.turn.conversation_id for answer in answers] == TALKS[1:]
    assert len(commits) == 2

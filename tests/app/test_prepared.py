"""Prepared statements give what SQLAlchemy gives, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.database import create_engine
from bot.settings import Settings
from bot.store.prepared import Prepared
from bot.store.tables import ConversationRow, TurnRow

NOW = datetime(2026, 6, 10, 3, 0, 5, 123456, tzinfo=UTC)
TALK, TURN = cast(Table, ConversationRow.__table__), cast(Table, TurnRow.__table__)
ALL = select(TALK).order_by(TALK.c.id)


def talk(name: str, **more: Any) -> dict[str, Any]:
    row = {column.name: None for column in TALK.c}
    return row | {
        "id": name,
        "access_digest": "x" * 64,
        "channel": "web",
        "last_seq": 0,
        "epoch": 0,
        "failures_in_a_row": 0,
        "owner_version": 0,
        "created_at": NOW,
        "last_at": NOW.astimezone(timezone(timedelta(hours=9))),
        **more,
    }


@pytest.fixture
def connection(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(settings.resolved_database_url())
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def filled(connection: Connection) -> Connection:
    adding = Prepared(insert(TALK).values({c.name: bindparam(c.name) for c in TALK.c}))
    adding.run(connection, [talk("a"), talk("b", demo_now=NOW, member_number="000106")])
    return connection


def test_rows_are_the_same(filled: Connection) -> None:
    own = Prepared(ALL).rows(filled, {})
    theirs = filled.execute(ALL).all()
    assert [row._asdict() for row in own] == [row._asdict() for row in theirs]
    assert (own[1].demo_now, own[1].last_at) == (NOW, NOW)


def test_an_update_tells_what_it_changed(filled: Connection) -> None:
    more = Prepared(
        update(TALK)
        .where(TALK.c.id == bindparam("talk"), TALK.c.owner.is_(None))
        .values(last_seq=TALK.c.last_seq + bindparam("count"), channel="line")
        .returning(TALK.c.last_seq, TALK.c.created_at)
    )
    row = more.first(filled, {"talk": "a", "count": 3})
    assert row is not None and (row.last_seq, row.created_at) == (3, NOW)
    assert more.first(filled, {"talk": "nobody", "count": 3}) is None
    assert [row.channel for row in filled.execute(ALL)] == ["line", "web"]


def test_json_goes_there_and_back(filled: Connection) -> None:
    given = {"text": "届きません", "payload": None}
    adding = Prepared(insert(TURN).values({c.name: bindparam(c.name) for c in TURN.c}))
    row = {c.name: None for c in TURN.c} | {
        "id": "t",
        "conversation_id": "a",
        "client_message_id": "m",
        "body_digest": "d",
        "seq": 1,
        "input": given,
        "status": "pending",
        "owner_version": 0,
        "created_at": NOW,
    }
    adding.run(filled, [row])
    found = Prepared(select(TURN.c.input, TURN.c.finished_at)).first(filled, {})
    assert found is not None and (found.input, found.finished_at) == (given, None)
    with pytest.raises(IntegrityError):
        adding.run(filled, [row | {"id": "u"}])


def test_an_error_shows_no_values(sqlite_settings: Settings) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    lost = Table("lost", TALK.metadata.__class__(), TALK.c.id._copy())
    with engine.begin() as connection, pytest.raises(OperationalError) as caught:
        Prepared(select(lost).where(lost.c.id == bindparam("id"))).rows(
            connection, {"id": "090-1234-5678"}
        )
    assert "090" not in str(caught.value)
    engine.dispose()


def test_an_instant_without_a_zone_is_refused(connection: Connection) -> None:
    changing = Prepared(update(TALK).values(last_at=bindparam("now")))
    with pytest.raises(Exception, match="time zone"):
        changing.run(connection, [{"now": NOW.replace(tzinfo=None)}])

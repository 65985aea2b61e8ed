"""What waits is found by its own index, however much lies around it (embedded database)."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.database import create_engine
from bot.settings import Settings
from bot.store import statements
from bot.store.handover_tables import IS_WAITING, OutgoingRow
from bot.store.prepared import Prepared
from bot.store.tables import IS_PENDING, TurnRow

WAITING: dict[str, tuple[Any, str]] = {
    "a message is taken": (statements.SAME_OR_PENDING, "ix_turn_pending"),
    "turns of a conversation": (statements.PENDING_TURNS, "ix_turn_pending"),
    "what a crash left": (select(TurnRow.conversation_id).where(IS_PENDING), "ix_turn_pending"),
    "words for LINE": (select(OutgoingRow.id).where(IS_WAITING), "ix_outgoing_waiting"),
}


@pytest.fixture
def engine(sqlite_settings: Settings) -> Engine:
    return create_engine(sqlite_settings.resolved_database_url())


@pytest.mark.parametrize("what", WAITING)
def test_its_index_is_used(engine: Engine, what: str) -> None:
    asked, index = WAITING[what]
    statement = asked._statement if isinstance(asked, Prepared) else asked
    compiled = statement.compile(dialect=engine.dialect)
    # SQLite would plan a statement with the word as a parameter anew at each execution.
    given = [compiled.params[name] for name in compiled.positiontup or ()]
    assert not {"pending", "waiting"}.intersection(given)
    with engine.connect() as connection:
        explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(given))
        plan = [str(row[3]) for row in explained]
    assert any(index in step for step in plan), plan
    # Nothing is walked through that grows with the conversation or with all of them.
    assert not any(step.startswith("SCAN") and index not in step for step in plan), plan

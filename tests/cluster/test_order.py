"""Two apps commit messages of one conversation at the same moment: only one of them is next."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.database import create_engine, session_factory
from bot.messages import Draft
from bot.settings import Settings
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound

NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)


@pytest.mark.postgres
def test_a_message_that_waited_for_another_apps_is_not_the_next(
    postgres_settings: Settings,
) -> None:
    """Else the later one could be answered first."""
    engine = create_engine(postgres_settings.resolved_database_url())
    journal = Journal(session_factory(engine))
    talk = Conversation("c", "0" * 64, "web", None, None, None, 0)
    journal.begin(talk, [Draft("bot", "はい")], NOW)
    assert journal.accept("c", Inbound("1", "0" * 64, "はい"), NOW).is_next
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE turn SET status = 'done'")
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as other:  # as an app whose message is committed a moment later
            other.exec_driver_sql("UPDATE conversation SET last_seq = last_seq")
            other.exec_driver_sql("UPDATE turn SET status = 'pending'")
            accepting = pool.submit(journal.accept, "c", Inbound("2", "0" * 64, "いいえ"), NOW)
            until = time.monotonic() + 60
            query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not other.exec_driver_sql(query).scalar():
                assert time.monotonic() < until and not accepting.done()
                time.sleep(0.01)
        assert not accepting.result(60).is_next
    engine.dispose()

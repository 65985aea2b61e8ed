"""How Alembic reaches the database: the connection `bot.database` hands in, or a new one."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

# Modules with further tables of the same Base are imported here, so that
# `alembic revision --autogenerate` sees them.
import bot.channels.line.tables
import bot.lookup.tables
import bot.store.case_tables
import bot.store.handover_tables
import bot.store.identity_tables
import bot.store.review_tables
import bot.store.script_tables
import bot.store.staff_tables
import bot.store.tables  # noqa: F401
from actions.domain.tables import Base, UtcDateTime


def _render(kind: str, item: Any, _context: Any) -> str | bool:
    """Write instants as plain columns: revisions must not change when our types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
        # True for SQLite as well: bot.database begins real transactions there.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Migrate over the connection handed in (its transaction is committed here), or a new one."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        connection.commit()
        return
    from bot.database import open_database
    from bot.settings import load_settings

    with open_database(load_settings()).connect() as own:
        _run(own)
        own.commit()


main()

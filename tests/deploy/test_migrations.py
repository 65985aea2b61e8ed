"""A migration runs while the release before it still serves: what that one writes must fit."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.database import _alembic_config, create_engine
from bot.settings import Settings


def _revisions() -> list[str]:
    found = ScriptDirectory.from_config(_alembic_config()).walk_revisions()
    return [script.revision for script in found][::-1]


def _upgrade(engine: Engine, revision: str) -> None:
    config = _alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def _value(column: sa.Column[Any], number: int) -> Any:
    kind = column.type.python_type
    if kind is str:
        most = getattr(column.type, "length", None) or 10
        return f"{number:06d}"[-most:]  # 000001: a registration number too
    values = {
        int: number,
        bool: True,
        float: 1.0,
        date: date(2026, 1, number),
        datetime: datetime(2026, 1, number, tzinfo=UTC),
        bytes: b"x",
    }
    return values.get(kind, {})


def _rows(metadata: sa.MetaData, number: int) -> list[tuple[sa.Table, dict[str, Any]]]:
    """A row for each table, with every column that the release knew; parents first."""
    made: dict[tuple[str, str], Any] = {}
    rows = []
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        row: dict[str, Any] = {}
        for column in table.columns:
            parent = next((key.column for key in column.foreign_keys), None)
            if parent is not None and (parent.table.name, parent.name) in made:
                row[column.name] = made[parent.table.name, parent.name]
            else:
                row[column.name] = _value(column, number)
            made[table.name, column.name] = row[column.name]
        rows.append((table, row))
    return rows


def _reflected(engine: Engine) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    return metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """An engine over a database without tables."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        settings: Settings = request.getfixturevalue("postgres_settings")
        engine = create_engine(settings.resolved_database_url())
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("before", _revisions()[:-1])
def test_what_the_release_before_writes_fits_the_newest_tables(empty: Engine, before: str) -> None:
    _upgrade(empty, before)
    old = _reflected(empty)
    with empty.begin() as connection:
        for table, row in _rows(old, 1):
            connection.execute(table.insert(), row)
    _upgrade(empty, "head")
    with empty.begin() as connection:
        for table, row in _rows(old, 2):
            connection.execute(table.insert(), row)
        for table in old.sorted_tables:
            if table.name != "alembic_version":
                # Running conversations are not disturbed either: their rows are as they were.
                assert len(connection.execute(sa.select(table)).all()) == 2, table.name

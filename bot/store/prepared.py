"""Statements of every turn, run on the embedded database's driver itself.

SQLAlchemy's way from a statement to SQLite's costs several times what SQLite takes for it. Here
the statement is compiled once; each call converts the values by the columns' own types and hands
them to the driver. On a database server, where the way there costs more, SQLAlchemy runs it.
"""

import collections
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import CompoundSelect
from sqlalchemy.types import TypeEngine

from actions.domain.tables import UtcDateTime

_Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]
_NAMED: Any = collections.namedtuple  # mypy wants the fields of one to be known


class Prepared:
    """A statement with named parameters; what it returns has the columns' names."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any] | UpdateBase) -> None:
        """Nothing is compiled before it runs."""
        self._statement = statement
        self._native: _Native | None = None

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """All rows. Raises SQLAlchemy's errors."""
        if connection.dialect.name != "sqlite":
            return list(connection.execute(self._statement, values).all())
        return self._on(connection.dialect).rows(connection, values)

    def first(self, connection: Connection, values: Values) -> Any | None:
        """The first row, None where there is none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, values: Sequence[Values]) -> None:
        """Once for each of the values; gives nothing back."""
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, values)
        else:
            self._on(connection.dialect).run(connection, values)

    def _on(self, dialect: Dialect) -> "_Native":
        if self._native is None:
            self._native = _Native(self._statement, dialect)
        return self._native


class _Native:
    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql, self._dialect = str(compiled), dialect
        names = compiled.positiontup or ()
        # What the statement itself says ("pending") stands in its place already.
        self._fixed: list[Any] = [compiled.params[name] for name in names]
        self._asked = [
            (place, name, _to_driver(compiled.binds[name].type, dialect))
            for place, name in enumerate(names)
        ]
        columns = [*statement.exported_columns]
        found = [_from_driver(column.type, dialect) for column in columns]
        self._converted = [(place, convert) for place, convert in enumerate(found) if convert]
        # A row has its columns' names, as SQLAlchemy's have.
        self._row: Any = _NAMED("Row", [column.key for column in columns])

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        driver: Any = connection.connection.dbapi_connection
        try:
            found = driver.execute(self._sql, self._parameters(values)).fetchall()
        except sqlite3.Error as error:
            raise self._raised(error) from error
        return [self._made(row) for row in found]

    def run(self, connection: Connection, values: Sequence[Values]) -> None:
        driver: Any = connection.connection.dbapi_connection
        try:
            if len(values) == 1:
                driver.execute(self._sql, self._parameters(values[0]))
            else:
                driver.executemany(self._sql, [self._parameters(each) for each in values])
        except sqlite3.Error as error:
            raise self._raised(error) from error

    def _parameters(self, values: Values) -> list[Any]:
        given = self._fixed.copy()
        for place, name, convert in self._asked:
            if name in values:
                value = values[name]
                given[place] = convert(value) if convert else value
            elif convert:
                given[place] = convert(given[place])
        return given

    def _made(self, row: Sequence[Any]) -> Any:
        if not self._converted:
            return self._row._make(row)
        made = list(row)
        for place, convert in self._converted:
            made[place] = convert(made[place])
        return self._row._make(made)

    def _raised(self, error: sqlite3.Error) -> BaseException:
        # Without the parameters: an error's message would carry members' data into the logs.
        return DBAPIError.instance(
            self._sql, None, error, sqlite3.Error, hide_parameters=True, dialect=self._dialect
        )


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return _remembering(convert) if convert and isinstance(kind, UtcDateTime) else convert


def _remembering(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A transaction has one `now`, which goes into row after row."""
    kept: tuple[Any, Any] = (None, None)

    def converted(value: Any) -> Any:
        nonlocal kept
        mine = kept  # another thread may put its own there meanwhile
        if value is None or value is not mine[0]:
            mine = kept = (value, convert(value))
        return mine[1]

    return converted


def _from_driver(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)

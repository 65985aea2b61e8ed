"""Staging: an import is gathered in temporary tables and swapped in at its end.

Temporary tables belong to one connection: filling them takes no writer's place in SQLite,
another process cannot see them, and a killed import leaves nothing behind. The swap is a
handful of set-based statements in one transaction.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from actions.domain.tables import WITHOUT_ROWID, ApplicationRow, ImportRow, MailRow, MemberRow
from actions.domain.tables import UtcDateTime as Instant
from bot.importing.differences import Differences, differences
from bot.importing.records import MemberValues
from bot.lookup.tables import MemberSearchRow
from bot.lookup.words import search_words

CHUNK_MEMBERS = 2_000

_TEMPORARY: dict[str, Any] = {"prefixes": ["TEMPORARY"], **WITHOUT_ROWID}
_metadata = MetaData()
_member = Table(
    "staged_member",
    _metadata,
    Column("number", String(6), primary_key=True),
    Column("kind", String(16)),
    Column("name", String(200), nullable=False),
    Column("kana", String(200), nullable=False),
    Column("email", String(320), nullable=False),
    Column("phone", String(40)),
    Column("web_registered_on", Date),
    **_TEMPORARY,
)
_application = Table(
    "staged_application",
    _metadata,
    Column("number", String(6), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("applied_at", Instant, nullable=False),
    Column("url_clicked_at", Instant),
    Column("opened_at", Instant),
    **_TEMPORARY,
)
_mail = Table(
    "staged_mail",
    _metadata,
    Column("number", String(6), primary_key=True),
    Column("application", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("sent_at", Instant),
    **_TEMPORARY,
)
_search = Table(
    "staged_search",
    _metadata,
    Column("number", String(6), primary_key=True),
    Column("words", Text, nullable=False),
    Column("mailbox", String(320), nullable=False),
    Column("phone", String(40), nullable=False),
    **_TEMPORARY,
)


@dataclass
class Staging:
    """The temporary tables of one import on one connection; close the connection after it."""

    connection: Connection
    members: int = 0
    applications: int = 0
    _waiting: list[MemberValues] = field(default_factory=list)

    def create(self) -> None:
        """Make the tables."""
        with self.connection.begin():
            _metadata.create_all(self.connection, checkfirst=False)

    def add(self, member: MemberValues) -> None:
        """Take a member; written in chunks."""
        self._waiting.append(member)
        if len(self._waiting) >= CHUNK_MEMBERS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        with self.connection.begin():
            self._insert(_member, (_member_row(m) for m in self._waiting))
            self._insert(_search, (_search_row(m) for m in self._waiting))
            self._insert(_application, _application_rows(self._waiting))
            self._insert(_mail, _mail_rows(self._waiting))
        self.members += len(self._waiting)
        self.applications += sum(len(m.applications) for m in self._waiting)
        self._waiting.clear()

    def differences(self) -> Differences:
        """Where the stored state is another one than the staged; in the caller's transaction."""
        return differences(self.connection, _member, _application, _mail)

    def _insert(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        values = list(rows)
        if values:
            self.connection.execute(insert(table), values)


def swap_in(connection: Connection, as_of: datetime) -> None:
    """Put the staged members in place of the stored ones, in the caller's transaction.

    `as_of` is the instant to which the staged state belongs.
    """
    connection.execute(_upsert(connection.dialect.name, as_of))
    ours = select(_member.c.number)
    for old in (MailRow, ApplicationRow, MemberSearchRow):
        connection.execute(delete(old).where(old.number.in_(ours)))
    for staged, row in (
        (_application, ApplicationRow),
        (_mail, MailRow),
        (_search, MemberSearchRow),
    ):
        # In the order of the key, so that the pages are filled one after the other.
        values = select(*staged.c).order_by(*staged.primary_key.columns)
        names = [column.name for column in staged.columns]
        connection.execute(insert(row).from_select(names, values))


def record_import(
    connection: Connection,
    started_at: datetime,
    finished_at: datetime,
    source: str,
    staged: Staging,
) -> None:
    """Note a finished import in the caller's transaction."""
    connection.execute(
        insert(ImportRow).values(
            started_at=started_at,
            finished_at=finished_at,
            as_of=started_at,
            source=source[:1000],
            members=staged.members,
            applications=staged.applications,
        )
    )


def newest_import(connection: Connection) -> int:
    """The id of the import that finished last, 0 before the first."""
    return connection.execute(select(func.coalesce(func.max(ImportRow.id), 0))).scalar_one()


def _upsert(dialect: str, as_of: datetime) -> Insert:
    at = literal(as_of, Instant)
    # An imported member is a real one, whatever stood there before.
    values = select(*_member.c, at, at, at, literal(False)).where(true())
    names = [column.name for column in _member.columns]
    names += ["as_of", "created_at", "updated_at", "demo"]
    replaced = [name for name in names if name not in ("number", "created_at")]
    # Two dialects, one statement: SQLAlchemy has no common ON CONFLICT.
    if dialect == "sqlite":
        lite = sqlite.insert(MemberRow).from_select(names, values)
        return lite.on_conflict_do_update(
            index_elements=["number"], set_={name: lite.excluded[name] for name in replaced}
        )
    pg = postgresql.insert(MemberRow).from_select(names, values)
    return pg.on_conflict_do_update(
        index_elements=["number"], set_={name: pg.excluded[name] for name in replaced}
    )


def _member_row(m: MemberValues) -> dict[str, Any]:
    row = m._asdict()
    del row["applications"]
    return row


def _search_row(m: MemberValues) -> dict[str, Any]:
    return {"number": m.number} | asdict(search_words(m.number, m.name, m.kana, m.email, m.phone))


def _application_rows(members: Iterable[MemberValues]) -> Iterable[dict[str, Any]]:
    for member in members:
        for position, a in enumerate(member.applications):
            yield {
                "number": member.number,
                "position": position,
                "applied_at": a.applied_at,
                "url_clicked_at": a.url_clicked_at,
                "opened_at": a.opened_at,
            }


def _mail_rows(members: Iterable[MemberValues]) -> Iterable[dict[str, Any]]:
    for member in members:
        for place, application in enumerate(member.applications):
            for position, mail in enumerate(application.mails):
                yield {
                    "number": member.number,
                    "application": place,
                    "position": position,
                    **mail._asdict(),
                }

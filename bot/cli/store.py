"""The database as commands need it: not at all, to read, or to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.cli.output import CommandError
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from actions.domain.procedure import Rules
    from actions.domain.registry import Registry


def rules(settings: Settings) -> "Rules":
    """The office's numbers of the procedure."""
    from actions.domain.procedure import Rules

    return Rules(
        days_until_opening=settings.days_until_opening,
        days_until_delayed=settings.days_until_delayed,
        days_until_mail_trouble=settings.days_until_mail_trouble,
    )


@contextmanager
def stored(settings: Settings) -> Iterator["Registry | None"]:
    """The registry where its tables are there, None before the first start.

    A server that does not answer is an error: without its closures an answer may be wrong.
    """
    # Asked first, since importing SQLAlchemy takes longer than all rules together.
    if not settings.database_url and not (settings.var / "navi.db").exists():
        yield None
        return
    from sqlalchemy import inspect

    from actions.domain.registry import Registry
    from bot.database import create_engine, session_factory, sqlite_file

    file = sqlite_file(settings)
    if file is not None and not file.exists():
        yield None
        return
    engine = create_engine(settings.resolved_database_url())
    try:
        there = inspect(engine).has_table("member")
        yield Registry(session_factory(engine)) if there else None
    finally:
        engine.dispose()


@contextmanager
def registry(settings: Settings) -> Iterator["Registry"]:
    """The registry for reading. Raises CommandError where there is none yet."""
    with stored(settings) as found:
        if found is None:
            raise CommandError("there is no registry yet; import one: navi registry import FILE")
        yield found


@contextmanager
def migrated(settings: Settings) -> Iterator["Engine"]:
    """The database for writing, brought to the newest revision."""
    from bot.database import migrate_engine, open_database

    engine = open_database(settings)
    try:
        migrate_engine(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writing(settings: Settings) -> Iterator["Session"]:
    """One transaction that is committed at its end."""
    from bot.database import session_factory

    with migrated(settings) as engine, session_factory(engine).begin() as session:
        yield session

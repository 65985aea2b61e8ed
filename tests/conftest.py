"""Fixtures for every test: settings and a migrated, empty database, SQLite and PostgreSQL."""

import itertools
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from bot.database import create_engine, migrate, session_factory
from bot.settings import Environment, Settings
from tests import postgres, sharing

_TEMPLATE = "navi_template"
_names = itertools.count(1)
# The same everywhere, as hypothesis itself does where it knows a CI: the same examples each time,
# and no example is too slow.
hypothesis.settings.register_profile(
    "navi",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("navi")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> sharing.InGroups:
    """How processes share the tests, where there are several."""
    config.option.loadscopereorder = False
    return sharing.InGroups(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: sharing.place(item.nodeid))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own NAVI_* variables change no test."""
    for name in [name for name in os.environ if name.startswith("NAVI_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A command that sets the logs up does so for its test: that test's output ends with it."""
    yield
    structlog.reset_defaults()


class _StandingTime:
    """The module `time`, whose wall clock stands in the middle of a minute."""

    def __init__(self) -> None:
        self._at = time.time() // 60 * 60 + 30

    def time(self) -> float:
        """Always the same."""
        return self._at

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are counted within one minute: limits count by the minutes of the wall clock."""
    standing = _StandingTime()
    for module in ("limits.aio.storage.memory", "limits.aio.strategies", "bot.channels.limiter"):
        monkeypatch.setattr(f"{module}.time", standing)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the specification that lies beside the project, where it does."""
    folder = Path(__file__).resolve().parents[1] / ".." / "shared"
    if not folder.is_dir():
        pytest.skip("the specification's tables (../shared) are not on this machine")
    return folder.resolve()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """One cluster for the session, with a migrated template database."""
    sentence = postgres.missing()
    if sentence:
        # In CI a PostgreSQL test that does not run would be a hole that nobody sees.
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
    with postgres.Cluster.start() as cluster:
        _execute(cluster, f"CREATE DATABASE {_TEMPLATE}")
        migrate(Settings(database_url=cluster.url(_TEMPLATE)))
        yield cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("sqlite")
    migrate(Settings(var=folder))
    return folder / "navi.db"


@pytest.fixture
def sqlite_settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    """Demo settings over a migrated, empty SQLite file."""
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "navi.db")
    return Settings(env=Environment.demo, var=folder)


@pytest.fixture
def postgres_settings(tmp_path: Path, postgres_cluster: postgres.Cluster) -> Iterator[Settings]:
    """Demo settings over a migrated, empty PostgreSQL database."""
    name = f"navi_{next(_names)}"
    _execute(postgres_cluster, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    var = tmp_path / "var"
    yield Settings(env=Environment.demo, var=var, database_url=postgres_cluster.url(name))
    _execute(postgres_cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Demo settings over a migrated, empty database: each test runs on both kinds."""
    kind = "sqlite_settings" if request.param == "sqlite" else "postgres_settings"
    chosen: Settings = request.getfixturevalue(kind)
    return chosen


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """An engine over `settings`' database."""
    engine = create_engine(settings.resolved_database_url())
    yield engine
    if engine.dialect.name == "postgresql":
        postgres.close(engine.pool)
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions over `settings`' database."""
    return session_factory(engine)


def _execute(cluster: postgres.Cluster, statement: str) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(statement)

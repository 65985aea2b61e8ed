"""A clerk at the running app, over a dialogue that leads the check. One app a database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.settings import Environment, Settings
from tests.app.serving import RunningApp
from tests.script.clerk import Clerk
from tests.script.fake_check import FakeCheck


def _running(settings: Settings) -> RunningApp:
    running = RunningApp(settings)
    running.start()
    running.dialogue.answer = FakeCheck().answer
    return running


@pytest.fixture(scope="module")
def _lite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    var = tmp_path_factory.mktemp("script")
    shutil.copy(sqlite_template, var / "navi.db")
    running = _running(Settings(env=Environment.demo, var=var))
    yield running
    running.stop()


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def _app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    if request.param == "sqlite":
        yield request.getfixturevalue("_lite")
        return
    cluster = request.getfixturevalue("postgres_cluster")
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE navi_script TEMPLATE navi_template")
    var = tmp_path_factory.mktemp("script")
    url = cluster.url("navi_script")
    running = _running(Settings(env=Environment.demo, var=var, database_url=url))
    yield running
    running.stop()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE navi_script WITH (FORCE)")


@pytest.fixture
def clerk(_app: RunningApp) -> Iterator[Clerk]:
    """Signed in, on SQLite and on PostgreSQL."""
    _app.dialogue.how = "answer"
    with Clerk(_app) as clerk:
        yield clerk


@pytest.fixture
def lite(_lite: RunningApp) -> Iterator[Clerk]:
    """The same on SQLite only (where the database takes no part)."""
    _lite.dialogue.how = "answer"
    with Clerk(_lite) as clerk:
        yield clerk

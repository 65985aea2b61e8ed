"""The figures that describe a state, and the files that read them."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import bot.metrics  # noqa: F401 - registers the metrics
from actions.domain.registry import Registry
from bot.dialogue import Dialogue
from bot.messages import Draft
from bot.settings import PROJECT_ROOT
from bot.store.journal import Journal
from bot.store.records import Conversation, Inbound
from bot.watch import Watch

NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)


class Away(Dialogue):
    """A dialogue server that is not there."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "secret", 1)

    async def ready(self) -> bool:
        return False


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_open_turns_are_counted_with_their_age(sessions: sessionmaker[Session]) -> None:
    journal = Journal(sessions)
    journal.begin(
        Conversation("c", "0" * 64, "web", None, None, None, 0), [Draft("bot", "はい")], NOW
    )
    journal.accept("c", Inbound("1", "0" * 64, "まだです"), NOW - timedelta(seconds=30))
    watch = Watch(sessions, Registry(sessions), Away(), lambda: NOW)
    await watch.look()
    assert value("navi_waiting", queue="turns") == 1
    assert value("navi_oldest_waiting_seconds", queue="turns") == 30
    assert value("navi_waiting", queue="mails") == 0
    assert value("navi_waiting", queue="persons") == 0
    assert value("navi_up", part="database") == 1
    assert value("navi_up", part="dialogue") == 0
    assert value("navi_registry_import_as_of_seconds") == 0


async def test_a_database_that_is_away_is_told(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE turn"))
    await Watch(sessions, Registry(sessions), Away(), lambda: NOW).look()
    assert value("navi_up", part="database") == 0


def asked() -> list[tuple[str, str]]:
    """(where, expression) of the dashboard and of the alerts."""
    found: list[tuple[str, str]] = []
    dashboard = json.loads(
        (PROJECT_ROOT / "docs" / "grafana" / "navi.json").read_text(encoding="utf-8")
    )
    for panel in dashboard["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", ())]
    alerts: Any = yaml.safe_load(
        (PROJECT_ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8")
    )
    for group in alerts["groups"]:
        found += [(rule["alert"], rule["expr"]) for rule in group["rules"]]
    return found


@pytest.mark.parametrize(("where", "expression"), asked())
def test_dashboard_and_alerts_ask_for_metrics_that_exist(where: str, expression: str) -> None:
    there = {sample for metric in REGISTRY.collect() for sample in _names(metric)}
    for name in re.findall(r"\b(?:navi|process)_[a-z_]+\b", expression):
        assert name in there, f"{where}: {name}"


def _names(metric: Any) -> set[str]:
    ends = {
        "counter": ("_total", "_created"),
        "histogram": ("_bucket", "_count", "_sum"),
    }.get(metric.type, ("",))
    return {metric.name + end for end in ends}

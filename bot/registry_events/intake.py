"""A report in one transaction: all its events or none, each event once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from bot.errors import NaviError
from bot.importing.values import BadValue
from bot.registry_events.apply import MemberStates
from bot.registry_events.schema import MOST_EVENTS, Event, event_of, shown_id
from bot.registry_events.signature import Signed
from bot.store.identity_tables import RegistryEventRow
from bot.store.tables import UsedTokenRow
from bot.wording import problem_sentence

# How long an id is remembered; a report that comes later would have to be signed anew anyway.
REMEMBERED = timedelta(days=30)
_CHUNK = 400


class ReplayedReport(NaviError, slug="replayed-signature", status=409):
    """The very same signature came before; a repeated report is signed anew."""


class BadEvents(NaviError, slug="bad-events", status=422):
    """Some events cannot be used, so none was; `errors` names each with its reason."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(problem_sentence("events_refused"))
        self.errors = errors


@dataclass(frozen=True)
class Receipt:
    """How many events were new, and how many had been there before."""

    accepted: int
    repeated: int


def read_events(body: Any, now: datetime) -> list[Event]:
    """The events of a parsed body: one object, or {"events": […]}. Raises BadEvents."""
    rows = body["events"] if isinstance(body, dict) and set(body) == {"events"} else [body]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_EVENTS:
        reason = f"a list of 1 to {MOST_EVENTS} events is needed"
        raise BadEvents([{"index": None, "id": None, "reason": reason}])
    events: list[Event] = []
    errors: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        try:
            events.append(event_of(row, now))
        except BadValue as bad:
            errors.append({"index": index, "id": shown_id(row), "reason": str(bad)})
    if errors:
        raise BadEvents(errors)
    return events


class Intake:
    """Writes reports."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def take(self, events: Sequence[Event], signed: Signed, now: datetime) -> Receipt:
        """Apply the events that are new. Raises ReplayedReport, BadEvents."""
        with self._sessions.begin() as session:
            _use(session, signed, now)
            fresh = _remember(session, events, now)
            _refuse_changed(session, events)
            new = [event for event in _once(events) if event.id in fresh]
            MemberStates(session, (event.number for event in new)).apply(new, now)
        return Receipt(len(new), len(events) - len(new))

    def forget(self, before: datetime) -> None:
        """Delete events received before."""
        with self._sessions.begin() as session:
            session.execute(delete(RegistryEventRow).where(RegistryEventRow.received_at < before))


def events_since(session: Session, since: datetime) -> list[Event]:
    """Stored events received since an instant, oldest first."""
    rows = session.scalars(
        select(RegistryEventRow)
        .where(RegistryEventRow.received_at >= since)
        .order_by(RegistryEventRow.received_at)
    )
    return [event_of(row.body, row.received_at) for row in rows]


def _use(session: Session, signed: Signed, now: datetime) -> None:
    session.execute(delete(UsedTokenRow).where(UsedTokenRow.expires_at < now))
    session.add(UsedTokenRow(jti=signed.id, expires_at=signed.expires_at))
    try:
        session.flush()
    except IntegrityError:
        raise ReplayedReport(problem_sentence("signature_used")) from None


def _once(events: Sequence[Event]) -> list[Event]:
    return list({event.id: event for event in events}.values())


def _remember(session: Session, events: Sequence[Event], now: datetime) -> set[str]:
    """Store the events that are not there yet; gives their ids."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [
        {
            "id": event.id,
            "digest": event.digest,
            "body": event.body(),
            "at": event.at,
            "received_at": now,
        }
        # In one order everywhere, so that two reports with the same ids cannot lock up.
        for event in sorted(_once(events), key=lambda event: event.id)
    ]
    fresh: set[str] = set()
    for start in range(0, len(rows), _CHUNK):
        statement = dialect.insert(RegistryEventRow).values(rows[start : start + _CHUNK])
        stored = statement.on_conflict_do_nothing().returning(RegistryEventRow.id)
        fresh |= set(session.scalars(stored))
    return fresh


def _refuse_changed(session: Session, events: Sequence[Event]) -> None:
    """An id that stands for something else than before is a mistake, not a repetition."""
    ids, known = [event.id for event in events], {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found = select(RegistryEventRow.id, RegistryEventRow.digest)
        for row in session.execute(found.where(RegistryEventRow.id.in_(chunk))):
            known[row.id] = row.digest
    errors = [
        {"index": index, "id": event.id, "reason": "this id was used for another event"}
        for index, event in enumerate(events)
        if known.get(event.id) != event.digest
    ]
    if errors:
        raise BadEvents(errors)

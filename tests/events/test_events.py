"""Reported events: idempotent, in any order, all or nothing."""

import itertools
import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.calendar import BusinessCalendar
from actions.domain.procedure import Outcome, advise_from_registry
from actions.domain.registration import MailStatus
from actions.domain.registry import Registry
from bot.importing.importer import import_files
from tests.builders import application, mail, member, write_jsonl
from tests.events.conftest import APPLIED, NOW, Reporter, event

_STORY = [
    event("web_registered", "2026-05-01T09:00:00+09:00", member_kind="individual"),
    event("applied"),
    event("mail_queued", "2026-06-08T10:00:10+09:00"),
    event("mail_delivered", "2026-06-08T10:01:00+09:00"),
    event("url_clicked", "2026-06-09T10:00:00+09:00"),
    event("mail_delivered", "2026-06-09T10:00:30+09:00", mail="acceptance"),
    event("opened", "2026-06-10T10:00:00+09:00"),
    event("mail_queued", "2026-06-10T10:00:10+09:00", mail="opening"),
    event("mail_bounced", "2026-06-10T10:05:00+09:00", mail="opening"),
]


def _state(sessions: sessionmaker[Session], number: str = "100001") -> Any:
    record = Registry(sessions).look_up(number)
    assert record is not None
    told = record.registration
    mails = sorted(
        (mail for a in told.applications for mail in a.mails), key=lambda mail: mail.kind
    )
    [one] = told.applications
    return (
        told.kind,
        told.web_registered_on,
        one.applied_at,
        one.url_clicked_at,
        (
            one.opened_at,
            [(m.kind, m.status, m.sent_at) for m in mails],
            record.as_of,
        ),
    )


async def test_a_story(reporter: Reporter, sessions: sessionmaker[Session]) -> None:
    answer = await reporter.report(*_STORY)
    assert (answer.status_code, answer.json()) == (200, {"accepted": 9, "repeated": 0})
    _, registered, applied, clicked, (opened, mails, as_of) = _state(sessions)
    assert registered == date(2026, 5, 1) and applied == datetime.fromisoformat(APPLIED)
    assert clicked == datetime.fromisoformat("2026-06-09T10:00:00+09:00") and opened is not None
    assert [status for _, status, _ in mails] == [
        MailStatus.delivered,
        MailStatus.delivered,
        MailStatus.bounced,
    ]
    assert as_of == datetime.fromisoformat("2026-06-10T10:05:00+09:00")


async def test_any_order_any_batches_any_repetition(
    reporter: Reporter, sessions: sessionmaker[Session]
) -> None:
    """The same state, however the events came."""
    rng = random.Random(3)
    states = []
    for n in range(12):
        own = [e | {"id": f"{n}-{i}", "number": f"2000{n:02}"} for i, e in enumerate(_STORY)]
        shuffled = own + rng.sample(own, 4) if n else own
        rng.shuffle(shuffled) if n else None
        while shuffled:
            size = rng.randint(1, 4)
            assert (await reporter.report(*shuffled[:size])).status_code == 200
            shuffled = shuffled[size:]
        states.append(_state(sessions, f"2000{n:02}"))
    assert all(state == states[0] for state in states)


async def test_a_click_of_a_minute_ago_is_told(
    reporter: Reporter, engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    night = NOW - timedelta(hours=10)
    import_files(engine, [write_jsonl(tmp_path / "m.jsonl", [member()])], clock=lambda: night)
    registry = Registry(sessions)

    def outcome() -> Outcome:
        record = registry.look_up("100001")
        assert record is not None
        return advise_from_registry(record.registration, NOW, BusinessCalendar()).outcome

    assert outcome() is Outcome.click_url
    minute_ago = (NOW - timedelta(minutes=1)).isoformat()
    assert (await reporter.report(event("url_clicked", minute_ago))).json()["accepted"] == 1
    assert outcome() is Outcome.wait_opening
    record = registry.look_up("100001")
    assert record is not None and record.as_of == NOW - timedelta(minutes=1)


async def test_ids_count_once(reporter: Reporter) -> None:
    one = event()
    assert (await reporter.report(one, one)).json() == {"accepted": 1, "repeated": 1}
    assert (await reporter.report(one)).json() == {"accepted": 0, "repeated": 1}
    changed = await reporter.report(event(), one | {"number": "100002"})
    assert changed.status_code == 422
    assert changed.json()["errors"] == [
        {"index": 1, "id": one["id"], "reason": "this id was used for another event"}
    ]


_BAD: list[tuple[Any, str]] = [
    (event(number="12345"), "6 digits"),
    (event(number=100001), "6 digits"),
    (event(kind="closed"), "kind"),
    (event(at="2026-06-09"), "offset"),
    (event(at="2026-06-11T10:00:00+09:00"), "future"),
    (event(applied_at=None), "applied_at is missing"),
    (event(applied_at="2026-06-09T11:00:00+09:00"), "after"),
    (event("mail_queued", mail="advert"), "mail"),
    (event("mail_queued", mail=None), "mail"),
    (event(mail="opening"), "no key"),
    (event(extra=1), "no key"),
    (event("applied", member_kind="robot"), "member_kind"),
    (event(id=""), "id"),
    (event(id="a b"), "id"),
    (event(id="x" * 65), "id"),
    (event(id=None), "id"),
    ("text", "object"),
    (None, "object"),
    ([], "object"),
]


async def test_all_or_nothing(reporter: Reporter, sessions: sessionmaker[Session]) -> None:
    for bad, reason in _BAD:
        answer = await reporter.report(event("applied"), bad, event())
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith("/bad-events")
        [error] = answer.json()["errors"]
        assert error["index"] == 1 and reason in error["reason"]
        assert Registry(sessions).look_up("100001") is None


async def test_every_bad_event_is_named(reporter: Reporter) -> None:
    answer = await reporter.report(*(bad for bad, _ in _BAD))
    assert [error["index"] for error in answer.json()["errors"]] == list(range(len(_BAD)))


async def test_unreadable_bodies(reporter: Reporter) -> None:
    odd = (b"", b"{", b"\xff", b'{"events": []}', b'{"events": 1}', b"[" * 60_000, b"7")
    for n, body in enumerate(odd):
        stamp = f"{NOW.timestamp():.0f}.{n}"
        answer = await reporter.send(body, reporter.headers(body, stamp=stamp))
        assert answer.status_code == 422 and answer.json()["errors"]


async def test_doubled_key_is_unreadable(reporter: Reporter) -> None:
    body = json.dumps(event()).replace('"number"', '"number": "100002", "number"').encode()
    assert (await reporter.send(body, reporter.headers(body))).status_code == 422


async def test_a_second_mail_of_a_kind_counts(
    reporter: Reporter, engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """An imported mail that bounced, then sent again; a late report of the first changes none."""
    bounced = member(applications=[application(mails=[mail(status="bounced")])])
    import_files(engine, [write_jsonl(tmp_path / "m.jsonl", [bounced])], clock=lambda: NOW)
    again = event("mail_delivered", "2026-06-09T12:00:00+09:00")
    late = event("mail_queued", "2026-06-08T10:00:30+09:00")
    for order in itertools.permutations([again, late]):
        for one in order:
            await reporter.report(one)
    assert [m[1] for m in _state(sessions)[4][1]] == [MailStatus.delivered]


async def test_import_says_what_differed_and_keeps_what_came_meanwhile(
    reporter: Reporter, engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    lines = [member(f"10000{n}") for n in range(1, 5)]
    file = write_jsonl(tmp_path / "m.jsonl", lines)
    before = import_files(engine, [file], clock=lambda: NOW - timedelta(days=1))
    assert (before.differences.new, before.differences.any) == (4, False)
    await reporter.report(event("url_clicked"), event("opened", number="100003"))
    same = import_files(engine, [file], clock=lambda: NOW - timedelta(minutes=5))
    found = same.differences
    assert (found.new, found.web_registration, found.applications, found.mails) == (0, 0, 2, 0)
    assert found.examples == ("••••01", "••••03")
    # What was reported after the import began (the same two, received at NOW) is newer than it.
    assert _state(sessions)[3] is not None
    later = import_files(engine, [file], clock=lambda: NOW + timedelta(minutes=5))
    assert later.differences.applications == 2
    assert _state(sessions)[3] is None

"""Imports: all or nothing, upsert by number, on both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registration import MailKind, MailStatus, MemberKind
from actions.domain.registry import Registry
from actions.domain.tables import ClosureRow, ImportRow, MailRow, MemberRow
from bot.database import create_engine, session_factory
from bot.demo_registry import demo_numbers_stored, load_demo
from bot.importing import importer
from bot.importing.importer import ImportSummary, import_files
from bot.importing.records import ImportFailed
from bot.settings import Settings
from tests.builders import application, mail, member, write_jsonl

AT = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def lines_in(engine: Engine, tmp_path: Path) -> Callable[..., ImportSummary]:
    """Imports the given lines as one file, at a given instant."""

    def run(*lines: Any, at: datetime = AT) -> ImportSummary:
        file = write_jsonl(tmp_path / "members.jsonl", lines)
        return import_files(engine, [file], clock=lambda: at)

    return run


Run = Callable[..., ImportSummary]


def _count(sessions: sessionmaker[Session], table: Any) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_whole_member_comes_in(lines_in: Run, sessions: sessionmaker[Session]) -> None:
    line = {
        "member": {
            "number": "012345",
            "kind": "corporate",
            "name": "見本 一郎",
            "kana": "ミホン イチロウ",
            "email": "x@example.jp",
            "phone": "03-0000-0000",
        },
        "web_registered_on": "2026-05-01",
        "applications": [
            application(),
            application(
                applied_at="2026-06-09T08:30:00.5+09:00",
                url_clicked_at="2026-06-09T00:00:00Z",
                opened_at="2026-06-10T10:00+09:00",
                mails=[mail(), mail("acceptance", "deferred"), mail("opening", "bounced")],
            ),
        ],
    }
    assert lines_in(line).applications == 2
    record = Registry(sessions).look_up("012345")
    assert record is not None
    assert record.as_of == AT
    assert (record.name, record.kana) == ("見本 一郎", "ミホン イチロウ")
    assert (record.email, record.phone) == ("x@example.jp", "03-0000-0000")
    assert not record.demo
    registration = record.registration
    assert registration.kind is MemberKind.corporate
    assert registration.web_registered_on == date(2026, 5, 1)
    first, second = registration.applications
    assert first.applied_at == datetime(2026, 6, 8, 1, 0, tzinfo=UTC)
    assert second.applied_at == datetime(2026, 6, 8, 23, 30, 0, 500000, tzinfo=UTC)
    assert second.url_clicked_at == datetime(2026, 6, 9, 0, 0, tzinfo=UTC)
    assert [(m.kind, m.status) for m in second.mails] == [
        (MailKind.confirmation, MailStatus.delivered),
        (MailKind.acceptance, MailStatus.deferred),
        (MailKind.opening, MailStatus.bounced),
    ]
    assert second.mails[1].sent_at is None


def test_the_tables_of_the_specification_come_in(
    engine: Engine, sessions: sessionmaker[Session], shared: Path
) -> None:
    done = import_files(engine, [shared / "spec" / "tables" / "advice_registry.jsonl"])
    assert done.members == _count(sessions, MemberRow) > 100
    assert done.nobody == 2


def test_numbers_in_every_place(lines_in: Run, sessions: sessionmaker[Session]) -> None:
    lines_in(
        {"asked_number": "000001"},
        {"asked_number": "000002", "member": {"number": "000002"}},
        {"asked_number": "000003", "member": {}, "kind": "individual", "name": "見本"},
        {"asked_number": "000004", "member": None, "id": "R1", "now": "x", "expected_foo": 1},
        "",
    )
    registry = Registry(sessions)
    assert [bool(registry.look_up(f"00000{n}")) for n in range(1, 5)] == [True, True, True, False]
    third = registry.look_up("000003")
    assert third is not None
    assert third.registration.kind is MemberKind.individual


def test_a_second_import_replaces_a_member_wholly(
    lines_in: Run, sessions: sessionmaker[Session]
) -> None:
    lines_in(member("012345", applications=[application(), application()]), member("012346"))
    lines_in(
        member("012345", web_registered_on="2026-05-02", applications=[application(mails=[])]),
        at=AT + timedelta(days=1),
    )
    registry = Registry(sessions)
    changed, kept = registry.look_up("012345"), registry.look_up("012346")
    assert changed is not None
    assert kept is not None
    assert [a.mails for a in changed.registration.applications] == [()]
    assert changed.registration.web_registered_on == date(2026, 5, 2)
    assert changed.as_of == AT + timedelta(days=1)
    assert kept.as_of == AT
    assert len(kept.registration.applications[0].mails) == 1
    with sessions() as session:
        row = session.get_one(MemberRow, "012345")
        assert row.created_at == AT
        assert row.updated_at == AT + timedelta(days=1)
    latest = registry.latest_import()
    assert latest is not None
    assert (latest.members, latest.applications, latest.source) == (1, 1, "members.jsonl")


BAD_LINES = [
    ("{", "is not JSON"),
    ("[1]", "an object is needed"),
    ("nonsense", "is not JSON"),
    ('{"member": {"number": "012345"}, "x": ' + "[" * 100_000, "is not JSON"),
    ({"web_registered_on": None}, "neither member.number nor asked_number"),
    (member("12345"), "leading zeros"),
    (member("0123456"), "6 digits"),
    (member("０１２３４５"), "6 digits"),
    ({"member": {"number": 123456}}, "text of 6 digits"),
    ({"asked_number": "000001", "member": {"number": "000002"}}, "differ"),
    (member(web_registered_on="2026-02-30"), "2026-02-30"),
    (member(web_registered_on="2026/05/01"), "YYYY-MM-DD"),
    (member(web_registered_on="20260501"), "YYYY-MM-DD"),
    (member(web_registered_on="0026-05-01"), "plausible year"),
    (member(web_registered_on=20260501), "YYYY-MM-DD"),
    (member(applications={}), "a list is needed"),
    (member(applications=[{}]), "applications[0].applied_at is missing"),
    (member(applications=[application(applied_at="2026-06-08T10:00:00")]), "offset"),
    (member(applications=[application(applied_at="2026-06-08")]), "offset"),
    (member(applications=[application(applied_at="2026-06-08T25:00:00+09:00")]), "offset"),
    (member(applications=[application(opened_at="")]), "opened_at"),
    (member(applications=[application(mails=[mail("welcome")])]), "mails[0].kind"),
    (member(applications=[application(mails=[mail(status="sent")])]), "mails[0].status"),
    (member(applications=[application(mails=[mail(sent_at=1)])]), "mails[0].sent_at"),
    (member(applications=[application(mail=[])]), "unknown key 'mail'"),
    (member(aplications=[]), "unknown key 'aplications'"),
    (member(member={"number": "000001", "kind": "clinic"}), "individual, corporate"),
    (member(member={"number": "000001", "name": "a\nb"}), "line break"),
    (member(member={"number": "000001", "name": "x\u0000"}), "control character"),
    ('{"member": {"number": "000001", "name": "\\ud800"}}', "control character"),
    (member(member={"number": "000001", "name": "x" * 201}), "200 are allowed"),
    (member(name="x", member={"number": "000001", "name": "y"}), "stands in the line and in"),
    (member(member="000001"), "an object is needed"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=lambda x: str(x)[:40])
def test_a_bad_line_is_named_and_nothing_is_written(
    sqlite_settings: Settings, tmp_path: Path, line: Any, reason: str
) -> None:
    engine = create_engine(sqlite_settings.resolved_database_url())
    file = write_jsonl(tmp_path / "m.jsonl", [member("999991"), line, member("999992")])
    with pytest.raises(ImportFailed) as failed:
        import_files(engine, [file])
    assert _count(session_factory(engine), MemberRow) == 0
    engine.dispose()
    (told,) = failed.value.reasons
    assert told.startswith("m.jsonl, line 2: ")
    assert reason in told


def test_all_or_nothing_over_several_files(
    engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    good = write_jsonl(tmp_path / "good.jsonl", [member("000001")])
    bad = write_jsonl(tmp_path / "bad.jsonl", [member("000002"), member("2")])
    with pytest.raises(ImportFailed, match=r"bad\.jsonl, line 2"):
        import_files(engine, [good, bad])
    assert _count(sessions, MemberRow) == 0
    assert _count(sessions, ImportRow) == 0
    import_files(engine, [good])
    assert _count(sessions, MemberRow) == 1


def test_a_number_twice_is_an_error(lines_in: Run, sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ImportFailed) as failed:
        lines_in(member("000001"), member("000002"), member("000001"))
    assert failed.value.reasons == [
        "members.jsonl, line 3: number 000001 is in members.jsonl, line 1 already"
    ]
    assert _count(sessions, MemberRow) == 0


def test_at_most_twenty_reasons(lines_in: Run) -> None:
    with pytest.raises(ImportFailed) as failed:
        lines_in(*(member(str(n)) for n in range(30)))
    assert len(failed.value.reasons) == 21
    assert failed.value.reasons[-1] == "… and more"
    with pytest.raises(ImportFailed) as failed:
        lines_in(*(member(str(n)) for n in range(20)))
    assert len(failed.value.reasons) == 20


def test_wrong_bytes_are_named(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'{"member": null}\n{"name": "\x8c\xa9"}\n')
    with pytest.raises(ImportFailed, match="line 2: is not UTF-8"):
        import_files(engine, [file])


def test_byte_order_mark_and_windows_lines(
    engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"member": {"number": "000001"}}\r\n\r\n')
    assert import_files(engine, [file]).members == 1


def test_files_that_are_not_there_or_empty(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="no such file"):
        import_files(engine, [tmp_path / "none.jsonl"])
    empty = write_jsonl(tmp_path / "empty.jsonl", [])
    with pytest.raises(ImportFailed, match="no members"):
        import_files(engine, [empty])


def test_more_members_than_a_chunk(lines_in: Run, sessions: sessionmaker[Session]) -> None:
    lines_in(*(member(f"{n:06d}") for n in range(4_321)))
    assert _count(sessions, MemberRow) == _count(sessions, MailRow) == 4_321


def test_progress_ends_at_the_whole(engine: Engine, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "m.jsonl", [member(f"{n:06d}") for n in range(1_200)])
    seen: list[tuple[int, int]] = []
    import_files(engine, [file], progress=lambda done, total: seen.append((done, total)))
    size = file.stat().st_size
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 2
    assert seen[-1] == (size, size)


def test_an_import_takes_a_demo_number_over(lines_in: Run, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        load_demo(session, AT)
    lines_in(member("000111"))
    with sessions.begin() as session:
        load_demo(session, AT)
        assert "000111" not in demo_numbers_stored(session)
    record = Registry(sessions).look_up("000111")
    assert record is not None
    assert record.name == ""


def test_members_write_while_an_import_is_read(
    engine: Engine, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """Staging holds no lock: another writer finishes in the middle of it."""
    file = write_jsonl(tmp_path / "m.jsonl", [member(f"{n:06d}") for n in range(2_500)])
    wrote = threading.Event()

    def write_meanwhile(done: int, total: int) -> None:
        if not wrote.is_set() and 0 < done < total:
            with sessions.begin() as session:
                session.add(ClosureRow(day=date(2026, 8, 13)))
            wrote.set()
            assert _count(sessions, MemberRow) == 0, "nothing of it shows before its end"

    import_files(engine, [file], progress=write_meanwhile)
    assert wrote.is_set()
    assert _count(sessions, MemberRow) == 2_500


def test_two_imports_at_once(engine: Engine, tmp_path: Path) -> None:
    """The one that started earlier may hold older data: it does not overwrite the other."""
    first = write_jsonl(tmp_path / "1.jsonl", [member("000001")])
    second = write_jsonl(tmp_path / "2.jsonl", [member("000001")])
    inner: list[ImportSummary] = []

    def another(done: int, total: int) -> None:
        if done == total and not inner:
            inner.append(import_files(engine, [second]))

    with pytest.raises(ImportFailed, match="another import finished"):
        import_files(engine, [first], progress=another)
    assert inner


def test_a_failure_in_the_swap_leaves_everything_as_it_was(
    lines_in: Run, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines_in(member("000001", web_registered_on="2026-05-01"))

    def broken(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(importer, "record_import", broken)
    with pytest.raises(RuntimeError):
        lines_in(member("000001", web_registered_on=None, applications=[]), member("000002"))
    record = Registry(sessions).look_up("000001")
    assert record is not None
    assert record.registration.web_registered_on == date(2026, 5, 1)
    assert len(record.registration.applications) == 1
    assert Registry(sessions).look_up("000002") is None


def test_nothing_temporary_stays_behind(
    lines_in: Run, engine: Engine, sessions: sessionmaker[Session]
) -> None:
    for _ in range(3):
        lines_in(member("000001"))
    assert _count(sessions, MemberRow) == 1
    assert _count(sessions, ImportRow) == 3

"""CSV sheets as an office exports them (docs/registry.md)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from actions.domain.registration import MailKind, MailStatus, MemberKind, Registration
from actions.domain.registry import Registry, RegistryRecord
from bot.database import create_engine, session_factory
from bot.importing.importer import import_files
from bot.importing.records import ImportFailed
from bot.settings import Settings

MEMBERS = """登録番号,種別,氏名,フリガナ,メールアドレス,電話番号,Web会員登録日,備考
012345,個人,見本 一郎,ミホン イチロウ,x@example.jp,03-0000-0000,2026/5/1,メモ
９１２３４６,法人,医療法人社団 見本会,,,,,
"""
APPLICATIONS = """申込番号,登録番号,申込日時,本登録日時,開設日時
A-1,012345,2026/6/8 9:05,2026/6/8 9:30:15,
A-2,012345,2026-06-09 10:00,,
A-3,912346,2026年6月9日 8:00,,
"""
MAILS = """申込番号,メール種別,状態,送信日時
A-2,医歯協マイページ 利用登録のお申込ありがとうございます【東京医師歯科医師協同組合】,送信待ち,
A-1,申込,送信済み,2026/6/8 9:06
A-1,受付完了,不達,2026/6/8 9:31
"""


@pytest.fixture
def engine(sqlite_settings: Settings) -> Iterator[Engine]:
    """Sheets differ before the database only: SQLite is enough here."""
    engine = create_engine(sqlite_settings.resolved_database_url())
    yield engine
    engine.dispose()


class Office:
    """Writes sheets and imports them."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    def run(self, *sheets: str | bytes) -> None:
        """Import the sheets as one import, as 1.csv, 2.csv, …"""
        files = []
        for n, sheet in enumerate(sheets, 1):
            file = self.folder / f"{n}.csv"
            file.write_bytes(sheet if isinstance(sheet, bytes) else sheet.encode())
            files.append(file)
        import_files(self.engine, files)

    def record(self, number: str) -> RegistryRecord:
        """What came in of a number."""
        record = Registry(session_factory(self.engine)).look_up(number)
        assert record is not None
        return record

    def fails(self, *sheets: str | bytes) -> list[str]:
        """The reasons of an import that writes nothing."""
        with pytest.raises(ImportFailed) as failed:
            self.run(*sheets)
        assert Registry(session_factory(self.engine)).latest_import() is None
        return failed.value.reasons


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """An office with its exports."""
    return Office(engine, tmp_path)


def _is_all_there(registration: Registration) -> None:
    assert registration.kind is MemberKind.individual
    assert registration.web_registered_on == date(2026, 5, 1)
    first, second = registration.applications
    assert first.applied_at == datetime(2026, 6, 8, 0, 5, tzinfo=UTC)
    assert first.url_clicked_at == datetime(2026, 6, 8, 0, 30, 15, tzinfo=UTC)
    assert first.opened_at is None
    assert [(m.kind, m.status) for m in first.mails] == [
        (MailKind.confirmation, MailStatus.delivered),
        (MailKind.acceptance, MailStatus.bounced),
    ]
    assert second.applied_at == datetime(2026, 6, 9, 1, 0, tzinfo=UTC)
    assert [(m.kind, m.status, m.sent_at) for m in second.mails] == [
        (MailKind.confirmation, MailStatus.queued, None)
    ]


def test_three_sheets_in_any_order(office: Office) -> None:
    office.run(MAILS, APPLICATIONS, MEMBERS)
    record = office.record("012345")
    _is_all_there(record.registration)
    assert (record.name, record.kana) == ("見本 一郎", "ミホン イチロウ")
    assert (record.email, record.phone) == ("x@example.jp", "03-0000-0000")
    other = office.record("912346")
    assert other.registration.kind is MemberKind.corporate
    assert other.registration.web_registered_on is None
    assert other.phone is None
    assert len(other.registration.applications) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_encodings_and_line_ends(office: Office, encoding: str) -> None:
    sheets = [s.replace("\n", "\r\n").encode(encoding) for s in (MEMBERS, APPLICATIONS, MAILS)]
    office.run(*sheets)
    _is_all_there(office.record("012345").registration)
    assert office.record("912346").name == "医療法人社団 見本会"


def test_tabs_and_english_headers(office: Office) -> None:
    office.run(
        "number\tkind\tname\tweb_registered_on\n012345\tindividual\tX\t2026-05-01\n",
        "Number\tapplied_at\turl_clicked_at\topened_at\n"
        "012345\t2026-06-08T09:05:00+09:00\t2026-06-08T00:30:15Z\t\n"
        "012345\t2026/6/9 10:00\t\t\n",
        "number\tapplied_at\tkind\tstatus\tsent_at\n"
        "012345\t2026/6/8 9:05\tconfirmation\tdelivered\t2026/6/8 9:06\n"
        "012345\t2026/6/9 10:00\tconfirmation\tqueued\t\n"
        "012345\t2026/6/8 9:05\tacceptance\tbounced\t2026/6/8 9:31\n",
    )
    _is_all_there(office.record("012345").registration)


WIDE_HEADER = (
    "登録番号,種別,氏名,Web会員登録日,申込日時,本登録日時,開設日時,"
    "申込メール状態,申込メール送信日時,受付完了メール状態,受付完了メール送信日時,"
    "開設完了メール状態,開設完了メール送信日時\n"
)
WIDE = (
    WIDE_HEADER
    + "012345,個人,見本,2026/5/1,2026/6/8 9:05,2026/6/8 9:30:15,,送信済,2026/6/8 9:06,"
    + "不達,2026/6/8 9:31,,\n"
    + "000001,,,,,,,,,,,,\n"
    + "012345,個人,見本,2026/5/1,2026/6/9 10:00,,,送信待ち,,,,,\n"
)


def test_one_wide_sheet(office: Office) -> None:
    office.run(WIDE)
    _is_all_there(office.record("012345").registration)
    assert office.record("000001").registration.applications == ()


def test_numbers_that_a_spreadsheet_kept_as_text(office: Office) -> None:
    office.run(WIDE_HEADER + '="012345",' + "," * 11 + "\n'000001," + "," * 11 + "\n")
    assert office.record("012345")
    assert office.record("000001")


def test_the_sheets_belong_together(office: Office) -> None:
    """A members sheet alone would take all applications away."""
    (told,) = office.fails(MEMBERS)
    assert "applications, mails" in told
    (told,) = office.fails(APPLICATIONS, MAILS)
    assert "missing: members" in told


def test_sheets_with_only_their_header_are_well(office: Office) -> None:
    office.run(MEMBERS, APPLICATIONS.splitlines()[0], MAILS.splitlines()[0])
    assert office.record("012345").registration.applications == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("012345,個人", "12345,個人", "1.csv, line 2: 登録番号 (number): '12345'"),
        ("個人", "組合員", "1.csv, line 2: 会員種別 (kind)"),
        ("2026/5/1", "2026/2/30", "1.csv, line 2: web_registered_on: '2026/2/30'"),
        ("2026/5/1", "R8.5.1", "1.csv, line 2: web_registered_on"),
        ("９１２３４６", "012345", "1.csv, line 3: number 012345 is in 1.csv, line 2"),
        (",メモ", ",メモ,余り", "1.csv, line 2: has more cells"),
        ("2026/6/8 9:05", "2026/6/8", "2.csv, line 2: applied_at"),
        ("2026/6/8 9:05", "2026/6/8 25:05", "2.csv, line 2: applied_at"),
        ("2026/6/8 9:05", "", "2.csv, line 2: 申込日時 (applied_at) is missing"),
        ("A-3,912346", "A-3,999999", "2.csv, line 4: number 999999 is in no members sheet"),
        ("A-3,912346", "A-2,912346", "2.csv, line 4: application_id 'A-2' is there already"),
        ("A-1,申込", "A-9,申込", "3.csv, line 3: application_id 'A-9' is in no"),
        ("A-1,申込", ",申込", "3.csv, line 3: 登録番号 (number)"),
        ("A-1,申込", "A-1,お知らせ", "3.csv, line 3: メール種別"),
        ("送信済み", "OK", "3.csv, line 3: 状態 (status): 'OK'"),
        ("申込日時", "申込時刻", "2.csv, line 1: looks like the applications sheet"),
        ("開設日時", "利用開始", "開設日時 (opened_at)"),
        ("備考", "氏名", "1.csv, line 1: has two columns for name"),
        ("メモ", '"メモ', "is not CSV"),
    ],
)
def test_bad_cells_are_named(office: Office, old: str, new: str, reason: str) -> None:
    sheets = [sheet.replace(old, new, 1) for sheet in (MEMBERS, APPLICATIONS, MAILS)]
    assert reason in office.fails(*sheets)[0]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("個人,見本,2026/5/1,2026/6/9", "法人,見本,2026/5/1,2026/6/9", "other things of member"),
        ("000001,,,,,,,,", "000001,,,,,2026/6/8 9:00,,,", "no 申込日時"),
        ("送信待ち,,,,,", "送信待ち,,,2026/6/9 9:00,,", "acceptance_status is missing"),
    ],
)
def test_bad_lines_of_a_wide_sheet(office: Office, old: str, new: str, reason: str) -> None:
    assert reason in office.fails(WIDE.replace(old, new))[0]


def test_two_applications_of_one_minute_need_their_ids(office: Office) -> None:
    applications = "登録番号,申込日時,本登録日時,開設日時\n" + "012345,2026/6/8 9:05,,\n" * 2
    mails = "登録番号,申込日時,メール種別,状態,送信日時\n012345,2026/6/8 9:05,申込,不達,\n"
    (told,) = office.fails(MEMBERS, applications, mails)
    assert "3.csv, line 2: number 012345 has two applications of that time" in told


def test_lines_are_counted_as_an_editor_counts_them(office: Office) -> None:
    members = MEMBERS.replace("メモ", '"二行の\nメモ"') + "123,,,,,,,\n"
    (told,) = office.fails(members, APPLICATIONS, MAILS)
    assert told.startswith("1.csv, line 5: ")


def test_no_sheet_at_all(office: Office) -> None:
    (told,) = office.fails("a,b\n1,2\n")
    assert "no sheet that is known" in told
    (told,) = office.fails(b"\x81\xff\x00\xff\n")
    assert "neither UTF-8 nor Shift_JIS" in told


def test_a_member_of_a_sheet_and_of_json_lines(
    office: Office, engine: Engine, tmp_path: Path
) -> None:
    lines, sheet = tmp_path / "m.jsonl", tmp_path / "w.csv"
    lines.write_text('{"member": {"number": "012345"}}\n')
    sheet.write_text(WIDE, encoding="cp932")
    with pytest.raises(ImportFailed, match=r"w\.csv, line 2: number 012345 is in m\.jsonl, line 1"):
        import_files(engine, [sheet, lines])

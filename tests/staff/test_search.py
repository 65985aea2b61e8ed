"""Finding a caller: every way of writing, on both databases, whoever wrote the registry."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from alembic import command
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.tables import MemberRow
from bot.database import _alembic_config, create_engine
from bot.demo_registry import load_demo
from bot.importing.importer import import_files
from bot.lookup.search import MOST_HITS, MemberSearch
from bot.lookup.tables import MemberSearchRow
from bot.lookup.words import phones, plain_name, plain_phone, search_words, terms
from bot.registry_events.apply import MemberStates
from bot.registry_events.schema import Event, EventKind
from bot.settings import Settings
from tests.builders import member, write_jsonl
from tests.staff.people import Clock

NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)
MEMBERS = [
    ("100001", "山本 健一", "ヤマモト ケンイチ", "kenichi@example.jp", "03-1234-5678"),
    ("100002", "髙橋　惠子", "タカハシ　ケイコ", "keiko@example.jp", "(06) 6123-4567"),
    ("100003", "医療法人社団 山本会", "ヤマモトカイ", "KENICHI@example.jp", None),
    ("300005", "健一郎 太", "ケンイチロウ フトシ", "", None),
    ("200004", "渡邉 潤", "ﾜﾀﾅﾍﾞ ｼﾞﾕﾝ", "jun.w@clinic.example.jp", "+81 90 1111 2222"),
]


@pytest.fixture
def search(engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> MemberSearch:
    """The search over some imported members."""
    lines = [
        member(number, member={"number": number, "name": name, "kana": kana, "email": mail}
               | ({"phone": phone} if phone else {}))
        for number, name, kana, mail, phone in MEMBERS
    ]  # fmt: skip
    import_files(engine, [write_jsonl(tmp_path / "members.jsonl", lines)])
    return MemberSearch(sessions)


def found(search: MemberSearch, query: str) -> list[str]:
    return sorted(hit.number for group in search.find(query).groups for hit in group.found)


QUERIES = [
    ("100001", ["100001"]),
    ("１００００１", ["100001"]),
    ("1000", ["100001", "100002", "100003"]),
    ("山本", ["100001", "100003"]),
    ("山本健一", ["100001"]),
    ("山本 健一", ["100001"]),
    ("健一　山本", ["100001"]),
    ("本健", ["100001"]),
    ("やまもと", ["100001", "100003"]),
    ("ヤマモトケンイチ", ["100001"]),
    ("ﾔﾏﾓﾄ ｹﾝ", ["100001"]),
    ("高橋恵子", ["100002"]),
    ("髙橋惠子", ["100002"]),
    ("渡辺", ["200004"]),
    ("わたなべじゅん", ["200004"]),
    ("KEIKO@EXAMPLE", ["100002"]),
    ("jun.w", ["200004"]),
    ("03-1234-5678", ["100001"]),
    ("０３ー１２３４ー５６７８", ["100001"]),
    ("03 1234", ["100001"]),
    ("5678", ["100001"]),
    ("0661234567", ["100002"]),
    ("+81-3-1234-5678", ["100001"]),
    ("090-1111-2222", ["200004"]),
    ("山本 佐藤", []),
    ("%", []),
    ("__", []),
    ("100001|", ["100001"]),
    ("' OR 1=1 --", []),
]


def test_a_member_is_found_however_it_is_written(search: MemberSearch) -> None:
    wrong = {query: got for query, numbers in QUERIES if (got := found(search, query)) != numbers}
    assert not wrong


def test_too_little_is_not_searched_for(search: MemberSearch) -> None:
    assert all(search.find(query).too_short for query in ("", "  ", "山", "10", "|"))


def test_words_that_begin_with_it_come_first(search: MemberSearch) -> None:
    groups = search.find("健一").groups
    assert [hit.number for group in groups for hit in group.found] == ["300005", "100001"]


def test_numbers_of_one_mailbox_stand_together(search: MemberSearch) -> None:
    [group] = search.find("本健一").groups
    assert [hit.number for hit in group.found] == ["100001"]
    assert [hit.number for hit in group.tied] == ["100003"]
    [both] = search.find("山本").groups
    assert [hit.number for hit in both.found] == ["100001", "100003"]
    assert both.tied == ()
    assert [hit.number for hit in search.tied_to("100003").tied] == ["100001"]
    assert search.tied_to("100002").tied == ()


def test_no_more_than_a_screenful_is_shown(engine: Engine, sessions: sessionmaker[Session],
                                           tmp_path: Path) -> None:  # fmt: skip
    lines = [
        member(f"3{n:05}", member={"number": f"3{n:05}", "name": "同姓 同名"}) for n in range(40)
    ]
    import_files(engine, [write_jsonl(tmp_path / "many.jsonl", lines)])
    result = MemberSearch(sessions).find("同姓")
    assert result.count == MOST_HITS
    assert result.more


def test_an_import_again_changes_the_words(search: MemberSearch, engine: Engine,
                                           tmp_path: Path) -> None:  # fmt: skip
    line = member("100001", member={"number": "100001", "name": "改姓 健一"})
    import_files(engine, [write_jsonl(tmp_path / "again.jsonl", [line])])
    assert found(search, "山本") == ["100003"]
    assert found(search, "改姓") == ["100001"]


def test_a_removed_member_is_not_found(search: MemberSearch,
                                       sessions: sessionmaker[Session]) -> None:  # fmt: skip
    with sessions.begin() as session:
        session.execute(delete(MemberRow).where(MemberRow.number == "100001"))
    assert found(search, "100001") == []


def test_a_member_first_heard_of_by_an_event_is_found_by_number(
    sessions: sessionmaker[Session],
) -> None:
    event = Event(id="e1", kind=EventKind.web_registered, number="555555", at=NOW)
    with sessions.begin() as session:
        MemberStates(session, ["555555"]).apply([event], NOW)
    assert found(MemberSearch(sessions), "555555") == ["555555"]


def test_the_invented_members_are_found_after_each_loading(
    sessions: sessionmaker[Session],
) -> None:
    for _ in range(2):
        with sessions.begin() as session:
            load_demo(session, NOW)
    assert found(MemberSearch(sessions), "ミホン リッカ") == ["000106"]
    tied = MemberSearch(sessions).tied_to("000120").tied
    assert [(hit.number, hit.kind) for hit in tied] == [("000920", "corporate")]


def test_the_migration_fills_the_search_for_members_who_are_there(tmp_path: Path) -> None:
    engine = create_engine(Settings(var=tmp_path).resolved_database_url())
    config = _alembic_config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0006")
        with Session(engine) as session, session.begin():
            now = {"as_of": NOW, "created_at": NOW, "updated_at": NOW}
            session.add(MemberRow(number="012345", name="先客 太郎", phone="03-9", **now))
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0007")
        with Session(engine) as session:
            row = session.scalars(select(MemberSearchRow)).one()
            assert (row.number, row.words) == ("012345", "|012345|先客太郎|||039|")
    finally:
        engine.dispose()


def test_words_have_one_form() -> None:
    assert plain_name("ヴァイオレット・エヴァー") == plain_name("ゔぁいおれっとえゔぁー")
    assert plain_name("サイトウ") != plain_name("サトウ")
    assert plain_phone("+81(0)3-1234-5678") == plain_phone("０３（１２３４）５６７８")
    assert phones("03-1234-5678（内線12）／090-1111-2222") == ["0312345678", "09011112222"]
    assert terms("  山本　ケンイチ ") == ["山本", "けんいち"]
    assert terms("03-1234 5678") == ["0312345678"]
    assert search_words("000001", "a|b", "", "", None).words == "|000001|ab||||"


# --- the page


def test_the_results_show_no_more_than_tells_callers_apart(agent: httpx.Client,
                                                           demo_members: None) -> None:  # fmt: skip
    answer = agent.post("/staff/callers", data={"q": "見本"}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "見本 六花" in answer.text
    assert "番号の下2桁 06" in answer.text
    assert "example.jp" not in answer.text
    assert "03-0000" not in answer.text
    assert "<html" not in answer.text


def test_the_search_works_without_a_script(agent: httpx.Client, demo_members: None) -> None:
    answer = agent.post("/staff/callers", data={"q": "見本"})
    assert "<html" in answer.text
    assert "見本 六花" in answer.text


def test_a_search_leaves_its_trace_without_its_words(
    agent: httpx.Client, chief: httpx.Client, demo_members: None, clock: Clock
) -> None:
    for q in ("見", "見本", "見本 六", "見本 六花"):
        agent.post("/staff/callers", data={"q": q}, headers={"X-Fragment": "1"})
    clock.turn(minutes=2)
    agent.post("/staff/callers", data={"q": "見本"}, headers={"X-Fragment": "1"})
    shown = chief.get("/staff/audit?event=caller_search").text
    assert shown.count("<td>会員の検索</td>") == 2
    assert "見本" not in shown


def test_what_is_searched_for_never_stands_in_an_address(agent: httpx.Client) -> None:
    assert agent.get("/staff/callers", params={"q": "見本"}).status_code in (404, 405)
    assert 'method="post" action="/staff/callers"' in agent.get("/staff/script").text


def test_names_are_text_and_never_markup(agent: httpx.Client, console: object,
                                         sessions: sessionmaker[Session]) -> None:  # fmt: skip
    with sessions.begin() as session:
        evil = MemberRow(number="666666", name="<img src=x onerror=alert(1)>", kana="", email="",
                         as_of=NOW, created_at=NOW, updated_at=NOW)  # fmt: skip
        session.add(evil)
        session.flush()
        session.execute(
            text("INSERT INTO member_search VALUES ('666666', '|666666|<img||||', '', '')")
        )
    answer = agent.post("/staff/callers", data={"q": "<img"}, headers={"X-Fragment": "1"})
    assert "&lt;img" in answer.text
    assert "<img" not in answer.text

"""A member takes a message back on LINE: it vanishes from the consoles that show it."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from bot.channels.line.said import Said
from bot.clock import utc_now
from bot.store.tables import TurnRow
from tests.app.serving import RunningApp
from tests.browser.staff_console import Members, Open

SECRET, GONE = "秘密の言葉です", "（送信を取り消されました）"


def take_back(app: RunningApp, talk_id: str, text: str) -> None:
    """As the LINE channel does it for an `unsend`."""
    assert app.apps is not None
    sessions = app.apps.public.state.sessions
    with sessions() as session:
        turns = session.scalars(select(TurnRow).where(TurnRow.conversation_id == talk_id)).all()
        [key] = [turn.client_message_id for turn in turns if turn.input["text"] == text]
    assert Said(sessions).blank(talk_id, key, GONE, utc_now()) is not None


def test_words_that_are_taken_back_vanish_at_once(
    staff_app: RunningApp, members: Members, console: Open
) -> None:
    member = members()
    desk = console().open(member.id)
    desk.take()
    member.says(SECRET)
    for n in range(70):  # more than a refresh brings
        member.says(f"{n}番目")
    expect(desk.said.last).to_contain_text("69番目")
    expect(desk.said.filter(has_text=SECRET)).to_have_count(1)
    count = desk.said.count()
    take_back(staff_app, member.id, SECRET)
    expect(desk.said.filter(has_text=SECRET)).to_have_count(0)
    expect(desk.said.filter(has_text=GONE)).to_have_count(1)
    expect(desk.said).to_have_count(count)
    expect(desk.said.last).to_contain_text("69番目")


def test_nor_does_the_list_show_them(
    staff_app: RunningApp, members: Members, console: Open
) -> None:
    member = members()
    member.says(SECRET)
    desk = console().open()
    row = desk.page.locator(f".queue-row[data-id='{member.id}']")
    expect(row).to_contain_text(SECRET)
    take_back(staff_app, member.id, SECRET)
    expect(row).to_contain_text(GONE)
    expect(row).not_to_contain_text(SECRET)

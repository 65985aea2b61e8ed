"""Digits that a member writes to a person who has taken the conversation over."""

from sqlalchemy import select, update

from bot.database import reading
from bot.store.identity_tables import OutboxRow
from bot.store.records import Conversation
from bot.store.tables import ConversationRow, MessageRow
from tests.identity.conftest import Office


def taken_over(office: Office, guest: Conversation) -> None:
    """A person speaks from now on."""
    mine = ConversationRow.id == guest.id
    with office.sessions.begin() as session:
        session.execute(update(ConversationRow).where(mine).values(owner="aya", owner_version=1))


def last_words(office: Office, guest: Conversation) -> str:
    """What the person reads."""
    newest = select(MessageRow.text).where(MessageRow.conversation_id == guest.id)
    with reading(office.sessions) as session:
        return session.scalars(newest.order_by(MessageRow.seq.desc())).first() or ""


def mails(office: Office) -> int:
    """How many codes were asked for."""
    with reading(office.sessions) as session:
        return len(session.scalars(select(OutboxRow.id)).all())


async def test_a_number_for_a_person_is_read_by_the_person(office: Office) -> None:
    guest = await office.guest()
    taken_over(office, guest)
    await office.pipe.post(guest.id, "1", "登録番号は100001です")
    assert (last_words(office, guest), mails(office)) == ("登録番号は100001です", 0)


async def test_while_a_code_is_awaited_too(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    taken_over(office, guest)
    await office.pipe.post(guest.id, "2", "200001です")
    assert (last_words(office, guest), mails(office)) == ("200001です", 1)


async def test_a_code_that_arrives_meanwhile_still_proves(office: Office) -> None:
    guest = await office.guest()
    await office.says(guest, "100001")
    taken_over(office, guest)
    await office.pipe.post(guest.id, "3", office.mailed_code())
    known = await office.pipe.find(guest.id)
    assert known and (known.member_number, known.owner) == ("100001", "aya")
    assert last_words(office, guest) == "〔確認コード〕"

"""Which numbers a proof opens: a login or a LINE link its own, a mailbox all that belong to it."""

import pytest

from tests.identity.conftest import Office


@pytest.mark.parametrize("path", ["site", "line"])
async def test_a_login_opens_its_own_number_only(office: Office, path: str) -> None:
    """100002 has the same address, but neither login nor link has proven that mailbox."""
    begun = await office.pipe.begin(path, "100001", "individual", [])
    talk = begun.conversation.id
    assert await office.identity.port.numbers(talk) == []
    for value in ("corporate", "100002", office.codes.option(talk, "100002")):
        assert not await office.identity.port.switch(talk, value)
    found = await office.pipe.find(talk)
    assert found is not None and found.member_number == "100001"


@pytest.mark.parametrize("channel", ["web", "line"])
async def test_a_proven_mailbox_opens_both_on_each_channel(office: Office, channel: str) -> None:
    talk = (await office.pipe.begin(channel, None, None, [])).conversation
    office.identity.mailed_codes.begin(talk.id)
    await office.says(talk, "100002", origin=f"{channel}:someone")
    assert await office.says(talk, office.mailed_code()) == "code_ok"
    own = await office.identity.port.numbers(talk.id)
    assert [number.current for number in own] == [False, True]
    assert await office.identity.port.switch(talk.id, "individual")
    found = await office.pipe.find(talk.id)
    assert found is not None and found.member_number == "100001"


async def test_an_address_that_changed_since_opens_nothing_more(office: Office) -> None:
    """The mailbox that was proven counts, not the one that the registry holds by now."""
    from sqlalchemy import update

    from actions.domain.tables import MemberRow

    talk = await office.guest()
    await office.says(talk, "100001")
    assert await office.says(talk, office.mailed_code()) == "code_ok"
    with office.sessions.begin() as session:
        session.execute(update(MemberRow).values(email="new@clinic.example.jp"))
    assert await office.identity.port.numbers(talk.id) == []

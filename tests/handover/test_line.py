"""A person and a LINE user: a reply while the token is young, else a push."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.domain.registry import Registry
from bot.channels.line.tables import LineEventRow
from bot.channels.line.words import words
from bot.handover.desk import HandoverDesk
from bot.handover.parts import create_handover
from bot.handover.words import said
from bot.live import Live
from bot.settings import Settings
from bot.store.journal import Journal
from bot.store.tables import ConversationRow, MessageRow, TurnRow
from tests.handover.world import AYA
from tests.line.world import World, world


def _desk(settings: Settings, at: World) -> HandoverDesk:
    parts = create_handover(
        settings,
        at.sessions,
        Journal(at.sessions),
        Registry(at.sessions),
        Live(),
        lambda: True,
        at.clock,
    )
    return parts.desk


def _talk_id(at: World) -> str:
    with at.sessions() as session:
        return (
            session.scalars(
                select(ConversationRow.id).order_by(ConversationRow.created_at.desc())
            ).first()
            or ""
        )


@asynccontextmanager
async def _taken(
    settings: Settings, sessions: sessionmaker[Session], quota: int | None = None
) -> AsyncIterator[tuple[World, HandoverDesk, str]]:
    """A conversation that a person has taken over."""
    async with world(settings, sessions, quota) as at:
        desk = _desk(settings, at)
        await at.say(at.text("こんにちは"))
        talk_id = _talk_id(at)
        await desk.take(talk_id, AYA)
        yield at, desk, talk_id


async def _delivered(desk: HandoverDesk, talk_id: str) -> list[str | None]:
    """The deliveries of all staff words, once none is on its way."""
    with anyio.fail_after(60):
        while True:
            lines = (await desk.talk(talk_id)).lines
            if not {"waiting", "queued"} & {line.delivery for line in lines}:
                return [x.delivery for x in lines if x.message.draft.author == "staff"]
            await asyncio.sleep(0.05)


async def _until(wanted: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(60):
        while not await wanted():
            await asyncio.sleep(0.05)


async def test_a_person_answers_on_line(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        assert await _delivered(desk, talk_id) == []  # the take-over is told by a push
        heard = len(at.dialogue.requests)
        assert (await at.post(at.text("電話番号はどこですか"))).status_code == 200
        await at.idle()
        assert len(at.dialogue.requests) == heard, "Rasa heard what was said to a person"
        key = str(uuid.uuid4())
        await desk.say(talk_id, AYA, key, "03-0000-0000です。")
        await desk.say(talk_id, AYA, key, "03-0000-0000です。")
        assert await _delivered(desk, talk_id) == ["replied"], "the free reply was not used"
        await desk.say(talk_id, AYA, str(uuid.uuid4()), "平日9時からです。")
        assert await _delivered(desk, talk_id) == ["replied", "pushed"]
        read = at.platform.texts(at.user)
        assert read[-3:] == [
            said("taken", name="相田"),
            "03-0000-0000です。",
            "平日9時からです。",
        ]
        await desk.give_back(talk_id, AYA)
        assert (await at.say(at.text("ありがとう")))[-1].endswith("ありがとう")
        assert len(at.dialogue.requests) == heard + 1


async def test_an_answer_on_its_way_is_withheld(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with world(settings, sessions) as at:
        desk = _desk(settings, at)
        await at.say(at.text("こんにちは"))
        at.dialogue.held = asyncio.Event()
        before = len(at.dialogue.requests)
        await at.post(at.text("質問です"))

        async def heard() -> bool:
            return len(at.dialogue.requests) > before

        await _until(heard)
        await desk.take(_talk_id(at), AYA)
        at.dialogue.held.set()
        await at.idle()
        assert not [text for text in at.platform.texts(at.user) if "質問です" in text]


@pytest.mark.parametrize(("why", "state"), [("blocked", "blocked"), ("quota", "quota-later")])
async def test_staff_read_why_it_did_not_arrive(
    settings: Settings, sessions: sessionmaker[Session], why: str, state: str
) -> None:
    quota = 0 if why == "quota" else None
    async with _taken(settings, sessions, quota) as (at, desk, talk_id):
        if why == "blocked":
            at.channel.store.change_source(at.user, blocked=True)
        at.clock.ahead += timedelta(minutes=5)
        await desk.say(talk_id, AYA, str(uuid.uuid4()), "お待たせしました。")
        assert await _delivered(desk, talk_id) == [state]
        [line] = [x for x in (await desk.talk(talk_id)).lines if x.message.draft.author == "staff"]
        assert line.undelivered and line.delivery_label == said(f"deliveries.{state}")


async def test_words_that_wait_for_the_quota_go_out_when_there_is_some(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions, quota=0) as (at, desk, talk_id):
        at.clock.ahead += timedelta(minutes=5)
        await desk.say(talk_id, AYA, str(uuid.uuid4()), "お待たせしました。")
        await desk.say(talk_id, AYA, str(uuid.uuid4()), "続きです。")
        assert await _delivered(desk, talk_id) == ["quota-later", "quota-later"]
        at.platform.line.quota = 200
        at.clock.ahead += timedelta(hours=1)

        async def pushed() -> bool:
            return await _delivered(desk, talk_id) == ["pushed", "pushed"]

        await _until(pushed)
        assert at.platform.texts(at.user)[-2:] == ["お待たせしました。", "続きです。"]


async def test_who_unlinked_gets_nothing_of_the_old_conversation(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        at.channel.store.change_source(at.user, conversation_id=None)
        await desk.say(talk_id, AYA, str(uuid.uuid4()), "登録の状態ですが、")
        assert await _delivered(desk, talk_id) == ["left"]
        assert "登録の状態ですが、" not in at.platform.texts(at.user)


async def test_who_links_while_a_person_is_wanted_is_told_to_ask_again(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, _, _):
        again = words()["link"]["person_again"].strip()
        said_now = "".join(await at.say(at.text("連携解除")))
        assert again not in said_now  # nothing was linked, the talk goes on
        at.channel.store.change_source(at.user, member_number="100003")
        assert again in "".join(await at.say(at.text("連携解除")))
        at.channel.store.change_source(at.user, member_number="100003")
        assert again not in "".join(await at.say(at.text("連携解除")))


async def test_a_telephone_number_reaches_the_person(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        await at.post(at.text("折り返しは090-1234-5678へ"))
        await at.idle()
        assert (await desk.talk(talk_id)).summary.contact == "09012345678"
        with at.sessions() as session:
            for table in (MessageRow, TurnRow, LineEventRow):
                columns = [
                    c for c in table.__table__.columns if c.name in ("text", "input", "body")
                ]
                kept = str(session.execute(select(*columns)).all())
                assert "12345678" not in kept.replace("-", ""), table


async def test_a_number_said_to_a_person_is_no_choice(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        await desk.give_back(talk_id, AYA)
        await at.say(at.event("follow"))  # six choices by number
        await desk.take(talk_id, AYA)
        for said_so in ("2", "9"):
            await at.post(at.text(said_so))
            await at.idle()
            assert (await desk.messages(talk_id, 0))[-1].draft.text == said_so


async def test_a_long_message_reaches_the_person_in_parts(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        whole = "\n".join(f"{n}行目です。" + "あ" * 90 for n in range(40))
        event = at.text(whole)
        for _ in range(2):
            await at.post(event)
            await at.idle()
        parts = [m.draft.text for m in await desk.messages(talk_id, 0)][-4:]
        assert "".join("\n".join(parts).split()) == "".join(whole.split())
        assert all(len(part) <= 1000 for part in parts)


async def test_an_unsent_telephone_number_is_no_more(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        first, second = at.text("090-1111-2222です"), at.text("まちがい。090-1234-5678です")
        for event in (first, second):
            await at.post(event)
            await at.idle()
        for event, left in ((first, "09012345678"), (second, None)):
            unsend = {"messageId": event["message"]["id"]}
            await at.post(at.event("unsend", unsend=unsend))
            await at.idle()
            assert (await desk.talk(talk_id)).summary.contact == left


async def test_a_picture_is_seen_by_nobody_and_said_so_once(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        for kind in ("image", "sticker", "audio"):
            assert (await at.post(at.event(message={"type": kind, "id": f"{kind}1"}))).is_success
            await at.idle()

        async def asked(times: int) -> bool:
            said = [m.draft.text for m in await desk.messages(talk_id, 0)]
            return said.count(words()["words_only"].strip()) == times

        await _until(lambda: asked(1))
        assert await _delivered(desk, talk_id) == []
        said_by = [(m.draft.author, m.draft.text) for m in await desk.messages(talk_id, 0)]
        sent = words()["said"]
        member = [text for author, text in said_by if author == "member"]
        assert member[-3:] == [sent["image"], sent["sticker"], sent["audio"]]
        assert "画像が送られました" in sent["image"]
        assert at.platform.texts(at.user).count(words()["words_only"].strip()) == 1
        await desk.give_back(talk_id, AYA)
        await desk.take(talk_id, AYA)
        await at.post(at.event(message={"type": "image", "id": "image2"}))
        await _until(lambda: asked(2))


async def test_who_talks_to_a_person_goes_on_there_after_a_long_silence(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    async with _taken(settings, sessions) as (at, desk, talk_id):
        at.clock.ahead += timedelta(days=3)
        await at.post(at.text("昨日の件です"))
        await at.idle()
        assert _talk_id(at) == talk_id
        assert (await desk.messages(talk_id, 0))[-1].draft.text == "昨日の件です"

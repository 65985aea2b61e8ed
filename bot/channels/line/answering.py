"""What each kind of event gets as an answer."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import anyio
import structlog

from bot.channels.line import flex
from bot.channels.line.account import Account
from bot.channels.line.client import LineApi, LineRefused, LineUncertain
from bot.channels.line.numbers import chosen_number
from bot.channels.line.reading import MESSAGE_KINDS
from bot.channels.line.render import has_numbers, render
from bot.channels.line.send import Delivery, Sender
from bot.channels.line.store import LineStore, Source, Waiting
from bot.channels.line.words import draft, is_link_word, is_unlink_word, menu_choice, words
from bot.clock import Clock
from bot.conversation import Conversations, Exchange
from bot.errors import InvalidRequest
from bot.messages import Draft
from bot.store.records import Conversation
from bot.text import masked_number
from bot.wording import OfficeWords

_LOG = structlog.get_logger()
_NAMESPACE = uuid.UUID("0b7f1c9e-3c52-4d0a-8a44-51b1d2f0c7a5")
_LOADING_AFTER_S = 1.5
MENU, LINK, UNLINK = "menu:", "menu:link", "menu:unlink"


@dataclass(frozen=True)
class Answer:
    """What is said; `extra` are message objects that are in no journal (a link with a token)."""

    drafts: list[Draft] = field(default_factory=list)
    extra: list[dict[str, Any]] = field(default_factory=list)


NOTHING = Answer()


class Answering:
    """Takes an event to its answer and sends it; the worker calls it."""

    def __init__(
        self,
        store: LineStore,
        pipe: Conversations,
        account: Account,
        api: LineApi,
        sender: Sender,
        office: OfficeWords,
        clock: Clock,
        silence: timedelta,
        base: str = "",
    ) -> None:
        self._store = store
        self._pipe = pipe
        self._account = account
        self._api = api
        self._sender = sender
        self._office = office
        self._clock = clock
        self._silence = silence
        self._base = base

    async def answer(self, event: Waiting) -> None:
        """Answer once; whatever was done before a crash is not done again."""
        source = await _in_thread(self._store.source, event.source_id)
        if event.body.get("standby"):
            await self._done(event, Delivery.standby)
            return
        async with self._loading(event):
            answer = await self._answered(event, source)
        messages = render(answer.drafts, answer.extra, self._base)
        # Blocking and linking may have changed while the answer was made.
        source = await _in_thread(self._store.source, event.source_id)
        await self._done(event, await self._sender.send(event, source, messages))

    async def give_up(self, event: Waiting) -> None:
        """An event that cannot be answered: say so, so that nobody waits in silence."""
        source = await _in_thread(self._store.source, event.source_id)
        if event.kind in ("message", "postback") and not event.body.get("group"):
            await self._sender.send(event, source, render([draft(words()["failed"])]))
        await self._done(event, Delivery.failed)

    async def _done(self, event: Waiting, delivery: Delivery) -> None:
        await _in_thread(self._store.done, event.id, str(delivery), self._clock())

    async def _answered(self, event: Waiting, source: Source) -> Answer:
        if event.body.get("group"):
            return await self._group(event, source)
        match event.kind:
            case "message":
                return await self._message(event, source)
            case "postback":
                return await self._postback(event, source)
            case "follow":
                return await self._follow(event, source)
            case "unfollow":
                await self._account.forget(source, blocked=True)
                return NOTHING
            case "accountLink":
                return await self._linked(event, source)
            case "unsend":
                return await self._unsend(event)
        return NOTHING

    async def _group(self, event: Waiting, source: Source) -> Answer:
        if source.told or event.kind not in ("message", "join"):
            return NOTHING
        await self._change(source, told_at=self._clock())
        return Answer([draft(words()["group"])])

    async def _message(self, event: Waiting, source: Source) -> Answer:
        if event.message_id and await _in_thread(
            self._store.of_message, event.message_id, "unsend"
        ):
            return NOTHING  # taken back before it was read
        source = await self._unblocked(source)
        kind, text = event.body.get("message"), str(event.body.get("text") or "")
        if kind == "text" and text:
            if is_unlink_word(text):
                return await self._unlink(event, source)
            if is_link_word(text):
                return await self._link(event, source)
            return await self._text(event, source, text)
        known = kind if kind in MESSAGE_KINDS and kind != "text" else "other_message"
        return await self._own(event, source, str(known), [self._menu(words()[str(known)])])

    async def _text(self, event: Waiting, source: Source, text: str) -> Answer:
        talk = await self._talk(event, source)
        exchange = await self._again(event, talk)
        if exchange is None:
            choice = await self._numbered(talk, text)
            try:
                if choice:
                    exchange = await self._pipe.post(talk, _message_id(event), choice=choice)
                else:
                    exchange = await self._pipe.post(
                        talk, _message_id(event), text, origin=f"line:{source.id}"
                    )
            except InvalidRequest as error:
                notice = [] if source.told else [self._office.system("notice")]
                return Answer([*notice, draft(error.sentence)])
        return self._told(exchange)

    async def _postback(self, event: Waiting, source: Source) -> Answer:
        source = await self._unblocked(source)
        data = str(event.body.get("data") or "")
        if data == LINK:
            return await self._link(event, source)
        if data == UNLINK:
            return await self._unlink(event, source)
        talk = await self._talk(event, source)
        exchange = await self._again(event, talk)
        pressed = menu_choice(data.removeprefix(MENU)) if data.startswith(MENU) else None
        if exchange is None and pressed is not None:
            exchange = await self._pipe.press(talk, _message_id(event), pressed)
        if exchange is None:
            try:
                exchange = await self._pipe.post(talk, _message_id(event), choice=data)
            except InvalidRequest:
                old = [self._menu(words()["old_button"], lead=False)]
                exchange = await self._pipe.say(
                    talk, _message_id(event), words()["said"]["old_button"], old
                )
        return self._told(exchange)

    async def _follow(self, event: Waiting, source: Source) -> Answer:
        await self._change(source, blocked=False)
        hello = words()["welcome"]["text"]
        if source.member_number:
            shown = masked_number(source.member_number)
            hello = words()["welcome_linked"]["text"].format(number=shown)
        elif self._account.is_on:
            hello = f"{hello.strip()}\n\n{words()['link_offer']}"
        greeting = replace(self._menu(hello, lead=False), topic="greet")
        drafts = [self._office.system("notice"), greeting]
        return await self._own(event, replace(source, told=True), "follow", drafts)

    async def _link(self, event: Waiting, source: Source) -> Answer:
        said = words()["link"]
        if not self._account.is_on:
            return await self._own(event, source, "link", [draft(said["off"])])
        if source.member_number:
            text = said["already"].format(number=masked_number(source.member_number))
            return await self._own(event, source, "link", [draft(text)])
        try:
            url = await self._account.login_page(source)
        except (LineRefused, LineUncertain) as error:
            _LOG.error("no link token", error=type(error).__name__)
            return await self._own(event, source, "link", [draft(said["unavailable"])])
        answer = await self._own(event, source, "link", [draft(said["start"])])
        return replace(answer, extra=[flex.link_button(said["button"], url)])

    async def _unlink(self, event: Waiting, source: Source) -> Answer:
        said = words()["link"]
        if not source.member_number and event.conversation_id is None:
            return await self._own(event, source, "unlink", [draft(said["not_linked"])])
        await self._account.forget(source)
        # What was said with the record in view is no part of a guest's conversation.
        source = replace(source, conversation_id=None, member_number=None)
        return await self._own(event, source, "unlink", [self._menu(said["undone"])])

    async def _linked(self, event: Waiting, source: Source) -> Answer:
        said, nonce = words()["link"], event.body.get("nonce")
        number = None
        if event.body.get("result") == "ok" and nonce:
            number = await self._account.link(source, str(nonce), event.id)
        if number is None:
            return await self._own(event, source, "linked", [draft(said["failed"])])
        # A linked member's conversation is a new one, as after a login on the website.
        source = replace(source, conversation_id=None, member_number=number)
        text = said["done"].format(number=masked_number(number))
        return await self._own(event, source, "linked", [self._menu(text)])

    async def _unsend(self, event: Waiting) -> Answer:
        came = await _in_thread(self._store.of_message, event.message_id or "", "message")
        if came and came[1]:
            client_id = str(uuid.uuid5(_NAMESPACE, came[0]))
            await _in_thread(self._store.blank, came[1], client_id, words()["unsent"])
        return NOTHING

    async def _own(
        self, event: Waiting, source: Source, said: str, drafts: Sequence[Draft]
    ) -> Answer:
        """An answer of the channel itself, kept in the journal like any other."""
        talk = await self._talk(event, source)
        exchange = await self._again(event, talk)
        if exchange is None:
            kept = words()["said"][said]
            exchange = await self._pipe.say(talk, _message_id(event), kept, drafts)
        return self._told(exchange)

    async def _talk(self, event: Waiting, source: Source) -> Conversation:
        """The event's conversation; a new one after a long silence."""
        talk = None
        if event.conversation_id:
            talk = await self._pipe.find(event.conversation_id)
        elif source.conversation_id and self._is_fresh(source):
            talk = await self._pipe.find(source.conversation_id)
            if talk is not None:
                await _in_thread(self._store.assign, event, talk.id, self._clock())
        if talk is None:
            notice = [] if source.told else [self._office.system("notice")]
            kind = await self._account.kind(source.member_number)
            begun = await self._pipe.begin("line", source.member_number, kind, notice)
            talk = begun.conversation
            await _in_thread(self._store.assign, event, talk.id, self._clock())
        return talk

    def _is_fresh(self, source: Source) -> bool:
        return source.last_at is not None and self._clock() - source.last_at < self._silence

    async def _again(self, event: Waiting, talk: Conversation) -> Exchange | None:
        """What a first attempt, cut off by a crash, has committed already."""
        if event.attempts < 2:
            return None
        return await self._pipe.taken(talk, _message_id(event))

    async def _numbered(self, talk: Conversation, text: str) -> str | None:
        number = chosen_number(text)
        if number is None:
            return None
        question, offered = await _in_thread(self._store.offered, talk.id)
        if not has_numbers(question) or number > len(offered):
            return None
        return str(offered[number - 1][0])

    async def _unblocked(self, source: Source) -> Source:
        """Who writes does not block, whatever event was lost."""
        if source.blocked:
            await self._change(source, blocked=False)
        return replace(source, blocked=False)

    def _told(self, exchange: Exchange) -> Answer:
        said = [message.draft for message in exchange.replies]
        # Nothing but the notice can stand before a conversation's first message (`_talk`).
        opening = [self._office.system("notice")] if exchange.accepted.seq == 2 else []
        return Answer([*opening, *said])

    def _menu(self, text: str, lead: bool = True) -> Draft:
        whole = f"{text.strip()}\n\n{words()['menu_lead']}" if lead else text
        return draft(whole, self._office.menu())

    async def _change(self, source: Source, **values: Any) -> None:
        await anyio.to_thread.run_sync(lambda: self._store.change_source(source.id, **values))

    def _loading(self, event: Waiting) -> "_Loading":
        wanted = event.kind in ("message", "postback") and not event.body.get("group")
        return _Loading(self._api, event.source_id if wanted else None)


class _Loading:
    """Shows that an answer is on its way, where it takes longer."""

    def __init__(self, api: LineApi, user_id: str | None) -> None:
        self._api = api
        self._user_id = user_id
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        if self._user_id:
            self._task = asyncio.create_task(self._later(self._user_id))

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _later(self, user_id: str) -> None:
        await asyncio.sleep(_LOADING_AFTER_S)
        try:
            await self._api.show_loading(user_id)
        except (LineRefused, LineUncertain) as error:
            _LOG.info("no loading animation", error=type(error).__name__)


def _message_id(event: Waiting) -> str:
    """The pipe's id of this message: the same for each delivery and each try."""
    return str(uuid.uuid5(_NAMESPACE, event.id))


async def _in_thread(call: Callable[..., Any], *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))

"""What each kind of event gets as an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.line.account import Account
from bot.channels.line.client import LineApi
from bot.channels.line.delivery import Delivery, wait_before
from bot.channels.line.linking import Linking
from bot.channels.line.loading import Loading
from bot.channels.line.measure import split_utf16
from bot.channels.line.numbers import chosen_number
from bot.channels.line.postbacks import HELPFUL, NOT_HELPFUL, meaning
from bot.channels.line.quota import waits_too_long
from bot.channels.line.reading import MESSAGE_KINDS
from bot.channels.line.records import OUTGOING, QUOTA_LATER, Json, Source, Waiting
from bot.channels.line.render import has_numbers, render
from bot.channels.line.said import Said
from bot.channels.line.send import Sender
from bot.channels.line.store import LineStore
from bot.channels.line.talks import NOTHING, Answer, Talks, in_thread, message_id
from bot.channels.line.words import (
    draft,
    feedback_word,
    is_link_word,
    is_unlink_word,
    menu_choice,
    words,
)
from bot.clock import Clock
from bot.conversation import MAX_CHARACTERS, Conversations, Exchange
from bot.errors import InvalidRequest
from bot.handover.once import Once
from bot.live import STAFF, Live
from bot.messages import Choice
from bot.store.records import Conversation
from bot.text import masked_number
from bot.wording import OfficeWords

# Nothing is said to these, so that they are heard while another module has the conversation too.
_SILENT = frozenset({"unsend", "unfollow"})


@dataclass(frozen=True)
class Parts:
    """What an answer is made from."""

    store: LineStore
    said: Said
    pipe: Conversations
    account: Account
    talks: Talks
    api: LineApi
    sender: Sender
    office: OfficeWords
    clock: Clock
    once: Once
    live: Live
    links_base: str = ""


class Answering:
    """Takes an event to its answer and sends it; the worker calls it."""

    def __init__(self, parts: Parts) -> None:
        self._store, self._said, self._pipe = parts.store, parts.said, parts.pipe
        self._account, self._talks, self._api = parts.account, parts.talks, parts.api
        self._sender, self._office, self._clock = parts.sender, parts.office, parts.clock
        self._once, self._live, self._base = parts.once, parts.live, parts.links_base
        self._linking = Linking(parts.account, parts.talks)

    async def answer(self, event: Waiting) -> None:
        """Answer once; whatever was done before a crash is not done again."""
        if event.body.get("standby") and event.kind not in _SILENT:
            await self._done(event, Delivery.standby)
        elif event.messages is not None:
            await self._deliver(event, event.messages)
        else:
            source = await in_thread(self._store.source, event.source_id)
            async with self._loading(event):
                answer = await self._answered(event, source)
            await self._deliver(
                event, render(answer.drafts, answer.extra, self._base, answer.asks_feedback)
            )

    async def give_up(self, event: Waiting) -> None:
        """An event that cannot be answered: say so, so that nobody waits in silence."""
        source = await in_thread(self._store.source, event.source_id)
        if event.kind in ("message", "postback") and not event.body.get("group"):
            await self._sender.send(event, source, render([draft(words()["failed"])]))
        await self._done(event, Delivery.failed)

    async def _deliver(self, event: Waiting, messages: Sequence[Json]) -> None:
        """Send; what may go out later without a double waits in the store."""
        # Blocking and linking may have changed while the answer was made.
        source = await in_thread(self._store.source, event.source_id)
        token = event.body.get("reply_token")
        if not messages and token and event.kind in ("message", "postback"):
            await in_thread(self._store.held, event.id, str(token), self._clock())
            if event.body.get("message") not in (None, "text"):
                # A person has the conversation and cannot see it; by now the free token is held.
                await self._once.tell(source.conversation_id or "", words()["words_only"])
            return
        if event.kind != OUTGOING and await self._is_a_persons(event, source):
            await self._done(event, Delivery.withheld)
            return
        if event.delivery == QUOTA_LATER and (over := await self._no_more(event, source)):
            await self._done(event, over)
            return
        sent = await self._sender.send(event, source, messages)
        tries = int(event.body.get("tries", 0)) + (sent.at is None)
        wait = wait_before(tries) if sent.later and sent.at is None else None
        until = sent.at if wait is None else self._clock() + wait
        if sent.later is None or until is None:
            await self._done(event, sent.delivery)
            return
        kept = {key: event.body.get(key) for key in ("reply_token", "group")}
        body = {**kept, "messages": list(messages), "tries": tries}
        await in_thread(self._store.put_off, event.id, sent.later, body, until)

    async def _no_more(self, event: Waiting, source: Source) -> Delivery | None:
        """How an answer ended that waited for the quota and helps nobody any more."""
        if event.conversation_id not in (None, source.conversation_id):
            return Delivery.left
        followed = event.kind != OUTGOING and await in_thread(self._said.was_followed, event)
        return Delivery.quota if followed or waits_too_long(event, self._clock()) else None

    async def _is_a_persons(self, event: Waiting, source: Source) -> bool:
        """Whether somebody has taken the conversation over while the answer was on its way."""
        talk = await self._pipe.find(event.conversation_id or source.conversation_id or "")
        return talk is not None and talk.owner is not None

    async def _done(self, event: Waiting, delivery: Delivery) -> None:
        await in_thread(self._store.done, event.id, str(delivery), self._clock())

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
            case "accountLink":
                return await self._linking.ended(event, source)
            case "unsend":
                await self._unsend(event)
        return NOTHING

    async def _group(self, event: Waiting, source: Source) -> Answer:
        if source.told or event.kind not in ("message", "join"):
            return NOTHING
        await self._change(source, told_at=self._clock())
        return Answer([draft(words()["group"])])

    async def _message(self, event: Waiting, source: Source) -> Answer:
        if event.message_id and await in_thread(self._said.of_message, event.message_id, "unsend"):
            return NOTHING  # taken back before it was read
        source = await self._unblocked(source)
        kind, text = event.body.get("message"), str(event.body.get("text") or "")
        if kind == "text" and text:
            return await self._text(event, source, text)
        known = str(kind) if kind in MESSAGE_KINDS and kind != "text" else "other_message"
        return await self._talks.own(event, source, known, [self._talks.menu(words()[known])])

    async def _text(self, event: Waiting, source: Source, text: str) -> Answer:
        if is_unlink_word(text):
            return await self._linking.undo(event, source)
        if is_link_word(text):
            return await self._linking.begin(event, source)
        if (helpful := feedback_word(text)) is not None:
            return await self._feedback(event, source, helpful)
        talk = await self._talks.of(event, source)
        exchange = await self._talks.again(event, talk)
        # Who writes to a person is not told to write less: it reaches them in parts.
        text, *more = split_utf16(text, MAX_CHARACTERS) if talk.owner else [text]
        origin = f"line:{source.id}"
        if exchange is None:
            try:
                exchange = await self._said_to(talk, message_id(event.id), text, origin)
            except InvalidRequest as error:
                notice = [] if source.told else [self._office.system("notice")]
                return Answer([*notice, draft(error.sentence)])
        for place, part in enumerate(more):
            await self._pipe.post(talk.id, message_id(f"{event.id} {place}"), part, origin=origin)
        return await self._talks.told(talk, exchange)

    async def _said_to(self, talk: Conversation, key: str, text: str, origin: str) -> Exchange:
        """A text, or the choice whose number it is. Raises InvalidRequest."""
        number = None if talk.owner else chosen_number(text)
        question, offered = None, list[Choice]()
        if number is not None:
            question, offered = await in_thread(self._said.offered, talk.id)
        if number is None or not offered or not has_numbers(question):
            return await self._pipe.post(talk.id, key, text, origin=origin)
        if number <= len(offered):
            return await self._pipe.post(talk.id, key, choice=offered[number - 1].id)
        again = draft(words()["no_such_number"].format(most=len(offered)), tuple(offered))
        return await self._pipe.say(talk, key, text, [replace(again, question=question)])

    async def _postback(self, event: Waiting, source: Source) -> Answer:
        source = await self._unblocked(source)
        data = str(event.body.get("data") or "")
        name = meaning(data)
        match name:
            case "link":
                return await self._linking.begin(event, source)
            case "unlink":
                return await self._linking.undo(event, source)
            case "helpful" | "not_helpful":
                return await self._feedback(event, source, name == HELPFUL)
        talk = await self._talks.of(event, source)
        exchange = await self._talks.again(event, talk)
        pressed = menu_choice(name) if name else None
        if exchange is None and pressed is not None:
            exchange = await self._pipe.press(talk, message_id(event.id), pressed)
        if exchange is None:
            try:
                exchange = await self._pipe.post(talk.id, message_id(event.id), choice=data)
            except InvalidRequest:
                old = [self._talks.menu(words()["old_button"], lead=False)]
                return await self._talks.own(event, source, "old_button", old)
        return await self._talks.told(talk, exchange)

    async def _feedback(self, event: Waiting, source: Source, helpful: bool) -> Answer:
        """An answer to 「役に立ちましたか」: about the talk that was, however long ago."""
        talk = await self._pipe.find(event.conversation_id or source.conversation_id or "")
        before_crash = event.token_from if event.attempts > 1 else None
        if talk is not None and not (
            before_crash and await in_thread(self._said.has_feedback, talk.id, before_crash)
        ):
            await self._pipe.add_feedback(talk, helpful, None)
        said = words()["feedback"]
        if helpful:
            return await self._talks.own(event, source, HELPFUL, [draft(said["thanks"])])
        ways: tuple[Choice, ...] = tuple(c for key in said["ways"] if (c := menu_choice(key)))
        sorry = draft(said["sorry"], ways)
        return await self._talks.own(event, source, NOT_HELPFUL, [sorry])

    async def _follow(self, event: Waiting, source: Source) -> Answer:
        await self._change(source, blocked=False)
        await self._account.show_menu(source)
        hello = words()["welcome"]["text"]
        if source.member_number:
            shown = masked_number(source.member_number)
            hello = words()["welcome_linked"]["text"].format(number=shown)
        elif self._account.is_on:
            hello = f"{hello.strip()}\n\n{words()['link_offer']}"
        greeting = replace(self._talks.menu(hello, lead=False), topic="greet")
        drafts = [self._office.system("notice"), greeting]
        return await self._talks.own(event, replace(source, told=True), "follow", drafts)

    async def _unsend(self, event: Waiting) -> None:
        """Out of the journal, off the consoles, and out of the dialogue's memory."""
        came = await in_thread(self._said.of_message, event.message_id or "", "message")
        talk = await self._pipe.find(came[1]) if came and came[1] else None
        if came is None or talk is None:
            return
        key, now = message_id(came[0]), self._clock()
        turn = await in_thread(self._said.blank, talk.id, key, words()["unsent"], now)
        if turn is not None:
            self._live.notify(STAFF)  # before the dialogue, which may be away
            await self._pipe.forget_words(talk, turn)

    async def _unblocked(self, source: Source) -> Source:
        """Who writes does not block, whatever event was lost."""
        if source.blocked:
            await self._change(source, blocked=False)
        return replace(source, blocked=False)

    async def _change(self, source: Source, **values: Any) -> None:
        await in_thread(self._store.change_source, source.id, **values)

    def _loading(self, event: Waiting) -> Loading:
        wanted = event.kind in ("message", "postback") and not event.body.get("group")
        return Loading(self._api, event.source_id if wanted else None)

"""The pipe: inbound message -> journal -> dialogue -> journal -> replies.

One turn at a time in each conversation, in the order in which the messages were committed. A
turn that was cut off by a crash is taken up with its own id, which the dialogue server knows.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.dialogue import Dialogue, DialogueFailure, TurnRequest
from bot.errors import ConversationNotFound, InvalidRequest, Unavailable
from bot.handover.contacts import either, taking_contact
from bot.handover.requests import Requests
from bot.handover.wishes import wish_of
from bot.handover.words import said
from bot.identity.mailed_code import MailedCodes
from bot.identity.site_token import VerifiedMember
from bot.identity.typed import SWITCH, asks_to_switch
from bot.live import STAFF, Live
from bot.locks import Locks, OwnLocks
from bot.messages import Choice, Draft, Message
from bot.metrics import TURN_SECONDS, TURNS
from bot.rendering import render
from bot.store.journal import PENDING, WITHHELD, Journal
from bot.store.records import Conversation, Inbound, Taken, Turn
from bot.store.switches import Switches
from bot.store.work import Work
from bot.text import clean, for_dialogue, mask, masked_number, same_words, was_masked
from bot.wording import OfficeWords

MAX_CHARACTERS = 1000
PERSON = "/handoff"
_LOG = structlog.get_logger()
_Replies = list[Message] | None

_NOT_FOUND = "この会話は見つかりません。新しく始めてください。"
_EMPTY = "メッセージが空です。ひとことお書きください。"
_TOO_LONG = "メッセージが長すぎます。1,000文字までで、分けてお送りください。"


@dataclass(frozen=True)
class Started:
    """A new conversation: its id, its bearer token (said once), its first messages."""

    conversation: Conversation
    access_token: str
    messages: list[Message]


@dataclass(frozen=True)
class Exchange:
    """A member's message as it was committed, and the answer to it."""

    accepted: Message
    replies: list[Message]


class Conversations:
    """Everything that a channel may do with conversations."""

    def __init__(
        self,
        journal: Journal,
        dialogue: Dialogue,
        switches: Switches,
        words: OfficeWords,
        live: Live,
        secret: str,
        clock: Clock,
        mailed_codes: MailedCodes | None = None,
        requests: Requests | None = None,
        locks: Locks | None = None,
        work: Work | None = None,
    ) -> None:
        self._journal = journal
        self._dialogue = dialogue
        self._switches = switches
        self._words = words
        self._live = live
        self._secret = secret.encode()
        self._clock = clock
        self._mailed_codes = mailed_codes
        self._requests = requests
        self._work = work or Work()
        self._locks: Locks = locks or OwnLocks()
        self._background: set[asyncio.Task[_Replies]] = set()

    async def start(
        self,
        channel: str,
        member: VerifiedMember | None = None,
        kind: str | None = None,
        demo_now: datetime | None = None,
    ) -> Started:
        """Begin a conversation. Raises InvalidIdentity for a token that was used before."""
        access_token = secrets.token_urlsafe(32)
        conversation = Conversation(
            id=secrets.token_urlsafe(16),
            access_digest=self._digest("access", access_token),
            channel=channel,
            member_number=member.number if member else None,
            member_kind=kind,
            demo_now=demo_now,
            epoch=0,
            identity_path="site" if member else None,
        )
        token = (member.jti, member.expires_at) if member else None
        drafts = self._welcome(conversation)
        messages = await self._work.write(
            self._journal.begin, conversation, drafts, self._clock(), token
        )
        return Started(conversation, access_token, messages)

    async def open(self, conversation_id: str, access_token: str) -> Conversation:
        """The conversation. Raises ConversationNotFound alike for unknown ids and wrong tokens."""
        found = await self._work.read(self._journal.find, conversation_id)
        given = self._digest("access", access_token)
        if found is None or not hmac.compare_digest(found.access_digest, given):
            raise ConversationNotFound(_NOT_FOUND)
        return found

    async def find(self, conversation_id: str) -> Conversation | None:
        """The conversation, for channels that know by themselves whose it is (LINE)."""
        return await self._work.read(self._journal.find, conversation_id)

    async def begin(
        self, channel: str, number: str | None, kind: str | None, drafts: Sequence[Draft]
    ) -> Started:
        """Begin a conversation whose identity the channel itself has proven; `drafts` open it.

        Its access token is thrown away: nobody but the channel can open it.
        """
        conversation = Conversation(
            id=secrets.token_urlsafe(16),
            access_digest=self._digest("access", secrets.token_urlsafe(32)),
            channel=channel,
            member_number=number,
            member_kind=kind,
            demo_now=None,
            epoch=0,
            identity_path=channel if number else None,
        )
        messages = await self._work.write(self._journal.begin, conversation, drafts, self._clock())
        return Started(conversation, "", messages)

    async def taken(self, conversation: Conversation, client_message_id: str) -> Exchange | None:
        """The exchange of a message that was committed before a crash; None where it was not."""
        known = await self._work.read(self._journal.taken, conversation.id, client_message_id)
        if known is None:
            return None
        turn, accepted = known
        return Exchange(accepted, await self._answered(turn))

    async def press(
        self, conversation: Conversation, client_message_id: str, choice: Choice
    ) -> Exchange:
        """A button that stands outside the conversation (a menu); its payload is our own."""
        body = self._digest("menu", choice.payload)
        inbound = Inbound(client_message_id, body, choice.label)
        taken = Taken(choice.label, choice.payload)
        turn, accepted = await self._work.write(
            self._journal.accept, conversation.id, inbound, self._clock(), lambda *_: taken
        )
        return Exchange(accepted, await self._answered(turn))

    async def say(
        self,
        conversation: Conversation,
        client_message_id: str,
        said: str,
        drafts: Sequence[Draft],
    ) -> Exchange:
        """Something that the channel answers by itself (a sticker): kept as any other turn."""
        inbound = Inbound(client_message_id, self._digest("said", said), said)
        now = self._clock()
        turn, accepted = await self._work.write(self._journal.accept, conversation.id, inbound, now)
        replies = await self._work.write(self._journal.finish, turn, drafts, now)
        self._live.notify(conversation.id)
        self._live.notify(STAFF)
        return Exchange(accepted, replies)

    async def post(
        self,
        conversation: Conversation,
        client_message_id: str,
        text: str | None = None,
        choice: str | None = None,
        origin: str = "",
    ) -> Exchange:
        """Take a member's message and answer it; the same message again gives the same answer.

        `origin` is the sender's network address, where the channel knows one.
        Raises InvalidRequest, MessageConflict.
        """
        inbound = self._inbound(client_message_id, text, choice)
        codes = self._mailed_codes
        take = codes.taking(text, origin) if codes and text is not None else None
        if text is not None and self._requests is not None:
            take = either(take, taking_contact(text))
        turn, accepted = await self._work.write(
            self._journal.accept, conversation.id, inbound, self._clock(), take
        )
        if turn.status == WITHHELD:
            # A person has the conversation: it is for them to answer.
            self._live.notify(conversation.id)
            self._live.notify(STAFF)
        return Exchange(accepted, await self._answered(turn))

    async def forget_words(self, conversation: Conversation, turn_id: str) -> None:
        """A turn whose words were blanked in the journal: out of the dialogue's memory as well.

        Raises DialogueFailure.
        """
        names = [replace(conversation, epoch=n).dialogue_id for n in range(conversation.epoch + 1)]
        await self._dialogue.forget(names, turn_id)

    async def messages(self, conversation: Conversation, after: int) -> list[Message]:
        """What was said after message `after`."""
        return await self._work.read(self._journal.messages, conversation.id, after)

    async def add_feedback(
        self, conversation: Conversation, helpful: bool, comment: str | None
    ) -> None:
        """Keep whether it helped; a comment is masked like any text."""
        said = mask(clean(comment)) if comment else None
        await self._work.write(
            self._journal.add_feedback, conversation.id, helpful, said or None, self._clock()
        )

    async def recover(self, before: datetime | None = None) -> None:
        """Answer what a crash left unanswered (`before`: what is older than that).

        Another process may be gone for good, so each looks for what is left. One conversation
        that cannot be answered now holds up no other. Raises SQLAlchemyError.
        """
        for left in await self._work.read(self._journal.conversations_with_pending_turns, before):
            try:
                async with self._locks.hold(left):
                    for turn in await self._work.read(self._journal.pending, left):
                        await self._run(turn)
            except (SQLAlchemyError, Unavailable) as error:
                _LOG.error("an unanswered turn waits", error=type(error).__name__)

    async def _answered(self, turn: Turn) -> list[Message]:
        """The replies to a turn; once committed it is finished even if the client hangs up."""
        if turn.status == PENDING:
            replies = await asyncio.shield(self._spawn(self._answer(turn)))
            if replies is not None:
                return replies
        return await self._work.read(self._journal.replies, turn.id)

    async def _answer(self, turn: Turn) -> list[Message] | None:
        """Run what waits up to this turn; its replies, None where somebody else ran it."""
        replies = None
        async with self._locks.hold(turn.conversation_id):
            for waiting in await self._work.read(self._journal.pending, turn.conversation_id):
                if waiting.seq <= turn.seq:
                    ran = await self._run(waiting)
                    replies = ran if waiting.id == turn.id else replies
        return replies

    async def _run(self, turn: Turn) -> list[Message]:
        conversation = await self._work.read(self._journal.find, turn.conversation_id)
        assert conversation is not None
        begun = time.perf_counter()
        drafts, failure = await self._drafts(conversation, turn)
        wishes = None
        if self._requests is not None and wish_of(drafts) is not None:
            wishes = await self._work.read(
                self._requests.noting, conversation.channel, turn, drafts
            )
        # Whether the bot may still speak is decided there, whatever stood here before.
        replies = await self._work.write(
            self._journal.finish, turn, drafts, self._clock(), failure, wishes
        )
        TURN_SECONDS.labels(conversation.channel).observe(time.perf_counter() - begun)
        TURNS.labels(conversation.channel, failure or ("answered" if replies else WITHHELD)).inc()
        self._live.notify(turn.conversation_id)
        self._live.notify(STAFF)
        return replies

    async def _drafts(
        self, conversation: Conversation, turn: Turn
    ) -> tuple[list[Draft], str | None]:
        if conversation.owner is not None or conversation.owner_version != turn.owner_version:
            return [], None
        if not await self._work.read(self._switches.bot_is_on):
            # Nobody but a person can answer it now.
            return [replace(self._words.system("bot_off"), desk={"reason": "off"})], "off"
        request = await self._request(conversation, turn)
        try:
            drafts = render(await self._dialogue.turn(request), self._words.links)
        except DialogueFailure as failure:
            _LOG.error("turn failed", turn=turn.id, reason=failure.reason)
            return [await self._unavailable(turn)], failure.reason
        except Exception as error:
            # Whatever it was: a turn that stays open would block the conversation for good.
            _LOG.error("turn broke", turn=turn.id, error=type(error).__name__)
            return [await self._unavailable(turn)], "broken"
        if not drafts:
            return [await self._unavailable(turn)], "silent"
        if was_masked(str(turn.input["text"])):
            drafts.insert(0, replace(self._words.system("masked"), topic=drafts[0].topic))
        return drafts, None

    async def _unavailable(self, turn: Turn) -> Draft:
        """Nothing can be answered: a person reads it, and who asked for one is told so."""
        asked = turn.input.get("payload") == PERSON
        if asked and self._requests and await self._work.read(self._requests.in_use):
            text = said("noted_without_bot")
            return Draft("system", text, topic="handoff", desk={"reason": "asked"})
        return replace(self._words.system("unavailable"), desk={"reason": "failed"})

    async def _request(self, conversation: Conversation, turn: Turn) -> TurnRequest:
        text, payload = str(turn.input["text"]), turn.input.get("payload")
        if payload is None:
            payload = await self._typed_choice(turn, text)
        if payload is None and asks_to_switch(text):
            payload = SWITCH
        return TurnRequest(
            conversation.dialogue_id, turn.id, conversation.channel, for_dialogue(text), payload
        )

    async def _typed_choice(self, turn: Turn, text: str) -> str | None:
        """The payload of the last offered choice whose label was typed word for word."""
        offered = await self._work.read(self._journal.offered_last, turn.conversation_id, turn.seq)
        words = same_words(text)
        return next((payload for label, payload in offered if same_words(label) == words), None)

    def _inbound(self, client_message_id: str, text: str | None, choice: str | None) -> Inbound:
        kept = None
        if text is not None:
            kept = mask(clean(text))
            if not kept:
                raise InvalidRequest(_EMPTY)
            if len(clean(text)) > MAX_CHARACTERS:
                raise InvalidRequest(_TOO_LONG)
        # A keyed digest: the words themselves (a password?) cannot be guessed from it.
        body = self._digest("text" if choice is None else "choice", text or choice or "")
        return Inbound(client_message_id, body, kept, choice)

    def _welcome(self, conversation: Conversation) -> list[Draft]:
        notice = self._words.system("notice")
        if conversation.member_number is None:
            hello = self._words.system("welcome_guest")
        else:
            corporate = conversation.member_kind == "corporate"
            hello = self._words.system(
                "welcome_member_corporate" if corporate else "welcome_member",
                number=masked_number(conversation.member_number),
            )
        return [notice, replace(hello, author="bot", topic="greet", choices=self._words.menu())]

    def _digest(self, purpose: str, value: str) -> str:
        message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def _spawn(self, work: Coroutine[Any, Any, _Replies]) -> asyncio.Task[_Replies]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

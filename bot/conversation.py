"""The pipe, seen by channels: inbound message -> journal -> `answering` -> replies."""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answering import Answering
from bot.clock import Clock
from bot.dialogue import Dialogue
from bot.errors import ConversationNotFound, InvalidRequest
from bot.handover.contacts import either, taking_contact
from bot.handover.requests import Requests
from bot.identity.mailed_code import MailedCodes
from bot.identity.site_token import VerifiedMember
from bot.live import Live
from bot.locks import Locks, OwnLocks
from bot.messages import Choice, Draft, Message
from bot.store.accepting import NOT_FOUND
from bot.store.journal import Journal
from bot.store.records import WITHHELD, Accepted, Conversation, Heard, Inbound, Taken, TakeText
from bot.store.switches import Switches
from bot.store.work import Work
from bot.text import clean, for_dialogue, mask, masked_number
from bot.wording import OfficeWords

MAX_CHARACTERS = 1000
_MOST_OPENED = 10_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_EMPTY = "メッセージが空です。ひとことお書きください。"
_TOO_LONG = "1回に送れるのは1,000文字までです。分けてお送りください。"


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
        self._secret = secret.encode()
        self._clock = clock
        self._mailed_codes = mailed_codes
        self._takes_contacts = requests is not None
        self._work = work or Work()
        self._opened: OrderedDict[str, str] = OrderedDict()
        self._answering = Answering(
            journal,
            dialogue,
            switches,
            words,
            live,
            clock,
            requests,
            locks or OwnLocks(),
            self._work,
        )
        self.recover = self._answering.recover
        self.finish = self._answering.finish

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
        known = _ID.fullmatch(conversation_id) is not None
        found = await self._work.read(self._journal.find, conversation_id) if known else None
        given = self._digest("access", access_token)
        if found is None or not hmac.compare_digest(found.access_digest, given):
            raise ConversationNotFound(NOT_FOUND)
        return found

    async def opened(self, conversation_id: str, access_token: str) -> str:
        """Like `open`, where nothing but the id is wanted: who had opened it before is known.

        An id and its token belong together for ever; whether the conversation is still there
        shows when something is written into it.
        """
        given = self._digest("access", access_token)
        known = self._opened.get(conversation_id)
        if known is None or not hmac.compare_digest(known, given):
            await self.open(conversation_id, access_token)
            self._opened[conversation_id] = given
            if len(self._opened) > _MOST_OPENED:
                self._opened.popitem(last=False)
        return conversation_id

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
        return await self._exchange(known)

    async def press(
        self, conversation: Conversation, client_message_id: str, choice: Choice
    ) -> Exchange:
        """A button that stands outside the conversation (a menu); its payload is our own."""
        body = self._digest("menu", choice.payload)
        inbound = Inbound(client_message_id, body, choice.label)
        taken = Taken(choice.label, choice.payload)
        accepted = await self._work.put(
            self._journal.accept, conversation.id, inbound, self._clock(), lambda *_: taken
        )
        return await self._exchange(accepted)

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
        accepted = await self._work.put(self._journal.accept, conversation.id, inbound, now)
        replies = await self._work.write(self._journal.finish, accepted.turn, drafts, now)
        self._answering.tell(conversation.id, wanted=conversation.handover_id is not None)
        return Exchange(accepted.message, replies)

    async def post(
        self,
        conversation_id: str,
        client_message_id: str,
        text: str | None = None,
        choice: str | None = None,
        origin: str = "",
    ) -> Exchange:
        """Take a member's message and answer it; the same message again gives the same answer.

        `origin` is the sender's network address, where the channel knows one.
        Raises InvalidRequest, MessageConflict, ConversationNotFound.
        """
        inbound = self._inbound(client_message_id, text, choice)
        codes = self._mailed_codes
        take = codes.taking(text, origin) if codes and text is not None else None
        if text is not None and self._takes_contacts:
            take = either(take, taking_contact(text))
        words = inbound.text
        if words is None or take is not None:
            return await self._posted(conversation_id, inbound, take, None)
        # Nothing in it can be for the app alone (a code, a number, a contact).
        with self._dialogue.expecting(lambda: for_dialogue(words)) as begin:

            def heard() -> None:
                if self._switches.bot_is_on():
                    begin()

            return await self._posted(conversation_id, inbound, None, heard)

    async def _posted(
        self, conversation_id: str, inbound: Inbound, take: TakeText | None, heard: Heard | None
    ) -> Exchange:
        accepted = await self._work.put(
            self._journal.accept, conversation_id, inbound, self._clock(), take, heard
        )
        if accepted.turn.status == WITHHELD:
            # A person has the conversation: it is for them to answer.
            self._answering.tell(conversation_id, wanted=True)
        return await self._exchange(accepted)

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

    async def _exchange(self, accepted: Accepted) -> Exchange:
        return Exchange(accepted.message, await self._answering.answered(accepted))

    def _inbound(self, client_message_id: str, text: str | None, choice: str | None) -> Inbound:
        kept = None
        if text is not None:
            readable = clean(text)
            kept = mask(readable)
            if not kept:
                raise InvalidRequest(_EMPTY)
            if len(readable) > MAX_CHARACTERS:
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

"""Everything that the console may do with conversations, presence and office hours.

The app keeps one as `app.state.handover`. All methods are asynchronous and safe to repeat; who may
do what is decided in the database at the moment of writing, never by what a page showed.
"""

import hashlib
import hmac

from bot.clock import Clock
from bot.handover.desk_notes import DeskNotes, checked
from bot.handover.errors import OwnedByAnother
from bot.handover.hours_store import HoursStore
from bot.handover.inbox import InboxStore
from bot.handover.ownership import Ownership
from bot.handover.presence import Presence
from bot.handover.talk import TalkReader
from bot.handover.views import DeskEvent, Inbox, Note, Present, SavedAnswer, Talk
from bot.handover.words import said
from bot.live import STAFF, Live
from bot.messages import Message
from bot.staff.members import Role, StaffMember
from bot.store.journal import Journal
from bot.store.threads import committed, in_thread
from bot.text import mask_passwords


class HandoverDesk:
    """The console's door to conversations."""

    def __init__(
        self,
        journal: Journal,
        ownership: Ownership,
        lists: InboxStore,
        talks: TalkReader,
        notes: DeskNotes,
        presence: Presence,
        hours: HoursStore,
        live: Live,
        secret: str,
        clock: Clock,
    ) -> None:
        self.hours = hours
        self._journal = journal
        self._ownership = ownership
        self._lists = lists
        self._talks = talks
        self._notes = notes
        self._presence = presence
        self._live = live
        self._secret = secret.encode()
        self._clock = clock

    # --- reading

    async def inbox(self, person: StaffMember) -> Inbox:
        """The list: waiting by the queue's order, mine, others', recently ended."""
        return await in_thread(self._lists.inbox, person.id, self._clock())

    async def talk(self, conversation_id: str) -> Talk:
        """One conversation. Raises ConversationNotFound."""
        return await in_thread(self._talks.talk, conversation_id, self._clock())

    async def messages(self, conversation_id: str, after: int) -> list[Message]:
        """What was said after message `after`."""
        return await in_thread(self._journal.messages, conversation_id, after)

    # --- owning

    async def take(
        self, conversation_id: str, person: StaffMember, from_owner: str | None = None
    ) -> Talk:
        """Take over; taking one's own again changes nothing.

        `from_owner` (a staff id) takes it from that colleague: supervisors always, others only
        where the colleague is not present. Raises OwnedByAnother with the name of who has it,
        ConversationNotFound.
        """
        if from_owner is not None and person.role is not Role.supervisor:
            there = {present.staff_id: present.name for present in await self.present()}
            if from_owner in there and from_owner != person.id:
                name = there[from_owner]
                raise OwnedByAnother(said("errors.too_early", name=name), from_owner, name)
        await committed(self._ownership.take, conversation_id, person, self._clock(), from_owner)
        self._tell(conversation_id)
        return await self.talk(conversation_id)

    async def give_back(
        self, conversation_id: str, person: StaffMember, seen: int | None = None
    ) -> None:
        """The bot goes on where it was; `seen` as in `close`.

        Raises OwnedByAnother, NotYours, Stale, ConversationNotFound.
        """
        await self._end(conversation_id, person, "given_back", seen)

    async def close(
        self, conversation_id: str, person: StaffMember, seen: int | None = None
    ) -> None:
        """The matter is done: said to the member, and the bot has the conversation again.

        A waiting request that was answered by telephone or mail is closed without taking over.
        `seen` is the last message that the page showed. Raises OwnedByAnother, NotYours, Stale
        (the member has written since), ConversationNotFound.
        """
        await self._end(conversation_id, person, "closed", seen)

    async def _end(
        self, conversation_id: str, person: StaffMember, state: str, seen: int | None
    ) -> None:
        await committed(self._ownership.end, conversation_id, person, state, self._clock(), seen)
        self._tell(conversation_id)

    # --- speaking

    async def say(
        self, conversation_id: str, person: StaffMember, client_message_id: str, text: str
    ) -> Message:
        """A person's words to the member, once however often they are sent.

        Raises InvalidRequest (empty, over 1,000 characters), MessageConflict (same id, other
        words), NotYours, OwnedByAnother, ConversationNotFound.
        """
        words = mask_passwords(checked(text))
        digest = hmac.new(self._secret, b"staff\0" + words.encode(), hashlib.sha256).hexdigest()
        now = self._clock()
        message = await committed(
            self._ownership.say, conversation_id, person, client_message_id, digest, words, now
        )
        self._tell(conversation_id)
        return message

    async def typing(self, conversation_id: str, person: StaffMember) -> None:
        """Show the member that somebody writes (for a few seconds); only the owner's is shown."""
        found = await in_thread(self._journal.find, conversation_id)
        if found is not None and found.owner == person.id:
            self._live.signal(conversation_id, "typing", person.name)

    async def add_note(self, conversation_id: str, person: StaffMember, text: str) -> Note:
        """Keep a note for colleagues. Raises InvalidRequest, ConversationNotFound."""
        now = self._clock()
        note = await committed(self._notes.add_note, conversation_id, person, text, now)
        self._live.notify(STAFF)
        return note

    # --- live

    async def events(self, after: int, most: int = 200) -> list[DeskEvent]:
        """What happened after event `after`, oldest first; wait with `live.listening(STAFF)`.

        Listen with a look every few seconds: another process may have written.
        Typing of members comes as signals of that listener: ("typing", conversation_id).
        """
        return await in_thread(self._lists.events, after, most)

    # --- presence and hours

    async def heartbeat(self, person: StaffMember, accepting: bool | None = None) -> Present:
        """The console is open; `accepting` throws the switch. Send it every 15 s."""
        now = self._clock()
        present = await committed(self._presence.heartbeat, person, accepting, now)
        if accepting is not None:
            self._live.notify(STAFF)
        return present

    async def leave(self, person: StaffMember) -> None:
        """Signed out: not present any more."""
        await committed(self._presence.leave, person.id, self._clock())
        self._live.notify(STAFF)

    async def present(self) -> list[Present]:
        """Whose console is open now."""
        return await in_thread(self._presence.present, self._clock())

    # --- saved answers

    async def saved_answers(self, person: StaffMember) -> list[SavedAnswer]:
        """One's own and everybody's, by title."""
        return await in_thread(self._notes.saved, person)

    async def save_answer(
        self,
        person: StaffMember,
        title: str,
        text: str,
        shared: bool = False,
        answer_id: int | None = None,
    ) -> SavedAnswer:
        """Keep a new one, or change one's own (a shared one: supervisors only).

        Raises InvalidRequest, NotAllowed.
        """
        now = self._clock()
        return await committed(self._notes.save, person, title, text, shared, answer_id, now)

    async def delete_answer(self, person: StaffMember, answer_id: int) -> None:
        """Take one away. Raises InvalidRequest, NotAllowed."""
        await committed(self._notes.delete, person, answer_id)

    def _tell(self, conversation_id: str) -> None:
        self._live.notify(conversation_id)
        self._live.notify(STAFF)

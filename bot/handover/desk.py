"""Everything that the console may do with conversations, presence and office hours.

The app keeps one as `app.state.handover`. All methods are asynchronous and safe to repeat; who may
do what is decided in the database at the moment of writing, never by what a page showed.
"""

from datetime import datetime

from bot.handover.views import DeskEvent, Inbox, Note, Present, SavedAnswer, Talk
from bot.messages import Message
from bot.staff.members import StaffMember


class HandoverDesk:
    """The console's door to conversations."""

    # --- reading

    async def inbox(self, person: StaffMember) -> Inbox:
        """The list: waiting by the queue's order, mine, others', recently ended."""
        raise NotImplementedError

    async def talk(self, conversation_id: str) -> Talk:
        """One conversation. Raises ConversationNotFound."""
        raise NotImplementedError

    async def messages(self, conversation_id: str, after: int) -> list[Message]:
        """What was said after message `after`."""
        raise NotImplementedError

    # --- owning

    async def take(
        self, conversation_id: str, person: StaffMember, from_owner: str | None = None
    ) -> Talk:
        """Take over; taking one's own again changes nothing.

        `from_owner` (a staff id) takes it from that colleague: supervisors always, others only
        where the colleague is not present. Raises OwnedByAnother with the name of who has it.
        """
        raise NotImplementedError

    async def give_back(self, conversation_id: str, person: StaffMember) -> None:
        """The bot goes on where it was. Raises OwnedByAnother, NotYours."""
        raise NotImplementedError

    async def close(self, conversation_id: str, person: StaffMember) -> None:
        """The matter is done: said to the member, and the bot has the conversation again.

        A waiting request that was answered by telephone or mail is closed without taking over.
        Raises OwnedByAnother.
        """
        raise NotImplementedError

    # --- speaking

    async def say(
        self, conversation_id: str, person: StaffMember, client_message_id: str, text: str
    ) -> Message:
        """A person's words to the member, once however often they are sent.

        Raises InvalidRequest (empty, over 1,000 characters), MessageConflict (same id, other
        words), NotYours, OwnedByAnother.
        """
        raise NotImplementedError

    async def typing(self, conversation_id: str, person: StaffMember) -> None:
        """Show the member that somebody writes (for a few seconds); only the owner's is shown."""
        raise NotImplementedError

    async def add_note(self, conversation_id: str, person: StaffMember, text: str) -> Note:
        """Keep a note for colleagues. Raises InvalidRequest."""
        raise NotImplementedError

    # --- live

    async def events(self, after: int, most: int = 200) -> list[DeskEvent]:
        """What happened after event `after`, oldest first; wait with `live.listening(STAFF)`.

        Listen with a look every few seconds: another process may have written.
        Typing of members comes as signals of that listener: ("typing", conversation_id).
        """
        raise NotImplementedError

    # --- presence and hours

    async def heartbeat(self, person: StaffMember, accepting: bool | None = None) -> Present:
        """The console is open; `accepting` throws the switch. Send it every 15 s."""
        raise NotImplementedError

    async def leave(self, person: StaffMember) -> None:
        """Signed out: not present any more."""
        raise NotImplementedError

    async def present(self) -> list[Present]:
        """Whose console is open now."""
        raise NotImplementedError

    async def office_line(self, now: datetime | None = None) -> str:
        """「受付中（17時まで）」 or 「受付時間外（次は11月24日（火）9時から）」."""
        raise NotImplementedError

    # --- saved answers

    async def saved_answers(self, person: StaffMember) -> list[SavedAnswer]:
        """One's own and everybody's, by title."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def delete_answer(self, person: StaffMember, answer_id: int) -> None:
        """Take one away. Raises NotAllowed."""
        raise NotImplementedError

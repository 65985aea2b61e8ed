"""A call led through the dialogue: each step is a turn of the case's own conversation.

The dialogue decides and words everything; here steps are kept, and the conversation's identity
follows the case's verification.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import anyio

from actions.domain.calendar import tokyo_date
from actions.domain.recorded import claims_from_registration
from actions.domain.registry import Registry, RegistryRecord
from bot.cases.cases import Cases
from bot.cases.records import Case, CaseState
from bot.clock import Clock
from bot.conversation import Conversations
from bot.errors import InvalidRequest, Unavailable
from bot.locks import Locks
from bot.messages import Draft, Message
from bot.script.acts import Act, read_act
from bot.script.ending import Ending, ending
from bot.script.records import Note, Step, StepKind
from bot.script.screen import Screen, build
from bot.script.store import ScriptStore
from bot.script.taking import taken
from bot.script.words import words
from bot.store.journal import Journal
from bot.store.records import Conversation
from bot.text import clean, mask

CHANNEL = "staff"
_LONGEST_NOTE = 1000
_R = TypeVar("_R")


@dataclass(frozen=True)
class Shown:
    """A case with its screen; `record` is there only for a verified caller.

    `overtaken` says why a step was not taken: another clerk went on first. "" where it was.
    """

    case: Case
    screen: Screen
    record: RegistryRecord | None = field(default=None, repr=False)
    overtaken: str = ""


class Script:
    """Leads calls. Each step is committed before it is shown, so a call can be resumed anywhere."""

    def __init__(
        self,
        conversations: Conversations,
        journal: Journal,
        store: ScriptStore,
        cases: Cases,
        registry: Registry,
        clock: Clock,
        locks: Locks,
    ) -> None:
        self._conversations = conversations
        self._journal = journal
        self._store = store
        self._cases = cases
        self._registry = registry
        self._clock = clock
        self._locks = locks

    @property
    def today(self) -> date:
        """The civil date in Tokyo."""
        return tokyo_date(self._clock())

    async def shown(self, case_id: str) -> Shown:
        """Where the call stands. Raises CaseNotFound."""
        return await _in_thread(self._shown, case_id)

    async def step(
        self, case_id: str, client_id: str, act: str, text: str = "", seen: int | None = None
    ) -> Shown:
        """One step of the call; the same `client_id` again gives the same step.

        `seen` is the last step that the clerk saw. Where another clerk went on meanwhile, nothing
        is taken and the call is shown as it stands: the answer was to another question.
        Raises CaseNotFound, InvalidRequest, MessageConflict, Unavailable.
        """
        wanted = read_act(act, text, self.today)
        async with self._alone(case_id):
            before = await _in_thread(self._before, case_id)
            why = await _in_thread(self._overtaken, before, client_id, seen)
            if why:
                return replace(await _in_thread(self._shown, case_id), overtaken=why)
            return await self._step(before, client_id, wanted)

    async def _step(self, before: "_Before", client_id: str, wanted: Act) -> Shown:
        conversation = await self._conversation(before)
        accepted, replies = await self._turn(conversation, client_id, wanted)
        verified = conversation.member_number is not None
        earlier = [step for step in before.steps if step.seq < accepted.seq]
        step = taken(wanted, accepted, replies, earlier, verified, self._clock())
        return await _in_thread(self._kept, before, step, replies)

    @asynccontextmanager
    async def _alone(self, case_id: str) -> AsyncIterator[None]:
        """One step of a call at a time: the second clerk's is held against what came of the first.

        A name of its own: the turn inside holds the conversation.
        """
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._locks.hold(f"script:{case_id}"))
            except Unavailable:  # its sentence says that the words are kept, which they are not
                raise Unavailable(str(words()["problems"]["busy"])) from None
            yield

    def _overtaken(self, before: "_Before", client_id: str, seen: int | None) -> str:
        """Why the step is not taken; "" where it is, or was before (a form that is sent again)."""
        if before.conversation and self._journal.taken(before.conversation.id, client_id):
            return ""
        problems = words()["problems"]
        if before.case.state is CaseState.closed:
            return str(problems["closed"])
        if before.case.state is not CaseState.open:
            return str(problems["not_open"])
        newest = before.steps[-1].seq if before.steps else 0
        return str(problems["overtaken"]) if seen is not None and seen < newest else ""

    async def add_note(
        self, case_id: str, client_id: str, seq: int, text: str, staff_name: str
    ) -> Shown:
        """A note on a step (`seq`; 0: on the call). Raises CaseNotFound, InvalidRequest."""
        said = mask(clean(text))[:_LONGEST_NOTE]
        if not said:
            raise InvalidRequest(str(words()["problems"]["no_note"]))
        await _in_thread(self._cases.get, case_id)
        note = Note(seq, said, staff_name, self._clock())
        await _in_thread(self._store.add_note, case_id, client_id, note)
        return await _in_thread(self._shown, case_id)

    async def ending(self, case_id: str) -> tuple[Case, Ending]:
        """What the end of the call is filled in with. Raises CaseNotFound."""
        return await _in_thread(self._ending, case_id)

    def _ending(self, case_id: str) -> tuple[Case, Ending]:
        case = self._cases.get(case_id)
        steps, _ = self._store.path(case_id)
        decided = next((step for step in reversed(steps) if step.outcome), None)
        if decided is not None and decided.verified and not case.is_verified(self._clock()):
            decided = None
        facts: dict[str, Any] = {}
        if decided is not None and case.conversation_id:
            messages = self._journal.messages(case.conversation_id, decided.seq)
            facts = next((m.draft.facts for m in messages if m.draft.outcome), {})
        outcome = decided.outcome if decided else None
        calendar = self._registry.calendar()
        return case, ending(outcome, facts, self.today, calendar, case.agreed, case.follow_up_on)

    async def _turn(
        self, conversation: Conversation, client_id: str, act: Act
    ) -> tuple[Message, Sequence[Message]]:
        if act.own is not None:
            exchange = await self._conversations.press(conversation, client_id, act.own)
        else:
            exchange = await self._conversations.post(
                conversation.id, client_id, act.text, act.choice
            )
        return exchange.accepted, exchange.replies

    async def _conversation(self, before: "_Before") -> Conversation:
        case, found = before.case, before.conversation
        if found is None:
            opening = Draft("bot", str(words()["opening"]), topic="greet")
            found = (await self._conversations.begin(CHANNEL, None, None, [opening])).conversation
            await _in_thread(lambda: self._cases.change(case.id, conversation_id=found.id))
        now = self._clock()
        number = case.number if case.is_verified(now) else None
        until = case.verified_until if number else None
        if (found.member_number, found.identity_until) != (number, until):
            await _in_thread(self._store.identify, found.id, case, None, now)
        return replace(found, member_number=number, identity_until=until)

    def _before(self, case_id: str) -> "_Before":
        case = self._cases.get(case_id)
        found = self._journal.find(case.conversation_id) if case.conversation_id else None
        return _Before(case, found, *self._store.path(case_id))

    def _kept(self, before: "_Before", step: Step, replies: Sequence[Message]) -> Shown:
        self._store.add(before.case.id, step)
        newest = all(other.seq < step.seq for other in before.steps)
        if not newest or step.kind is StepKind.failed:
            return self._shown(before.case.id)
        return self._show(before.case, [*before.steps, step], before.notes, replies)

    def _shown(self, case_id: str) -> Shown:
        case = self._cases.get(case_id)
        steps, notes = self._store.path(case_id)
        good = [step.seq for step in steps if step.kind is not StepKind.failed]
        messages: list[Message] = []
        if case.conversation_id and good:
            messages = self._journal.messages(case.conversation_id, good[-1])
        return self._show(case, steps, notes, messages)

    def _show(
        self, case: Case, steps: Sequence[Step], notes: Sequence[Note], messages: Sequence[Message]
    ) -> Shown:
        record, recorded = None, None
        if case.number and case.is_verified(self._clock()):
            record = self._registry.look_up(case.number)
            recorded = claims_from_registration(record.registration if record else None)
        return Shown(case, build(messages, steps, notes, recorded, self.today), record)


@dataclass(frozen=True)
class _Before:
    """A call before a step."""

    case: Case
    conversation: Conversation | None
    steps: list[Step]
    notes: list[Note]


async def _in_thread(call: Callable[..., _R], *args: object) -> _R:
    return await anyio.to_thread.run_sync(lambda: call(*args))

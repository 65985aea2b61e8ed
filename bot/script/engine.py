"""A call led through the dialogue: each step is a turn of the case's own conversation.

The dialogue decides and words everything; here steps are kept, and the conversation's identity
follows the case's verification.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

import anyio

from actions.domain.calendar import tokyo_date
from actions.domain.recorded import claims_from_registration
from actions.domain.registry import Registry, RegistryRecord
from bot.cases.cases import Cases
from bot.cases.records import Case, CaseConflict, CaseState
from bot.clock import Clock
from bot.conversation import Conversations
from bot.errors import InvalidRequest
from bot.messages import Draft, Message
from bot.script.acts import Act, read_act
from bot.script.ending import Ending, ending
from bot.script.records import Note, Source, Step, StepKind
from bot.script.screen import Screen, build
from bot.script.store import ScriptStore
from bot.script.words import words
from bot.store.journal import DONE, Journal
from bot.store.records import Conversation
from bot.text import clean, mask

CHANNEL = "staff"
_LONGEST_NOTE = 1000
_R = TypeVar("_R")


@dataclass(frozen=True)
class Shown:
    """A case with its screen; `record` is there only for a verified caller."""

    case: Case
    screen: Screen
    record: RegistryRecord | None = field(default=None, repr=False)


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
    ) -> None:
        self._conversations = conversations
        self._journal = journal
        self._store = store
        self._cases = cases
        self._registry = registry
        self._clock = clock

    @property
    def today(self) -> date:
        """The civil date in Tokyo."""
        return tokyo_date(self._clock())

    async def shown(self, case_id: str) -> Shown:
        """Where the call stands. Raises CaseNotFound."""
        return await _in_thread(self._shown, case_id)

    async def step(self, case_id: str, client_id: str, act: str, text: str = "") -> Shown:
        """One step of the call; the same `client_id` again gives the same step.

        Raises CaseNotFound, CaseConflict (not open), InvalidRequest, MessageConflict.
        """
        wanted = read_act(act, text, self.today)
        case = await _in_thread(self._cases.get, case_id)
        _check_open(case)
        conversation = await self._conversation(case)
        steps, _ = await _in_thread(self._store.path, case_id)
        accepted, replies = await self._turn(conversation, client_id, wanted)
        step = await self._taken(conversation, client_id, wanted, steps, accepted, replies)
        await _in_thread(self._store.add, case_id, step)
        return await _in_thread(self._shown, case_id)

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
            exchange = await self._conversations.post(conversation, client_id, act.text, act.choice)
        return exchange.accepted, exchange.replies

    async def _taken(
        self,
        conversation: Conversation,
        client_id: str,
        act: Act,
        steps: Sequence[Step],
        accepted: Message,
        replies: Sequence[Message],
    ) -> Step:
        known = await _in_thread(self._journal.taken, conversation.id, client_id)
        failed = known is None or known[0].status != DONE
        earlier = [step for step in steps if step.seq < accepted.seq]
        before = earlier[-1].answers if earlier else {}
        answers = next(
            (m.draft.facts["answers"] for m in reversed(replies) if "answers" in m.draft.facts),
            before,
        )
        good = [step.seq for step in earlier if step.kind is not StepKind.failed]
        since = good[-1] if good else 0
        question = await _in_thread(self._asked, conversation.id, since, accepted.seq)
        return Step(
            seq=accepted.seq,
            kind=_kind(act, failed, answers != before),
            said=accepted.draft.text,
            question=question,
            topic=next((m.draft.topic for m in replies if m.draft.topic), None),
            outcome=next((m.draft.outcome for m in reversed(replies) if m.draft.outcome), None),
            answers=before if failed else dict(answers),
            source=Source.staff if act.changes in before else Source.caller,
            at=self._clock(),
            verified=conversation.member_number is not None,
        )

    def _asked(self, conversation_id: str, since: int, before: int) -> str | None:
        messages = self._journal.messages(conversation_id, since)
        told = [m.draft for m in messages if m.seq < before and m.draft.author == "bot"]
        return told[-1].question if told else None

    async def _conversation(self, case: Case) -> Conversation:
        found = None
        if case.conversation_id is not None:
            found = await self._conversations.find(case.conversation_id)
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

    def _shown(self, case_id: str) -> Shown:
        case = self._cases.get(case_id)
        steps, notes = self._store.path(case_id)
        good = [step.seq for step in steps if step.kind is not StepKind.failed]
        messages: list[Message] = []
        if case.conversation_id and good:
            messages = self._journal.messages(case.conversation_id, good[-1])
        record, recorded = None, None
        if case.number and case.is_verified(self._clock()):
            record = self._registry.look_up(case.number)
            recorded = claims_from_registration(record.registration if record else None)
        return Shown(case, build(messages, steps, notes, recorded, self.today), record)


def _kind(act: Act, failed: bool, answered: bool) -> StepKind:
    if failed:
        return StepKind.failed
    if answered:
        return StepKind.answer
    return StepKind.words if act.text is not None else StepKind.topic


def _check_open(case: Case) -> None:
    if case.state is CaseState.closed:
        raise CaseConflict(str(words()["problems"]["closed"]))
    if case.state is not CaseState.open:
        raise CaseConflict(str(words()["problems"]["not_open"]))


async def _in_thread(call: Callable[..., _R], *args: object) -> _R:
    return await anyio.to_thread.run_sync(lambda: call(*args))

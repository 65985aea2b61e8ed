"""What a person does in the inbox. Forms without a script, requests in the background with one."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.staff.access import SignedIn
from bot.channels.staff.inbox_page import desk_of, note, show
from bot.errors import NaviError
from bot.handover.desk import HandoverDesk

ConversationId = Annotated[str, Path(max_length=64)]
Text = Annotated[str, Form(max_length=20_000)]
# The last message that the page showed; nobody ends a talk over words that they have not read.
Seen = Annotated[int | None, Form(ge=0, le=2**31 - 1)]
router = APIRouter(prefix="/inbox/{conversation_id}")


@dataclass(frozen=True)
class Act:
    """What a person does in one conversation."""

    request: Request
    person: SignedIn
    conversation_id: ConversationId

    @property
    def desk(self) -> HandoverDesk:
        """Where it is done."""
        return desk_of(self.request)

    async def answer(
        self, done: Awaitable[object], event: str | None = None, unsent: str = ""
    ) -> Response:
        """Do it; `event` is what the audit trail calls it.

        Without a script the page comes back, with the refusal's sentence and the unsent words.
        """
        in_background = "application/json" in self.request.headers.get("accept", "")
        try:
            await done
            if event is not None:
                await note(self.request, self.person, event, self.conversation_id)
        except NaviError as refusal:
            if in_background:
                raise
            return await show(self.request, self.person, self.conversation_id, refusal, unsent)
        if in_background:
            return Response(status_code=204)
        return RedirectResponse(f"/staff/inbox/{self.conversation_id}", 303)


Acting = Annotated[Act, Depends()]


@router.post("/take")
async def take(act: Acting) -> Response:
    """引き受ける. Says who has it where somebody was faster."""
    return await act.answer(act.desk.take(act.conversation_id, act.person), "conversation_taken")


@router.post("/take-over")
async def take_over(act: Acting, from_owner: Annotated[str, Form(max_length=64)]) -> Response:
    """代わりに引き受ける: from the colleague whom the page showed."""
    taken = act.desk.take(act.conversation_id, act.person, from_owner)
    return await act.answer(taken, "conversation_taken")


@router.post("/release")
async def release(act: Acting, seen: Seen = None) -> Response:
    """自動案内に戻す."""
    returned = act.desk.give_back(act.conversation_id, act.person, seen)
    return await act.answer(returned, "conversation_returned")


@router.post("/close")
async def close(act: Acting, seen: Seen = None) -> Response:
    """終了する."""
    closed = act.desk.close(act.conversation_id, act.person, seen)
    return await act.answer(closed, "conversation_closed")


@router.post("/say")
async def say(act: Acting, text: Text, client_id: Annotated[str, Form(max_length=36)]) -> Response:
    """A person's words to the member; the same `client_id` again says nothing twice."""
    said = act.desk.say(act.conversation_id, act.person, client_id, text.replace("\r\n", "\n"))
    return await act.answer(said, unsent=text)


@router.post("/note")
async def add_note(act: Acting, text: Text) -> Response:
    """A note for colleagues."""
    words = text.replace("\r\n", "\n")
    return await act.answer(act.desk.add_note(act.conversation_id, act.person, words))


@router.post("/typing", status_code=204)
async def typing(act: Acting) -> Response:
    """Somebody writes: shown to the member for some seconds."""
    await act.desk.typing(act.conversation_id, act.person)
    return Response(status_code=204)

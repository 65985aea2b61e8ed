"""`actions.handlers.desk.Identity` over the app's database."""

from collections.abc import Sequence

from actions.handlers.desk import NumberOption
from bot.identity.mailed_code import MailedCodes
from bot.identity.numbers import Numbers
from bot.store.threads import in_thread
from bot.store.work import Work
from bot.wording import number_label


class AppIdentity:
    """What the handlers may do; no number and no code passes here in clear."""

    def __init__(
        self, mailed_codes: MailedCodes, numbers: Numbers, work: Work | None = None
    ) -> None:
        self._mailed_codes = mailed_codes
        self._numbers = numbers
        self._work = work or Work()

    @property
    def offered(self) -> bool:
        """Whether codes can be mailed."""
        return self._mailed_codes.offered

    async def ask_number(self, conversation_id: str) -> None:
        """Wait for a registration number in the member's next messages."""
        await in_thread(self._mailed_codes.begin, _own_id(conversation_id))

    async def resend(self, conversation_id: str) -> str:
        """Mail another code; gives the step, or number where it has to be asked anew."""
        step = await in_thread(self._mailed_codes.resend, _own_id(conversation_id))
        return step.value if step else "number"

    async def numbers(self, conversation_id: str) -> Sequence[NumberOption]:
        """The numbers that the speaker's proof opens; none for guests."""
        own = await self._work.read(self._numbers.of, _own_id(conversation_id))
        return [NumberOption(n.value, number_label(n.kind, n.number), n.current) for n in own]

    async def switch(self, conversation_id: str, value: str) -> bool:
        """Speak of another of these numbers; False where it is none of them."""
        return await in_thread(self._numbers.switch, _own_id(conversation_id), value)


def _own_id(dialogue_id: str) -> str:
    """The app's id of the dialogue's conversation ("<id>~<epoch>")."""
    return dialogue_id.partition("~")[0]

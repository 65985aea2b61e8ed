"""What is answered to 「連携」, 「連携解除」 and to the end of LINE's account link."""

from dataclasses import replace

import structlog

from bot.channels.line import flex
from bot.channels.line.account import Account
from bot.channels.line.client import LineRefused, LineUncertain
from bot.channels.line.records import Source, Waiting
from bot.channels.line.talks import Answer, Talks
from bot.channels.line.words import draft, menu_choice, words
from bot.text import masked_number

_LOG = structlog.get_logger()
_OTHER_WAYS = ("procedure_check", "handoff")


class Linking:
    """Answers about the account link."""

    def __init__(self, account: Account, talks: Talks) -> None:
        self._account = account
        self._talks = talks

    async def begin(self, event: Waiting, source: Source) -> Answer:
        """The button to the member site's login."""
        said, own = words()["link"], self._talks.own
        if not self._account.is_on:
            ways = tuple(c for key in _OTHER_WAYS if (c := menu_choice(key)))
            return await own(event, source, "link", [draft(said["not_offered"], ways)])
        if source.member_number:
            text = said["already"].format(number=masked_number(source.member_number))
            return await own(event, source, "link", [draft(text)])
        try:
            url = await self._account.login_page(source)
        except (LineRefused, LineUncertain) as error:
            _LOG.error("no link token", error=type(error).__name__)
            return await own(event, source, "link", [draft(said["unavailable"])])
        answer = await own(event, source, "link", [draft(said["start"])])
        return replace(answer, extra=[flex.link_button(said["button"], url)])

    async def undo(self, event: Waiting, source: Source) -> Answer:
        """Unlink; a guest's conversation begins."""
        own = self._talks.own
        if not source.member_number and event.conversation_id is None:
            return await own(event, source, "unlink", [draft(self._with_again("not_linked"))])
        again = await self._person_again(source)
        await self._account.forget(source)
        # What was said with the record in view is no part of a guest's conversation.
        source = replace(source, conversation_id=None, member_number=None)
        return await own(
            event, source, "unlink", [self._talks.menu(self._with_again("undone") + again)]
        )

    async def ended(self, event: Waiting, source: Source) -> Answer:
        """The accountLink event: linked, or why not."""
        said, nonce = words()["link"], event.body.get("nonce")
        number = None
        if event.body.get("result") == "ok" and nonce:
            number = await self._account.link(source, str(nonce), event.id)
        if number is None:
            return await self._talks.own(
                event, source, "linked", [draft(self._with_again("failed"))]
            )
        again = await self._person_again(source)
        # A linked member's conversation is a new one, as after a login on the website.
        source = replace(source, conversation_id=None, member_number=number)
        talk = await self._talks.of(event, source)
        await self._account.note_proof(number, talk.id)
        event = replace(event, conversation_id=talk.id)
        text = said["done"].format(number=masked_number(number))
        return await self._talks.own(event, source, "linked", [self._talks.menu(text + again)])

    def _with_again(self, name: str) -> str:
        """The words, and how to link (again) where that is possible."""
        said = words()["link"]
        return f"{said[name]}{said['again']}" if self._account.is_on else str(said[name])

    async def _person_again(self, source: Source) -> str:
        """Who waits for a person in the talk that ends is told to ask again: theirs is lost."""
        waits = await self._talks.wants_person(source)
        return "\n\n" + words()["link"]["person_again"] if waits else ""

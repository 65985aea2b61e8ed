"""Switches that staff throw while the product runs; read at most once a second."""

import time
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from bot.database import reading
from bot.store.tables import SwitchRow

_SECONDS_REMEMBERED = 1.0
BOT = "bot"


class Switches:
    """The bot's main switch (`navi bot on|off`)."""

    def __init__(self, session_factory: sessionmaker[Session]) -> None:
        self._sessions = session_factory
        self._bot = True
        self._read_at = float("-inf")

    def bot_is_on(self) -> bool:
        """Whether the bot answers; a change is seen within a second."""
        now = time.monotonic()
        if now - self._read_at >= _SECONDS_REMEMBERED:
            with reading(self._sessions) as session:
                row = session.get(SwitchRow, BOT)
            self._bot, self._read_at = row is None or row.on, now
        return self._bot

    def set_bot(self, on: bool, now: datetime) -> None:
        """Throw the switch, for all processes."""
        with self._sessions.begin() as session:
            session.merge(SwitchRow(name=BOT, on=on, changed_at=now))

"""Ports of the handlers for tests that are about something else."""

from actions.handlers.desk import Promise


class Nobody:
    """Nobody works with the console: the telephone."""

    async def promise(self, conversation_id: str) -> Promise:
        """As actions.handlers.desk.Handover."""
        return Promise("telephone")


NOBODY = Nobody()

"""What an admin may see of the bot from their private chat with it."""

import asyncio
from collections.abc import Callable

from bot.admin.status import report
from bot.assistant import Assistant
from bot.chats.request import Asked, Handler
from bot.text.message import foreign, join
from bot.transport.sender import Courier


class StatusDesk:
    """Says how the bot does; `running` is how far a reindex is."""

    def __init__(self, assistant: Assistant, courier: Courier, running: Callable[[], str]) -> None:
        self._assistant = assistant
        self._courier = courier
        self._running = running

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"status": self._status}

    async def _status(self, asked: Asked) -> None:
        assistant = self._assistant
        lines = await asyncio.to_thread(
            report, assistant.database, assistant.store, assistant.generations, self._running(),
            assistant.absence,
        )  # fmt: skip
        await self._courier.say(asked, *join([foreign(line) for line in lines], "\n"))

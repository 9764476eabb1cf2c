"""What an admin may see of the bot from their private chat with it."""

import asyncio
from collections.abc import Callable

from bot.admin.status import report
from bot.assistant import Assistant
from bot.chats.request import Handler, Request
from bot.text.message import foreign, join
from bot.transport.sender import Sender


class StatusDesk:
    """Says how the bot does; `running` is how far a reindex is."""

    def __init__(self, assistant: Assistant, sender: Sender, running: Callable[[], str]) -> None:
        self._assistant = assistant
        self._sender = sender
        self._running = running

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"status": self._status}

    async def _status(self, request: Request) -> None:
        assistant = self._assistant
        lines = await asyncio.to_thread(
            report,
            assistant.database,
            assistant.store,
            assistant.generations,
            self._running(),
            assistant.outage,
        )
        await self._sender.say(request, *join([foreign(line) for line in lines], "\n"))

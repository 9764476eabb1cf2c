"""What an admin may do from their private chat with the bot."""

import asyncio
import logging

from telegram import Message
from telegram.error import TelegramError

from bot.assistant import Assistant
from bot.errors import Failure, apology
from bot.updates import Asked, Handler
from bot.words import words_for
from corpus.errors import CitewireError
from index.progress import Brake

log = logging.getLogger(__name__)

STARTED = "Reindexing … people are answered as before meanwhile."
MAX_CHARACTERS = 2000  # of what is said of a reindex: refusals may be many
BUSY = "I am reindexing already, and will say when that is done."


class Admin:
    """Handlers for admins; one reindex at a time, on a thread of its own."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._running: asyncio.Task[None] | None = None
        self._brake = Brake()

    def table(self) -> dict[str, Handler]:
        """Every command and what handles it."""
        return {"reindex": self._reindex}

    async def _reindex(self, asked: Asked) -> None:
        """/reindex brings the index up to the article files, and says what that did."""
        if self._running and not self._running.done():
            await asked.message.reply_text(BUSY)
            return
        log.info("An admin asked for a reindex.")
        told = await asked.message.reply_text(STARTED)
        self._running = asyncio.create_task(self._run(told))

    async def stop(self) -> None:
        """Stop a reindex that is running; the index serves as before."""
        self._brake.stop()
        if self._running:
            await self._running

    async def _run(self, told: Message) -> None:
        try:
            said = await asyncio.to_thread(self._bring_up)
        except CitewireError as error:
            said = str(error)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task but `stop`
            said = apology(Failure.of(error).reference, words_for(None))
        try:
            await told.edit_text(said)
        except TelegramError as error:
            log.warning("What became of the reindex could not be told: %s", error)

    def _bring_up(self) -> str:
        taken = self._assistant.take_in()
        report = self._assistant.reindex(brake=self._brake)
        refused = [f"Not taken in: {refusal}" for refusal in taken.refused]
        return "\n".join([report.sentence(), *refused])[:MAX_CHARACTERS]

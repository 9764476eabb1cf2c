"""The life of the Telegram bot, from start to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.app import put_together
from bot.assistant import Assistant
from bot.chats.introduction import introduce
from bot.chats.request import ALLOWED
from bot.config import Config
from bot.recovery import RETRY_EVERY
from bot.text.message import Message
from bot.text.words import words_for
from bot.transport.errors import OUTAGE_SECONDS, apology
from bot.transport.inbox import Inbox
from bot.transport.sender import Place, Undeliverable
from bot.transport.webhook import Listener
from corpus.errors import CitewireError
from index.errors import Away

log = logging.getLogger("citewire")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 4.0  # for the poll and for a reindex to end: PTB may sleep for minutes after an error
FORGET_EVERY = 3600.0  # seconds between two times of forgetting what is old
AFTER_FAILURE = 60.0
LOOK_EVERY = 1.0  # seconds between two looks for new and changed articles, which another process may store


def serve(assistant: Assistant) -> None:
    """Answer in Telegram until SIGTERM or SIGINT; CitewireError where the token is not accepted."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # else each 429 warns that its type will change

    async def run() -> None:
        await Server(assistant).run()

    asyncio.run(run())


class Server:
    """One run of the bot: connect, answer, stop."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._search_thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._parts = put_together(assistant, self._search_thread)
        self._app = self._parts.app
        if self._app.updater is None:
            raise RuntimeError("PTB built no updater")
        self._updater = self._app.updater
        self._listener = _listener(assistant.config, self._parts.inbox)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Answer until told to stop."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop.set)
        loop.run_in_executor(self._search_thread, self._warm_up)
        try:
            if await self._connected():
                await self._answer()
        finally:
            await self._app.shutdown()
            await self._app.bot.shutdown()  # which PTB leaves open where Telegram never answered
            self._search_thread.shutdown()
            for number in STOP_SIGNALS:  # one that comes now must not kill what ends anyway
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)

    def _warm_up(self) -> None:
        with suppress(Away):
            self._assistant.warm_up()

    async def _connected(self) -> bool:
        """Whether updates come in; waits while Telegram is away, until told to stop."""
        while not self._stop.is_set():
            try:
                await self._app.initialize()
                await self._let_in()
            except InvalidToken:
                raise CitewireError(
                    "Telegram does not accept TELEGRAM_BOT_TOKEN: copy it again from BotFather."
                ) from None
            except TelegramError as error:
                log.warning("Telegram can't be reached, trying again: %s", error)
                await self._pause(OUTAGE_SECONDS)
            else:
                return True
        return False

    async def _let_in(self) -> None:
        """Have Telegram post the updates where that is set, else fetch them."""
        if self._listener is None:
            await self._updater.start_polling(allowed_updates=ALLOWED, error_callback=_log_polling_error)
            return
        config = self._assistant.config
        try:
            await self._app.bot.set_webhook(
                config.webhook_url, secret_token=config.webhook_secret, allowed_updates=ALLOWED
            )
        except BadRequest as error:
            raise CitewireError(f"Telegram does not accept CITEWIRE_WEBHOOK_URL: {error}.") from None
        await self._listener.start()

    async def _answer(self) -> None:
        inbox, broadcast, poller = self._parts.inbox, self._parts.broadcast, self._parts.poller
        indexing, reindex_work = self._parts.indexing, self._parts.reindex_work
        work = asyncio.create_task(inbox.work(self._handle, self._give_up))
        reindex_work.start()
        poller.start()
        broadcasting = asyncio.create_task(broadcast.work())
        rounds = [asyncio.create_task(self._go_round(*each)) for each in self._rounds()]
        log.info("Answering as @%s.", self._app.bot.username)
        await introduce(self._parts.sender.bot, self._assistant.database)
        await self._stop.wait()
        log.info("Stopping.")
        no_more = self._listener.stop() if self._listener else self._updater.stop()
        ending = map(_ended, (no_more, reindex_work.stop(), indexing.stop(), poller.stop()))
        await asyncio.gather(inbox.stop(), broadcast.stop(), *ending)
        for each in rounds:
            each.cancel()  # what is not finished begins again at the next start
        await asyncio.gather(work, broadcasting, self._parts.edits.stop())
        await asyncio.gather(*rounds, return_exceptions=True)

    async def _handle(self, payload: dict[str, Any]) -> None:
        await self._app.process_update(Update.de_json(payload, self._app.bot))

    async def _give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tell who wrote something that it failed; taps were answered, and who types inline types on."""
        update = Update.de_json(payload, self._app.bot)
        message, person = update.message, update.effective_user
        if message is None:
            return
        place = Place.of(message)
        code = person.language_code if person else None
        words = words_for(self._parts.chats.get(place.chat).language or code)
        reply_to = message.message_id if place.chat < 0 else None
        try:
            await self._parts.sender.send(place, Message(apology(reference, words)), reply_to)
        except (TelegramError, Undeliverable) as error:
            log.warning("Chat could not be told of failure %s: %s", reference, error)

    def _rounds(self) -> list[tuple[Callable[[], Awaitable[None]], float]]:
        """What is done again and again, and after how many seconds."""
        parts = self._parts
        return [
            (parts.people.forget_old, FORGET_EVERY),
            (parts.matching.once, LOOK_EVERY),
            (parts.corrections.once, LOOK_EVERY),
            (parts.recovery.look, RETRY_EVERY),
            (parts.recovery.catch_up, RETRY_EVERY),
        ]

    async def _go_round(self, do: Callable[[], Awaitable[None]], seconds: float) -> None:
        while not self._stop.is_set():
            try:
                await do()
            except Exception:
                log.exception("What is done again and again failed; it is tried again later.")
                await self._pause(AFTER_FAILURE)
            await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after being told to stop."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


def _listener(config: Config, inbox: Inbox) -> Listener | None:
    """What takes posted updates; None where they are fetched."""
    if not config.webhook_url:
        return None
    return Listener(
        inbox.put,
        secret=config.webhook_secret,
        path=config.webhook_path,
        host=config.webhook_host,
        port=config.webhook_port,
    )


async def _ended(ending: Awaitable[None]) -> None:
    """Wait until something has ended, but not for long."""
    try:
        await asyncio.wait_for(ending, STOP_SECONDS)
    except TimeoutError:
        log.warning("Not everything ended in time; it is taken up at the next start.")


def _log_polling_error(error: TelegramError) -> None:
    log.error("Fetching updates failed, trying again: %s", error)

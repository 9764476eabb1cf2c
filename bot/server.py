"""Runs the Telegram bot from start to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from telegram import Update
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.app import put_together
from bot.assistant import Assistant
from bot.chats.introduction import introduce
from bot.chats.request import ALLOWED
from bot.config import Config
from bot.indexing import RETRY_EVERY
from bot.posting.corrections import correct
from bot.posting.watch_matcher import ask_watches
from bot.privacy import forget_old
from bot.text import Message, words_for
from bot.transport import OUTAGE_SECONDS, BackgroundWorker, Inbox, Place, Undeliverable, apology, comes
from bot.transport.webhook import Listener
from corpus.errors import CitewireError
from index.errors import Away

log = logging.getLogger("citewire")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 4.0  # for polling and a reindex to end: PTB may sleep for minutes after an error
FORGET_EVERY = 3600.0  # seconds between deletions of old data
AFTER_FAILURE = 60.0
LOOK_EVERY = 1.0  # seconds between checks for articles that another process stored or changed


def serve(assistant: Assistant) -> None:
    """Runs the bot until SIGTERM or SIGINT; raises CitewireError if the token is rejected."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # otherwise PTB warns about it on each 429

    async def run() -> None:
        await Server(assistant).run()

    asyncio.run(run())


class Server:
    """One run of the bot: connect, answer, stop."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._parts = put_together(assistant)
        self._app = self._parts.app
        if self._app.updater is None:
            raise RuntimeError("PTB built no updater")
        self._updater = self._app.updater
        self._listener = _listener(assistant.config, self._parts.inbox)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Answers until told to stop."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop.set)
        warming = asyncio.create_task(self._warm_up())
        try:
            if await self._connected():
                await self._answer()
        finally:
            await self._app.shutdown()
            await self._app.bot.shutdown()  # PTB leaves it open if Telegram never answered
            await warming
            for number in STOP_SIGNALS:  # a second signal must not kill a clean shutdown
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)

    async def _warm_up(self) -> None:
        try:
            await self._assistant.searching(self._assistant.warm_up)
        except Away:
            return
        except Exception:
            log.exception("The models could not be loaded; each question tries again.")

    async def _connected(self) -> bool:
        """Waits until updates arrive; returns False if stopped first."""
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
                await comes(self._stop, OUTAGE_SECONDS)
            else:
                return True
        return False

    async def _let_in(self) -> None:
        """Starts the webhook if configured, else long polling."""
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
        parts, services = self._parts, self._parts.services
        work = asyncio.create_task(parts.inbox.work(self._handle, self._give_up))
        rounds = self._rounds()
        starts = [each.start for each in rounds]
        for start in (parts.reindexes.start, parts.poller.start, parts.broadcast.start, *starts):
            start()
        log.info("Answering as @%s.", services.bot_name)
        await introduce(services.sender.bot, services.database, parts.router)
        await self._stop.wait()
        log.info("Stopping.")
        for each in rounds:
            each.stopping.set()  # begins nothing more; what it does now is cancelled last
        no_more = self._listener.stop() if self._listener else self._updater.stop()
        ending = (no_more, parts.reindexes.stop(), services.indexing.stop(), parts.poller.stop())
        await asyncio.gather(parts.inbox.stop(), parts.broadcast.stop(), *map(_ended, ending))
        # Unfinished work resumes at the next start.
        await asyncio.gather(work, services.edits.stop(), *(each.stop(cancel=True) for each in rounds))

    async def _handle(self, payload: dict[str, Any]) -> None:
        await self._app.process_update(Update.de_json(payload, self._app.bot))

    async def _give_up(self, payload: dict[str, Any], reference: str) -> None:
        """Tells the sender of a message that it failed; taps and inline queries need no apology."""
        update = Update.de_json(payload, self._app.bot)
        message, person = update.message, update.effective_user
        if message is None:
            return
        place = Place.of(message)
        code = person.language_code if person else None
        words = words_for(self._parts.services.chats.get(place.chat).language or code)
        reply_to = message.message_id if place.chat < 0 else None
        try:
            await self._parts.services.sender.send(place, Message(apology(reference, words)), reply_to)
        except (TelegramError, Undeliverable) as error:
            log.warning("A chat could not be notified of failure %s: %s", reference, error)

    def _rounds(self) -> list[BackgroundWorker]:
        """Returns a worker for each periodic task."""
        services, probe = self._parts.services, self._parts.probe
        steps: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (partial(forget_old, services), FORGET_EVERY),
            (partial(ask_watches, services), LOOK_EVERY),
            (partial(correct, services), LOOK_EVERY),
            (probe.look, RETRY_EVERY),
            (probe.catch_up, RETRY_EVERY),
        ]
        return [BackgroundWorker(step, every, AFTER_FAILURE) for step, every in steps]


def _listener(config: Config, inbox: Inbox) -> Listener | None:
    """Returns the webhook listener, or None for long polling."""
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
    """Waits for a shutdown step, at most STOP_SECONDS."""
    try:
        await asyncio.wait_for(ending, STOP_SECONDS)
    except TimeoutError:
        log.warning("Shutdown timed out; unfinished work resumes at the next start.")


def _log_polling_error(error: TelegramError) -> None:
    log.error("Fetching updates failed, trying again: %s", error)

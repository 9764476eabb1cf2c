"""The Telegram bot put together, and its life from start to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from telegram import BotCommandScopeAllPrivateChats, Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, BaseHandler, CommandHandler, MessageHandler, filters
from telegram.request import HTTPXRequest

from bot import texts
from bot.admin import Admin
from bot.assistant import Assistant
from bot.config import Config
from bot.errors import OUTAGE_SECONDS, Failure, apology
from bot.inbox import AT_ONCE, Inbox
from bot.limiter import Pacer
from bot.questions import Questions
from bot.updates import ALLOWED, Context, FromAdmin, NewPrivate
from bot.wire import DiscreetBot, UpdatesRequest
from corpus.errors import CitewireError

log = logging.getLogger("citewire")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 4.0  # for the poll and for a reindex to end: PTB may sleep for minutes after an error

Handlers = dict[int, Sequence[BaseHandler[Any, Any, Any]]]

# What carries no text of its own, though it may have a caption.
ATTACHED = (
    (~filters.SUCCESSFUL_PAYMENT & filters.ATTACHMENT)  # PTB warns of payments, which are to be none
    | filters.POLL
    | filters.Dice.ALL
    | filters.LOCATION
    | filters.CONTACT
    | filters.STORY
)


def serve(assistant: Assistant) -> None:
    """Answer in Telegram until SIGTERM or SIGINT; CitewireError where the token is not accepted."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # else each 429 warns that its type will change
    asyncio.run(Server(assistant).run())


def handlers(questions: Questions, admin: Admin, admins: frozenset[int]) -> Handlers:
    """Every handler, by group: the first that fits takes the update, in one group after the other."""
    private, from_admin = NewPrivate(), FromAdmin(admins)
    return {
        0: [MessageHandler(from_admin, admin.show_menu)],
        1: [
            CommandHandler("start", questions.says(texts.START), private),
            CommandHandler("help", questions.says(texts.HELP), private),
            CommandHandler("privacy", questions.says(texts.PRIVACY), private),
            CommandHandler("articles", questions.articles, private),
            CommandHandler("ask", questions.ask, private),
            CommandHandler("reindex", admin.reindex, from_admin),
            MessageHandler(private & filters.COMMAND, questions.unknown_command),
            MessageHandler(private & filters.TEXT & ~filters.COMMAND, questions.text),
            MessageHandler(private & ATTACHED, questions.says(texts.TEXT_ONLY)),
        ],
    }


def build(config: Config, inbox: Inbox, wired: Handlers) -> Application[Any, Any, Any, Any, Any, Any]:
    """PTB's application on our bot, queue and handlers; what fails is reported to the inbox."""
    bot = DiscreetBot(
        config.token,
        base_url=config.base_url,
        base_file_url=config.base_file_url,
        request=HTTPXRequest(connection_pool_size=2 * AT_ONCE),
        get_updates_request=UpdatesRequest(connection_pool_size=1),
        rate_limiter=Pacer(),
    )
    application = ApplicationBuilder().bot(bot).update_queue(inbox).job_queue(None).build()
    application.add_handlers(wired)

    async def on_error(update: object, context: Context) -> None:
        """The one error handler: the log first, then whoever waits for the outcome."""
        failure = Failure.of(context.error or RuntimeError("an error without an exception"))
        if isinstance(update, Update):
            inbox.failed(update.update_id, failure)

    application.add_error_handler(on_error)
    return application


class Server:
    """One run of the bot: connect, answer, stop."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._config = assistant.config
        self._search_thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._inbox = Inbox(assistant.database)
        self._admin = Admin(assistant)
        questions = Questions(assistant, self._search_thread)
        wired = handlers(questions, self._admin, self._config.admins)
        self._app = build(self._config, self._inbox, wired)
        if self._app.updater is None:
            raise RuntimeError("PTB built no updater")
        self._updater = self._app.updater
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Answer until told to stop."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop.set)
        loop.run_in_executor(self._search_thread, self._assistant.warm_up)
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

    async def _connected(self) -> bool:
        """Whether updates come in; waits while Telegram is away, until told to stop."""
        while not self._stop.is_set():
            try:
                await self._app.initialize()
                await self._updater.start_polling(allowed_updates=ALLOWED, error_callback=_log_polling_error)
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

    async def _answer(self) -> None:
        work = asyncio.create_task(self._inbox.work(self._handle, self._give_up))
        log.info("Answering as @%s.", self._app.bot.username)
        await self._introduce()
        await self._stop.wait()
        log.info("Stopping.")
        await asyncio.gather(_ended(self._updater.stop()), self._inbox.stop(), _ended(self._admin.stop()))
        await work

    async def _handle(self, payload: dict[str, Any]) -> None:
        await self._app.process_update(Update.de_json(payload, self._app.bot))

    async def _give_up(self, chat: int, reference: str) -> None:
        try:
            await self._app.bot.send_message(chat, apology(reference))
        except TelegramError as error:
            log.warning("Chat could not be told of failure %s: %s", reference, error)

    async def _introduce(self) -> None:
        """Tell Telegram the commands and what the bot is; a refusal is no reason not to answer."""
        bot = self._app.bot
        try:
            await bot.set_my_commands(texts.COMMANDS, scope=BotCommandScopeAllPrivateChats())
            await bot.set_my_description(texts.DESCRIPTION)
            await bot.set_my_short_description(texts.DESCRIPTION)
        except TelegramError as error:
            log.warning("The commands could not be set: %s", error)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after being told to stop."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


async def _ended(ending: Awaitable[None]) -> None:
    """Wait until something has ended, but not for long."""
    try:
        await asyncio.wait_for(ending, STOP_SECONDS)
    except TimeoutError:
        log.warning("Not everything ended in time; it is taken up at the next start.")


def _log_polling_error(error: TelegramError) -> None:
    log.error("Fetching updates failed, trying again: %s", error)

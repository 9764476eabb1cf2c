"""The Telegram bot put together, and its life from start to stop."""

import asyncio
import logging
import os
import signal
import sqlite3
from collections.abc import Awaitable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.about import About
from bot.admin import Admin
from bot.announcement import Announcements
from bot.assistant import Assistant
from bot.broadcast import Broadcast
from bot.chats import Chats
from bot.commands import Commands
from bot.config import Config
from bot.courier import Courier, Place, Undeliverable
from bot.edits import Edits
from bot.errors import OUTAGE_SECONDS, Failure, apology
from bot.expected import Expected
from bot.groups import Membership
from bot.inbox import AT_ONCE, Inbox
from bot.inline import Inline
from bot.introduction import introduce
from bot.ledger import Ledger
from bot.limiter import Pacer
from bot.message import Message
from bot.offers import Offers
from bot.people import People
from bot.posts import Posts
from bot.prompts import Prompts
from bot.questions import Questions
from bot.quota import Quotas
from bot.reception import Reception
from bot.refining import Refining
from bot.silences import Silences
from bot.subscribing import Subscribing
from bot.subscription_views import SubscriptionViews
from bot.taps import Taps
from bot.updates import ALLOWED, Context
from bot.views import Views
from bot.webhook import Listener
from bot.wire import Bot, DiscreetBot, UpdatesRequest
from bot.words import words_for
from corpus.errors import CitewireError

log = logging.getLogger("citewire")

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
STOP_SECONDS = 4.0  # for the poll and for a reindex to end: PTB may sleep for minutes after an error
FORGET_EVERY = 3600.0  # seconds between two times of forgetting what is old

App = Application[Any, Any, Any, Any, Any, Any]


def serve(assistant: Assistant) -> None:
    """Answer in Telegram until SIGTERM or SIGINT; CitewireError where the token is not accepted."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # else each 429 warns that its type will change

    async def run() -> None:
        await Server(assistant).run()

    asyncio.run(run())


@dataclass(frozen=True)
class Parts:
    """What the bot is made of, as far as its life concerns it."""

    app: App
    inbox: Inbox
    admin: Admin
    people: People
    courier: Courier
    chats: Chats
    edits: Edits
    broadcast: Broadcast


def put_together(assistant: Assistant, search_thread: Executor) -> Parts:
    """Every part of the bot, in the order in which one needs the other."""
    config, database, subscriptions = assistant.config, assistant.database, assistant.subscriptions
    bot = _bot(assistant)
    chats = Chats(database)
    ledger = Ledger(database, assistant.store)
    posts = Posts(database, assistant.store)
    courier = Courier(bot, assistant.store, chats)
    views = Views(ledger, lambda: bot.username)
    expected = Expected(database)
    about = About(courier, assistant.store, database, expected)
    questions = Questions(assistant, search_thread, courier, ledger, views, posts, about)
    quotas = Quotas(config.per_person, config.per_chat)
    people = People(database, quotas, config.keep_days)
    admin = Admin(assistant)
    commands = Commands(assistant, courier, ledger, views, people, about)
    offered = SubscriptionViews(Offers(database, assistant.store), chats, lambda: bot.username)
    subscribing = Subscribing(courier, chats, subscriptions, offered)
    prompts = Prompts(courier, subscriptions, offered, expected)
    reception = Reception(
        config, courier, chats, posts, questions, commands.table() | subscribing.table(), prompts, admin,
        quotas, lambda: inbox.crowd(),
    )  # fmt: skip
    inbox = Inbox(database, wants=reception.wants)
    edits = Edits(courier)
    taps = Taps(config, courier, chats, ledger, views, questions, edits)
    refining = Refining(config, courier, chats, subscriptions, offered, prompts, edits)
    membership = Membership(config, courier, chats, assistant.store, subscribing.lost, subscribing.regained)
    announcements = Announcements(assistant.store, subscriptions, chats, lambda: bot.username)
    broadcast = Broadcast(
        database, courier, subscriptions, {"post": announcements.compose}, assistant.findable,
        subscribing.tell_paused,
    )  # fmt: skip
    handlers: list[BaseHandler[Any, Any, Any]] = [
        MessageHandler(filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST, reception.take),
        CallbackQueryHandler(refining.take, pattern="^s:"),
        CallbackQueryHandler(taps.take),
        InlineQueryHandler(Inline(assistant, search_thread).take),
        ChatMemberHandler(membership.take, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    return Parts(_application(bot, inbox, handlers), inbox, admin, people, courier, chats, edits, broadcast)


def _bot(assistant: Assistant) -> Bot:
    """PTB's bot on our wire, paced."""
    config, silences = assistant.config, Silences(assistant.database)
    return DiscreetBot(
        config.token,
        base_url=config.base_url,
        base_file_url=config.base_file_url,
        request=HTTPXRequest(connection_pool_size=2 * AT_ONCE),
        get_updates_request=UpdatesRequest(connection_pool_size=1),
        rate_limiter=Pacer(silences=silences.left(), remember=silences.remember),
    )


def _application(bot: Bot, inbox: Inbox, handlers: list[BaseHandler[Any, Any, Any]]) -> App:
    """PTB's application on our bot and queue; what fails is reported to the inbox."""
    application: App = ApplicationBuilder().bot(bot).update_queue(inbox).job_queue(None).build()
    application.add_handlers(handlers)

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
        inbox = self._parts.inbox
        work = asyncio.create_task(inbox.work(self._handle, self._give_up))
        broadcasting = asyncio.create_task(self._parts.broadcast.work())
        forgetting = asyncio.create_task(self._forget_what_is_old())
        log.info("Answering as @%s.", self._app.bot.username)
        await introduce(self._parts.courier.bot, self._assistant.database)
        await self._stop.wait()
        log.info("Stopping.")
        no_more = self._listener.stop() if self._listener else self._updater.stop()
        parts = self._parts
        await asyncio.gather(
            _ended(no_more), inbox.stop(), parts.broadcast.stop(), _ended(parts.admin.stop())
        )
        await asyncio.gather(work, broadcasting, forgetting, parts.edits.stop())

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
            await self._parts.courier.send(place, Message(apology(reference, words)), reply_to)
        except (TelegramError, Undeliverable) as error:
            log.warning("Chat could not be told of failure %s: %s", reference, error)

    async def _forget_what_is_old(self) -> None:
        while not self._stop.is_set():
            try:
                await self._parts.people.forget_old()
            except sqlite3.Error:
                log.exception("What is old could not be forgotten; it is tried again later.")
            await self._pause(FORGET_EVERY)

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
        inbox.put, secret=config.webhook_secret, path=config.webhook_path, host=config.webhook_host,
        port=config.webhook_port,
    )  # fmt: skip


async def _ended(ending: Awaitable[None]) -> None:
    """Wait until something has ended, but not for long."""
    try:
        await asyncio.wait_for(ending, STOP_SECONDS)
    except TimeoutError:
        log.warning("Not everything ended in time; it is taken up at the next start.")


def _log_polling_error(error: TelegramError) -> None:
    log.error("Fetching updates failed, trying again: %s", error)

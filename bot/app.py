"""Assembles the Telegram bot: services, routes and background workers."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.admin.reindex_jobs import ReindexWorker
from bot.asking.inline import InlineQueries
from bot.assistant import Assistant
from bot.chats import Context, Router, Services
from bot.chats.chat import Chats
from bot.chats.membership import MembershipUpdates
from bot.chats.quota import Quotas
from bot.indexing import IndexUpdater, OutageProbe
from bot.poller import Poller
from bot.posting.broadcast import Broadcast
from bot.posting.subscription_commands import lost, regained
from bot.privacy import move_chat
from bot.reception import Reception
from bot.records import AnswerLog, AuditLog, PendingItems
from bot.routes import routes
from bot.transport import Bot, EditQueue, Failure, Inbox, Sender
from bot.transport.client import DiscreetBot, UpdatesRequest
from bot.transport.inbox import AT_ONCE
from bot.transport.pacing import Pacer, RetryAfterStore
from bot.transport.sender import ChatEvents
from corpus.feeds.feed_reader import FeedReader

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Parts:
    """The parts that are started and stopped."""

    app: App
    services: Services
    router: Router
    inbox: Inbox
    broadcast: Broadcast
    poller: Poller
    reindexes: ReindexWorker
    probe: OutageProbe


def put_together(assistant: Assistant) -> Parts:
    """Builds the bot, services first."""
    services = _services(assistant)
    reindexes = ReindexWorker(services)
    router = Router(routes(reindexes))
    reception = Reception(services, router, lambda: inbox.crowd())
    inbox = Inbox(assistant.database, wants=reception.wants, is_away=assistant.outage.is_known)
    app, probe = _application(services, inbox, reception), OutageProbe(assistant, services.indexing)
    return Parts(app, services, router, inbox, Broadcast(services), Poller(services), reindexes, probe)


def _services(assistant: Assistant) -> Services:
    config, database = assistant.config, assistant.database
    bot, chats, indexing = _bot(assistant), Chats(database), IndexUpdater(assistant)
    sender = Sender(bot, assistant.store, ChatEvents(chats.left, chats.missed, partial(move_chat, database)))
    return Services(
        assistant=assistant,
        feeds=FeedReader(database, assistant.store),
        audit=AuditLog(database),
        update_index=indexing.soon,
        sender=sender,
        edits=EditQueue(sender),
        chats=chats,
        answers=AnswerLog(database, assistant.store),
        pending=PendingItems(database),
        indexing=indexing,
        quotas=Quotas(config.per_person, config.per_chat),
    )


def _bot(assistant: Assistant) -> Bot:
    """Returns PTB's bot with our HTTP client and rate limits."""
    config, silences = assistant.config, RetryAfterStore(assistant.database)
    return DiscreetBot(
        config.token,
        base_url=config.base_url,
        base_file_url=config.base_file_url,
        request=HTTPXRequest(connection_pool_size=3 * AT_ONCE),
        get_updates_request=UpdatesRequest(connection_pool_size=1),
        rate_limiter=Pacer(silences=silences.left(), remember=silences.remember),
    )


def _application(services: Services, inbox: Inbox, reception: Reception) -> App:
    """Returns PTB's application with our bot and queue; failures are reported to the inbox."""
    app: App = ApplicationBuilder().bot(services.sender.bot).update_queue(inbox).job_queue(None).build()
    messages = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
    membership = MembershipUpdates(services, lost, regained)
    app.add_handler(MessageHandler(messages, reception.take_message))
    app.add_handler(CallbackQueryHandler(reception.take_tap))
    app.add_handler(InlineQueryHandler(InlineQueries(services.assistant).take))
    app.add_handler(ChatMemberHandler(membership.take, ChatMemberHandler.MY_CHAT_MEMBER))

    async def on_error(update: object, context: Context) -> None:
        failure = Failure.of(context.error or RuntimeError("an error without an exception"))
        if isinstance(update, Update):
            inbox.failed(update.update_id, failure)

    app.add_error_handler(on_error)
    return app

"""The Telegram bot put together."""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from telegram import Update
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
from bot.adding import Adding
from bot.announcement import Announcements
from bot.assistant import Assistant
from bot.audit import Audit
from bot.broadcast import Broadcast, Compose
from bot.chats import Chats
from bot.commands import Commands
from bot.confirmations import Confirmations
from bot.corpus_desk import CorpusDesk
from bot.corrected import Corrected
from bot.corrections import Corrections
from bot.courier import Courier
from bot.daily import Daily
from bot.desk import Desk
from bot.drafts import Drafts
from bot.edits import Edits
from bot.errors import Failure
from bot.expected import Expected
from bot.feed_admin import FeedAdmin
from bot.groups import Membership
from bot.handles import Handles
from bot.inbox import AT_ONCE, Inbox
from bot.inline import Inline
from bot.ledger import Ledger
from bot.limiter import Pacer
from bot.matching import Matching
from bot.offers import Offers
from bot.outbox import Kind
from bot.outbox_admin import OutboxAdmin
from bot.people import People
from bot.poller import Poller
from bot.posts import Posts
from bot.prompts import Prompts
from bot.questions import Questions
from bot.quota import Quotas
from bot.reception import Reception
from bot.recovery import Recovery
from bot.refining import Refining
from bot.reindex_desk import ReindexDesk
from bot.reindex_work import ReindexWork
from bot.reindexing import Reindexing
from bot.seeing import Seeing
from bot.silences import Silences
from bot.status_desk import StatusDesk
from bot.subscribing import Subscribing
from bot.subscription_views import SubscriptionViews
from bot.taps import Taps
from bot.updates import Context
from bot.views import Views
from bot.watches import Watches
from bot.watching import Watching
from bot.wire import Bot, DiscreetBot, UpdatesRequest
from bot.withdrawing import Withdrawing
from corpus.catalogue import Catalogue
from corpus.fetch import Web
from corpus.handed import Handed
from corpus.newsstand import Newsstand
from corpus.workshop import Workshop

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Parts:
    """What the bot is made of, as far as its life concerns it."""

    app: App
    inbox: Inbox
    reindexing: Reindexing
    reindex_work: ReindexWork
    people: People
    courier: Courier
    chats: Chats
    edits: Edits
    poller: Poller
    broadcast: Broadcast
    matching: Matching
    corrections: Corrections
    recovery: Recovery


def put_together(assistant: Assistant, search_thread: Executor) -> Parts:
    """Every part of the bot, in the order in which one needs the other."""
    config, database = assistant.config, assistant.database
    bot = _bot(assistant)
    chats = Chats(database)
    ledger = Ledger(database, assistant.store)
    posts = Posts(database, assistant.store)
    courier = Courier(bot, assistant.store, chats)
    views = Views(ledger, lambda: bot.username)
    expected = Expected(database)
    about = About(courier, assistant.store, database, expected)
    daily = Daily(database)
    questions = Questions(assistant, search_thread, courier, ledger, views, posts, about, daily)
    quotas = Quotas(config.per_person, config.per_chat)
    people = People(database, quotas, config.keep_days)
    web, workshop = Web(), Workshop()
    audit, confirmations = Audit(database), Confirmations()
    newsstand = Newsstand(database, assistant.store, web, workshop)
    reindexing = Reindexing(assistant)
    poller = Poller(newsstand, reindexing, courier, config.admins)
    feeds = FeedAdmin(newsstand, courier, confirmations, audit, poller.wake)
    commands = Commands(assistant, courier, ledger, views, people, about)
    watches = Watches(database)
    watching = Watching(courier, watches, ledger)
    matching = Matching(assistant, search_thread, watches, chats, ledger, views)
    subscriptions = assistant.subscriptions
    offered = SubscriptionViews(Offers(database, assistant.store), chats, lambda: bot.username)
    subscribing = Subscribing(courier, chats, subscriptions, offered, config.admins)
    edits = Edits(courier)
    handles, catalogue = Handles(database), Catalogue(database)
    adding = Adding(
        Handed(assistant.store, catalogue, web, workshop), assistant.store, Drafts(database), courier, edits,
        expected, handles, about, audit, reindexing.soon,
    )  # fmt: skip
    corpus_desk = CorpusDesk(catalogue, ledger, courier, edits, handles)
    withdrawing = Withdrawing(
        assistant.store, catalogue, newsstand, courier, handles, confirmations, audit, reindexing.soon
    )
    prompts = Prompts(courier, subscriptions, offered, expected, adding.retitle)
    outbox_admin = OutboxAdmin(database, assistant.store, courier, edits, audit)
    seeing = Seeing(assistant, daily, audit, courier, edits)
    reindex_work = ReindexWork(database, reindexing, courier)
    reindex_desk = ReindexDesk(assistant, reindexing, reindex_work, courier, edits, confirmations, audit)
    status = StatusDesk(assistant, courier, reindex_work.state)
    desk = Desk(
        config, edits, confirmations,
        reindex_desk.table() | status.table() | feeds.table() | outbox_admin.table() | adding.table()
        | corpus_desk.table() | withdrawing.table() | seeing.table(),
        reindex_desk.taps() | outbox_admin.taps() | adding.taps() | corpus_desk.taps() | withdrawing.taps()
        | seeing.taps(),
    )  # fmt: skip
    reception = Reception(
        config, courier, chats, posts, questions,
        commands.table() | subscribing.table() | watching.table(), prompts, desk, adding.take, quotas,
        lambda: inbox.crowd(),
    )  # fmt: skip
    inbox = Inbox(database, wants=reception.wants, is_away=lambda: assistant.absence.since is not None)
    taps = Taps(config, courier, chats, ledger, views, questions, edits, watching)
    refining = Refining(config, courier, chats, subscriptions, offered, prompts, edits)
    membership = Membership(config, courier, chats, assistant.store, subscribing.lost, subscribing.regained)
    announcements = Announcements(assistant.store, subscriptions, chats, lambda: bot.username)
    corrected = Corrected(database, assistant.store, ledger, views, announcements)
    corrections = Corrections(database, assistant.store, courier, chats, ledger, corrected)
    compose: dict[Kind, Compose] = {
        "post": announcements.compose, "watch": matching.compose, "correction": corrections.compose,
    }  # fmt: skip
    broadcast = Broadcast(
        database, courier, subscriptions, compose, assistant.findable, subscribing.tell_paused
    )
    handlers: list[BaseHandler[Any, Any, Any]] = [
        MessageHandler(filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST, reception.take),
        CallbackQueryHandler(refining.take, pattern="^s:"),
        CallbackQueryHandler(desk.take, pattern="^d:"),
        CallbackQueryHandler(taps.take),
        InlineQueryHandler(Inline(assistant, search_thread).take),
        ChatMemberHandler(membership.take, ChatMemberHandler.MY_CHAT_MEMBER),
    ]
    application = _application(bot, inbox, handlers)
    return Parts(
        application, inbox, reindexing, reindex_work, people, courier, chats, edits, poller, broadcast,
        matching, corrections, Recovery(assistant, search_thread, reindexing),
    )  # fmt: skip


def _bot(assistant: Assistant) -> Bot:
    """PTB's bot on our wire, paced."""
    config, silences = assistant.config, Silences(assistant.database)
    return DiscreetBot(
        config.token,
        base_url=config.base_url,
        base_file_url=config.base_file_url,
        request=HTTPXRequest(connection_pool_size=3 * AT_ONCE),
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

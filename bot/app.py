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

from bot.admin.adding import Adding
from bot.admin.articles import CorpusDesk
from bot.admin.desk import Desk
from bot.admin.feeds import FeedAdmin
from bot.admin.figures import Seeing
from bot.admin.outbox_admin import OutboxAdmin
from bot.admin.reindex import ReindexDesk
from bot.admin.reindex_jobs import ReindexWork
from bot.admin.status_desk import StatusDesk
from bot.admin.withdrawing import Withdrawing
from bot.asking.about import About
from bot.asking.answer_taps import Taps
from bot.asking.channel_posts import Posts
from bot.asking.commands import Commands
from bot.asking.inline import Inline
from bot.asking.pages import Views
from bot.asking.questions import Questions
from bot.asking.quota import Quotas
from bot.assistant import Assistant
from bot.chats.chat import Chats
from bot.chats.membership import Membership
from bot.chats.prompts import Prompts
from bot.chats.request import Context
from bot.indexing import Reindexing
from bot.poller import Poller
from bot.posting.broadcast import Broadcast, Compose
from bot.posting.corrected import Corrected
from bot.posting.corrections import Corrections
from bot.posting.matching import Matching
from bot.posting.offers import Offers
from bot.posting.outbox import Kind
from bot.posting.post import Announcements
from bot.posting.subscription_commands import Subscribing
from bot.posting.subscription_taps import Refining
from bot.posting.subscription_views import SubscriptionViews
from bot.posting.watch_commands import Watching
from bot.posting.watches import Watches
from bot.privacy import People
from bot.reception import Reception
from bot.records.answers import Ledger
from bot.records.audit import Audit
from bot.records.confirmations import Confirmations
from bot.records.daily_counts import Daily
from bot.records.drafts import Drafts
from bot.records.expected import Expected
from bot.records.handles import Handles
from bot.recovery import Recovery
from bot.transport.client import Bot, DiscreetBot, UpdatesRequest
from bot.transport.edits import Edits
from bot.transport.errors import Failure
from bot.transport.inbox import AT_ONCE, Inbox
from bot.transport.pacing import Pacer
from bot.transport.sender import Courier
from bot.transport.silences import Silences
from corpus.catalogue import Catalogue
from corpus.feeds.feed_reader import Newsstand
from corpus.feeds.fetch import Web
from corpus.reading.parser_process import Workshop
from corpus.submissions import Handed

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

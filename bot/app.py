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
from bot.admin.reindex_jobs import ReindexWorker
from bot.admin.status_desk import StatusDesk
from bot.admin.withdrawing import Withdrawing
from bot.asking.about import About
from bot.asking.answer_taps import Taps
from bot.asking.channel_posts import ChannelPosts
from bot.asking.commands import Commands
from bot.asking.inline import Inline
from bot.asking.pages import AnswerPages
from bot.asking.questions import Questions
from bot.asking.quota import Quotas
from bot.assistant import Assistant
from bot.chats.chat import Chats
from bot.chats.membership import MembershipUpdates
from bot.chats.prompts import Prompts
from bot.chats.request import Context
from bot.indexing import IndexUpdater
from bot.poller import Poller
from bot.posting.broadcast import Broadcast, Compose
from bot.posting.corrected import CorrectedView
from bot.posting.corrections import Corrections
from bot.posting.matching import WatchMatcher
from bot.posting.offers import Offers
from bot.posting.outbox import Kind
from bot.posting.post import PostComposer
from bot.posting.subscription_commands import Subscribing
from bot.posting.subscription_taps import Refining
from bot.posting.subscription_views import SubscriptionScreens
from bot.posting.watch_commands import Watching
from bot.posting.watches import Watches
from bot.privacy import People
from bot.reception import Reception
from bot.records.answers import AnswerLog
from bot.records.audit import AuditLog
from bot.records.confirmations import Confirmations
from bot.records.daily_counts import DailyCounts
from bot.records.drafts import Drafts
from bot.records.expected import Expected
from bot.records.handles import Handles
from bot.recovery import OutageProbe
from bot.transport.client import Bot, DiscreetBot, UpdatesRequest
from bot.transport.edits import EditQueue
from bot.transport.errors import Failure
from bot.transport.inbox import AT_ONCE, Inbox
from bot.transport.pacing import Pacer
from bot.transport.sender import Sender
from bot.transport.silences import RetryAfterStore
from corpus.catalogue import Catalogue
from corpus.feeds.feed_reader import FeedReader
from corpus.feeds.fetch import Web
from corpus.reading.parser_process import ParserProcess
from corpus.submissions import Submissions

App = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Parts:
    """What the bot is made of, as far as its life concerns it."""

    app: App
    inbox: Inbox
    indexing: IndexUpdater
    reindex_work: ReindexWorker
    people: People
    sender: Sender
    chats: Chats
    edits: EditQueue
    poller: Poller
    broadcast: Broadcast
    matching: WatchMatcher
    corrections: Corrections
    recovery: OutageProbe


def put_together(assistant: Assistant, search_thread: Executor) -> Parts:
    """Every part of the bot, in the order in which one needs the other."""
    config, database = assistant.config, assistant.database
    bot = _bot(assistant)
    chats = Chats(database)
    answer_log = AnswerLog(database, assistant.store)
    posts = ChannelPosts(database, assistant.store)
    sender = Sender(bot, assistant.store, chats)
    views = AnswerPages(answer_log, lambda: bot.username)
    expected = Expected(database)
    about = About(sender, assistant.store, database, expected)
    daily = DailyCounts(database)
    questions = Questions(assistant, search_thread, sender, answer_log, views, posts, about, daily)
    quotas = Quotas(config.per_person, config.per_chat)
    people = People(database, quotas, config.keep_days)
    web, parser = Web(), ParserProcess()
    audit, confirmations = AuditLog(database), Confirmations()
    feed_reader = FeedReader(database, assistant.store, web, parser)
    indexing = IndexUpdater(assistant)
    poller = Poller(feed_reader, indexing, sender, config.admins)
    feeds = FeedAdmin(feed_reader, sender, confirmations, audit, poller.wake)
    commands = Commands(assistant, sender, answer_log, views, people, about)
    watches = Watches(database)
    watching = Watching(sender, watches, answer_log)
    matching = WatchMatcher(assistant, search_thread, watches, chats, answer_log, views)
    subscriptions = assistant.subscriptions
    offered = SubscriptionScreens(Offers(database, assistant.store), chats, lambda: bot.username)
    subscribing = Subscribing(sender, chats, subscriptions, offered, config.admins)
    edits = EditQueue(sender)
    handles, catalogue = Handles(database), Catalogue(database)
    adding = Adding(
        Submissions(assistant.store, catalogue, web, parser),
        assistant.store,
        Drafts(database),
        sender,
        edits,
        expected,
        handles,
        about,
        audit,
        indexing.soon,
    )
    corpus_desk = CorpusDesk(catalogue, answer_log, sender, edits, handles)
    withdrawing = Withdrawing(
        assistant.store, catalogue, feed_reader, sender, handles, confirmations, audit, indexing.soon
    )
    prompts = Prompts(sender, subscriptions, offered, expected, adding.retitle)
    outbox_admin = OutboxAdmin(database, assistant.store, sender, edits, audit)
    seeing = Seeing(assistant, daily, audit, sender, edits)
    reindex_work = ReindexWorker(database, indexing, sender)
    reindex_desk = ReindexDesk(assistant, indexing, reindex_work, sender, edits, confirmations, audit)
    status = StatusDesk(assistant, sender, reindex_work.state)
    desk = Desk(
        config,
        edits,
        confirmations,
        reindex_desk.table()
        | status.table()
        | feeds.table()
        | outbox_admin.table()
        | adding.table()
        | corpus_desk.table()
        | withdrawing.table()
        | seeing.table(),
        reindex_desk.taps()
        | outbox_admin.taps()
        | adding.taps()
        | corpus_desk.taps()
        | withdrawing.taps()
        | seeing.taps(),
    )
    reception = Reception(
        config,
        sender,
        chats,
        posts,
        questions,
        commands.table() | subscribing.table() | watching.table(),
        prompts,
        desk,
        adding.take,
        quotas,
        lambda: inbox.crowd(),
    )
    inbox = Inbox(database, wants=reception.wants, is_away=lambda: assistant.outage.since is not None)
    taps = Taps(config, sender, chats, answer_log, views, questions, edits, watching)
    refining = Refining(config, sender, chats, subscriptions, offered, prompts, edits)
    membership = MembershipUpdates(
        config, sender, chats, assistant.store, subscribing.lost, subscribing.regained
    )
    composer = PostComposer(assistant.store, subscriptions, chats, lambda: bot.username)
    corrected = CorrectedView(database, assistant.store, answer_log, views, composer)
    corrections = Corrections(database, assistant.store, sender, chats, answer_log, corrected)
    compose: dict[Kind, Compose] = {
        "post": composer.compose,
        "watch": matching.compose,
        "correction": corrections.compose,
    }
    broadcast = Broadcast(
        database, sender, subscriptions, compose, assistant.findable, subscribing.tell_paused
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
        application,
        inbox,
        indexing,
        reindex_work,
        people,
        sender,
        chats,
        edits,
        poller,
        broadcast,
        matching,
        corrections,
        OutageProbe(assistant, search_thread, indexing),
    )


def _bot(assistant: Assistant) -> Bot:
    """PTB's bot on our wire, paced."""
    config, silences = assistant.config, RetryAfterStore(assistant.database)
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

"""Every command, button and reply of the bot, in one list: its name, who may use it, what handles it."""

from functools import partial

from bot.admin import adding, articles, desk, feeds, figures, reindex, status, withdrawing
from bot.admin.reindex_jobs import ReindexWorker
from bot.asking import answer_taps, commands, questions
from bot.chats import Command, settings
from bot.chats.router import Button, Menu, Reply
from bot.posting import subscription_commands, subscription_prompts, subscription_taps, watch_commands
from bot.privacy import forget_me

STALE_SECONDS = 300.0  # an admin's command that waited longer is not carried out

PRIVATE: tuple[Menu, ...] = ("private",)
GROUP: tuple[Menu, ...] = ("group",)
BOTH = PRIVATE + GROUP
ANSWER, NUMBER, PAGE = r"([\w-]{12})", r"(\d{1,18})", r"(\d{1,6})"

admin_command = partial(Command, who="bot admin", menus=("admin",), stale_after=STALE_SECONDS)
admin_button = partial(Button, who="bot admin")


FOR_EVERYBODY = (
    Command("start", commands.start),
    Command("ask", questions.ask, menus=BOTH),
    Command("articles", commands.list_articles, menus=PRIVATE),
    Command("subscribe", subscription_commands.subscribe, menus=BOTH),
    Command("subscriptions", subscription_commands.list_subscriptions, menus=PRIVATE),
    Command("unsubscribe", subscription_commands.unsubscribe),
    Command("watch", watch_commands.watch, menus=BOTH),
    Command("watches", watch_commands.list_watches, menus=BOTH),
    Command("why", commands.explain, menus=BOTH),
    Command("new", commands.new_topic, menus=PRIVATE),
    Command("settings", settings.settings, menus=GROUP),
    Command("language", settings.settings, menus=PRIVATE),
    Command("privacy", commands.privacy, menus=BOTH),
    Command("forgetme", forget_me, menus=PRIVATE),
    Command("help", commands.send_help, menus=BOTH),
    Button("p", rf"{ANSWER}:(\d{{1,2}})", answer_taps.turn),
    Button("c", rf"{ANSWER}:(\d{{1,2}})", answer_taps.show_context),
    Button("v", rf"{ANSWER}:([ud])", answer_taps.vote),
    Button("now", ANSWER, answer_taps.answer_now),
    Button("watch", ANSWER, watch_commands.tap_watch),
    Button("end", NUMBER, watch_commands.tap_end),
    Button("mode", settings.MODE, settings.choose_mode),
    Button("quiet", settings.QUIET, settings.choose_quiet),
    Button("language", settings.LANGUAGE, settings.choose_language),
    Button("s", subscription_taps.PATTERN, subscription_taps.press),
    Reply("words", subscription_prompts.take_words),
    Reply("zone", subscription_prompts.take_zone),
)

FOR_ADMINS = (
    admin_command("add", adding.add),
    admin_command("articles", articles.list_articles),
    admin_command("article", articles.show_article),
    admin_command("withdraw", withdrawing.withdraw),
    admin_command("restore", withdrawing.restore),
    admin_command("feeds", feeds.list_feeds),
    admin_command("addfeed", feeds.add_feed),
    admin_command("removefeed", feeds.remove_feed),
    admin_command("outbox", status.show_outbox),
    admin_command("rollback", reindex.roll_back),
    admin_command("generations", reindex.list_generations),
    admin_command("stats", figures.show_stats),
    admin_command("unanswered", figures.show_unanswered),
    admin_command("audit", figures.show_audit),
    admin_button("yes", NUMBER, desk.confirm),
    admin_button("no", NUMBER, desk.leave),
    admin_button("keep", NUMBER, adding.keep),
    admin_button("title", NUMBER, adding.ask_title),
    admin_button("drop", NUMBER, adding.drop),
    admin_button("about", NUMBER, adding.ask_about),
    admin_button("article", NUMBER, articles.open_article),
    admin_button("list", rf"{NUMBER}:{PAGE}", articles.turn),
    admin_button("withdraw", NUMBER, withdrawing.tap_withdraw),
    admin_button("restore", NUMBER, withdrawing.tap_restore),
    admin_button("again", NUMBER, status.send_again),
    admin_button("unanswered", PAGE, figures.turn_unanswered),
    admin_button("audit", PAGE, figures.turn_audit),
    Reply("title", adding.take_title),
)


def routes(worker: ReindexWorker) -> list[Command | Button | Reply]:
    """All routes, with those that need the one worker on reindexes."""
    return [
        *FOR_EVERYBODY,
        *FOR_ADMINS,
        admin_command("reindex", partial(reindex.reindex, worker)),
        admin_command("status", partial(status.show_status, worker)),
        admin_button("calloff", "", partial(reindex.call_off, worker)),
    ]

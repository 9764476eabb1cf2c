"""Buttons that were tapped: each tap is answered at once, and what it asks for is done then."""

import logging
from dataclasses import replace

from telegram import CallbackQuery, Update
from telegram import Message as Shown
from telegram.constants import ChatType
from telegram.error import BadRequest

from bot.asking import buttons
from bot.asking.buttons import Tapped
from bot.asking.pages import AnswerPages
from bot.asking.questions import Questions
from bot.chats.chat import MODES, Chat, Chats
from bot.chats.membership import is_chat_admin, sees_all
from bot.chats.request import Context
from bot.config import Config
from bot.posting.watch_commands import Watching
from bot.records.answers import AnswerLog, AnswerRecord, Vote
from bot.text.message import Message
from bot.text.words import LANGUAGES, Words, words_for
from bot.transport.edits import EditQueue
from bot.transport.sender import Sender, Undeliverable

log = logging.getLogger(__name__)

VOTES: dict[str, Vote] = {"u": "up", "d": "down"}


class Taps:
    """Turns pages, takes votes, keeps settings; a button that leads nowhere says so."""

    def __init__(
        self,
        config: Config,
        sender: Sender,
        chats: Chats,
        answer_log: AnswerLog,
        views: AnswerPages,
        questions: Questions,
        edits: EditQueue,
        watching: Watching,
    ) -> None:
        self._config = config
        self._sender = sender
        self._chats = chats
        self._answer_log = answer_log
        self._views = views
        self._questions = questions
        self._edits = edits
        self._watching = watching

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle a tap."""
        query = update.callback_query
        if query is None:
            return
        message, tapped = query.message, Tapped.read(query.data)
        chat = self._chats.get(message.chat.id if message else query.from_user.id)
        words = words_for(chat.language or query.from_user.language_code)
        invited = self._config.is_open(query.from_user.id, chat.id)
        try:
            if tapped is None or not isinstance(message, Shown) or not invited:
                await notify(query, words("button-unknown"))
            elif tapped.answer:
                await self._on_answer(query, chat, tapped, words)
            elif tapped.action == "end":
                await self._on_watch(query, message, int(tapped.value), words)
            else:
                await self._on_setting(query, message, chat, tapped, words)
        except Undeliverable as error:
            log.info("What a tap asked for could not be shown: %s", error)

    async def _on_answer(self, query: CallbackQuery, chat: Chat, tapped: Tapped, words: Words) -> None:
        given = self._answer_log.get(tapped.answer)
        person = query.from_user.id
        if given is None or given.chat != chat.id or given.message is None:
            await notify(query, words("answer-too-old"))
        elif tapped.action == "v" and tapped.value in VOTES:
            stands = await self._answer_log.vote(given.id, person, VOTES[tapped.value])
            await notify(query, words("thanks" if stands else "vote-taken-back"))
        elif tapped.action == "watch":
            await notify(query, await self._watching.begin(given, person, words), alert=True)
        elif not _may_turn(given, person):
            await notify(query, words("not-yours"))
        elif tapped.action == "now":
            if given.state != "waits":  # else the tap was answered when it came
                await notify(query, None if given.question else words("answer-too-old"))
            if given.state in ("late", "waits"):
                await self._questions.answer_late(given, words)
        else:
            await self._turn(query, given, tapped, words)

    async def _turn(self, query: CallbackQuery, given: AnswerRecord, tapped: Tapped, words: Words) -> None:
        """Show another page, or a passage in its context; a second tap on the same button changes nothing."""
        wanted = tapped.value if tapped.action == "p" else f"c{tapped.value}"
        number = int(tapped.value) if tapped.value.isdecimal() else -1
        last = given.pages if tapped.action == "p" else len(given.quotes) - 1
        shown_in = given.message
        if given.shown == wanted or not 0 <= number <= last or shown_in is None:
            await notify(query, None if given.shown == wanted else words("button-unknown"))
            return
        if tapped.action == "p":
            given, view = self._views.page(given, number, words)
        elif (in_context := self._views.context(given, number, words)) is None:
            await notify(query, words("changed-since"))
            return
        else:
            view = in_context
        await notify(query)
        await self._answer_log.note(given)
        now = self._answer_log.get(given.id)
        if now and now.shown != wanted:  # an earlier tap may have had its edit meanwhile
            self._edits.put(given.chat, shown_in, view, lambda: self._answer_log.shows(given.id, wanted))

    async def _on_watch(self, query: CallbackQuery, message: Shown, number: int, words: Words) -> None:
        """End a standing question, and show those that are left."""
        ended = await self._watching.end(number, query.from_user.id, message.chat.id)
        await notify(query, words("watch-ended" if ended else "watch-not-yours"))
        if ended:
            self._edits.put(message.chat.id, message.message_id, self._watching.view(message.chat.id, words))

    async def _on_setting(
        self, query: CallbackQuery, message: Shown, chat: Chat, tapped: Tapped, words: Words
    ) -> None:
        is_private = message.chat.type == ChatType.PRIVATE
        if not _has_settings(message) or (is_private and tapped.action != "language"):
            await notify(query, words("button-unknown"))
            return
        if not is_private and not await is_chat_admin(self._sender.bot, chat.id, query.from_user.id):
            await notify(query, words("settings-only-admins"))
            return
        changed = _with_setting(chat, tapped)
        if changed is None:
            await notify(query, words("button-unknown"))
            return
        words = words_for(changed.language or query.from_user.language_code)
        deaf = changed.mode == "questions" and not await sees_all(self._sender.bot, chat.id)
        await notify(query, words("sees-questions-needs" if deaf else "settings-saved"), alert=deaf)
        if changed == chat:
            return
        await self._chats.choose(chat.id, tapped.action, getattr(changed, tapped.action))  # type: ignore[arg-type]
        title = words("language-title" if is_private else "settings-title")
        keyboard = (buttons.languages if is_private else buttons.settings)(changed, words)
        self._edits.put(chat.id, message.message_id, (Message(title), keyboard))


def _may_turn(given: AnswerRecord, person: int) -> bool:
    """Whether a person may turn the pages of an answer: who asked, or anybody where that is not known.

    Who asked in the name of a chat taps in their own.
    """
    return given.person is None or given.person < 0 or given.person == person


def _with_setting(chat: Chat, tapped: Tapped) -> Chat | None:
    """The chat with a setting changed; None where there is no such setting."""
    if tapped.action == "language" and tapped.value in ("", *LANGUAGES):
        return replace(chat, language=tapped.value)
    if tapped.action == "quiet" and tapped.value in ("0", "1"):
        return replace(chat, quiet=tapped.value == "1")
    if tapped.action == "mode" and tapped.value in MODES:
        return replace(chat, mode=tapped.value)
    return None


def _has_settings(message: Shown) -> bool:
    """Whether a message is one of settings: only there do their buttons stand."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(str(button.callback_data).startswith("language:") for row in rows for button in row)


async def notify(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """Answer a tap, before anything else is done; one that waited too long can't be answered any more."""
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        log.debug("A tap could not be answered: %s", error)

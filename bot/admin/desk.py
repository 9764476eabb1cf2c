"""The admin's desk: every command and every button for admins, in their own chat with the bot alone."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping

from telegram import BotCommandScopeChat, CallbackQuery, Update
from telegram import Message as Shown
from telegram.error import TelegramError

from bot.asking.answer_taps import notify
from bot.asking.buttons import NO_BUTTONS, rows, tap
from bot.asking.pages import View
from bot.chats.introduction import ADMIN, menu
from bot.chats.request import Context, Handler, Request, Tap, TapHandler
from bot.config import Config
from bot.records.confirmations import Act, Confirmations
from bot.text.message import foreign
from bot.text.words import words_for
from bot.transport.edits import EditQueue
from bot.transport.errors import Failure, apology
from bot.transport.sender import Undeliverable
from corpus.errors import CitewireError

log = logging.getLogger(__name__)

DATA = re.compile(r"d:([a-z]+):([\w-]{0,50})", re.ASCII)
EXPIRED = "That was asked more than a minute ago, or is done already: nothing was changed."
LEFT = "Nothing was changed."
KEPT = 300  # characters at either end of a reason that is too long


class Desk:
    """Knows the commands of admins, and hands each tap to what handles the word that its button carries."""

    def __init__(
        self,
        config: Config,
        edits: EditQueue,
        confirmations: Confirmations,
        commands: Mapping[str, Handler],
        taps: Mapping[str, TapHandler],
    ) -> None:
        self.commands = commands
        self._config = config
        self._edits = edits
        self._confirmations = confirmations
        self._taps: dict[str, TapHandler] = {"yes": self._confirm, "no": self._leave, **taps}
        self._have_menu: set[int] = set()

    async def show_menu(self, request: Request) -> None:
        """Put the admin's commands into their menu when they first write.

        Not at start: Telegram refuses it for a chat in which nobody has written yet.
        """
        chat = request.chat.id
        if chat not in self._have_menu:
            self._have_menu.add(chat)
            try:
                await request.message.get_bot().set_my_commands(
                    menu(ADMIN, request.words), scope=BotCommandScopeChat(chat)
                )
            except TelegramError as error:
                log.warning("The admin menu could not be set: %s", error)

    async def take(self, update: Update, context: Context) -> None:  # noqa: ARG002 - PTB's signature
        """Handle a tap on a button of the desk; whoever is no admin is told nothing about it."""
        query = update.callback_query
        if query is None:
            return
        tapped = self._read(query)
        if tapped is None:
            await notify(query, words_for(query.from_user.language_code)("button-unknown"))
            return
        word, tap_ = tapped
        try:
            await self._taps[word](tap_)
        except Undeliverable as error:
            log.info("What an admin's tap asked for could not be shown: %s", error)

    def _read(self, query: CallbackQuery) -> tuple[str, Tap] | None:
        """The word of a button and its tap; None where it is none of ours or not tapped by an admin."""
        message, match, person = query.message, DATA.fullmatch(query.data or ""), query.from_user.id
        if match is None or match[1] not in self._taps or not isinstance(message, Shown):
            return None
        if person not in self._config.admins or message.chat.id != person:
            return None
        return match[1], Tap(query, message, person, match[2])

    async def _confirm(self, tapped: Tap) -> None:
        """Do what was asked about; a second tap, a late one and somebody else's do nothing."""
        act = self._confirmations.take(tapped.value, tapped.person, tapped.message.chat.id)
        await notify(tapped.query)
        self._say(tapped, await outcome(act) if act else EXPIRED)

    async def _leave(self, tapped: Tap) -> None:
        self._confirmations.take(tapped.value, tapped.person, tapped.message.chat.id)
        await notify(tapped.query)
        self._say(tapped, LEFT)

    def _say(self, tapped: Tap, text: str) -> None:
        """Put a text in place of the message whose button was tapped."""
        self._edits.put(tapped.message.chat.id, tapped.message.message_id, (foreign(text), NO_BUTTONS))


async def outcome(act: Act) -> str:
    """What to say of an act: what it says itself, or why it can't be done."""
    try:
        return await act()
    except Exception as error:  # noqa: BLE001 - its person is told, and the log has it
        return _why(error)


async def reason_not(do: Callable[[], Awaitable[object]]) -> str:
    """Do something that is not tried again: why it could not be done, for a person; "" where it was."""
    try:
        await do()
    except Exception as error:  # noqa: BLE001 - its person is told, and the log has it
        return _why(error)
    return ""


def _why(error: Exception) -> str:
    """Why something could not be done, for a person."""
    if isinstance(error, CitewireError):
        return reason(error)
    return apology(Failure.of(error).reference, words_for(None))


def reason(error: CitewireError) -> str:
    """Why something can't be done; of one that repeats something long, the middle is left out."""
    said = str(error)
    return said if len(said) <= 2 * KEPT else f"{said[:KEPT]}…{said[-KEPT:]}"


def question(request: Request | Tap, text: str, button: str, act: Act, confirmations: Confirmations) -> View:
    """A message that asks once more before an act, with a button for it and one against it."""
    nonce = confirmations.ask(request.person, request.message.chat.id, act)
    return foreign(text), rows([tap(button, f"d:yes:{nonce}"), tap("Cancel", f"d:no:{nonce}")])

"""/settings and /language: a chat's settings."""

from dataclasses import replace

from telegram.constants import ChatType

from bot.chats.chat import MODES, Chat, Choice
from bot.chats.request import Request, Tap
from bot.chats.rights import is_chat_admin, sees_all
from bot.chats.services import Services
from bot.text import LANGUAGES, Message, Words, words_for
from bot.transport import View, in_rows, rows, tap, ticked

MODE = f"({'|'.join(MODES)})"
QUIET = "([01])"
LANGUAGE = f"(|{'|'.join(LANGUAGES)})"  # "" for the language of the person who asks


async def settings(services: Services, request: Request) -> None:
    """Shows a group's settings to its admins; in a private chat, the language."""
    chat, words = request.chat, request.words
    if request.is_private or await is_chat_admin(services.sender.bot, chat.id, request.person):
        message, keyboard = _view(chat, words, is_private=request.is_private)
        await services.sender.send(request.place, message, request.number, keyboard)
    else:
        await services.say(request, words("settings-only-admins"))


async def choose_mode(services: Services, tapped: Tap) -> None:
    """Sets when the bot answers in a group."""
    await _choose(services, tapped, "mode", tapped.parts[0])


async def choose_quiet(services: Services, tapped: Tap) -> None:
    """Sets whether the bot stays silent in a group when unsure."""
    await _choose(services, tapped, "quiet", tapped.parts[0] == "1")


async def choose_language(services: Services, tapped: Tap) -> None:
    """Sets the language of a chat."""
    await _choose(services, tapped, "language", tapped.parts[0])


async def _choose(services: Services, tapped: Tap, choice: Choice, value: str | bool) -> None:
    """Stores a choice and shows it in the message."""
    bot, chat = services.sender.bot, tapped.chat
    is_private = tapped.message.chat.type == ChatType.PRIVATE
    if not _has_settings(tapped) or (is_private and choice != "language"):
        await tapped.answer(tapped.words("button-unknown"))
        return
    if not is_private and not await is_chat_admin(bot, chat.id, tapped.person):
        await tapped.answer(tapped.words("settings-only-admins"))
        return
    changed = replace(chat, **{choice: value})  # type: ignore[arg-type]
    words = words_for(changed.language or tapped.query.from_user.language_code)
    deaf = changed.mode == "questions" and not await sees_all(bot, chat.id)
    await tapped.answer(words("sees-questions-needs" if deaf else "settings-saved"), alert=deaf)
    if changed != chat:
        await services.chats.choose(chat.id, choice, value)
        services.replace(tapped, _view(changed, words, is_private=is_private))


def _view(chat: Chat, words: Words, *, is_private: bool) -> View:
    """Lays out a chat's settings, the current ones ticked."""
    choices = [("", words("language-auto")), *LANGUAGES.items()]
    languages = in_rows(
        [tap(ticked(name, code == chat.language), f"language:{code}") for code, name in choices], of=3
    )
    if is_private:
        return Message(words("language-title")), rows(*languages)
    modes = [
        [tap(ticked(words("settings-mode", mode=mode), mode == chat.mode), f"mode:{mode}")] for mode in MODES
    ]
    quiet = tap(ticked(words("settings-quiet"), chat.quiet), f"quiet:{int(not chat.quiet)}")
    return Message(words("settings-title")), rows(*modes, [quiet], *languages)


def _has_settings(tapped: Tap) -> bool:
    """Returns whether a message shows settings, the only place where their buttons are valid."""
    keyboard = tapped.message.reply_markup
    shown = keyboard.inline_keyboard if keyboard else ()
    return any(str(button.callback_data).startswith("language:") for row in shown for button in row)

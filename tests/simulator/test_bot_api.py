"""The local Bot API server, as a real telegram.Bot and a process that is killed see it."""

import asyncio
import contextlib
import math
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest
import updates
from aiohttp import web
from aiohttp.test_utils import TestServer
from bot_api import BotApi, Call
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
    error,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

ANN = 100
GROUP = updates.GROUP

SENDER = """
import asyncio, sys, telegram
async def main():
    async with telegram.Bot(sys.argv[1], base_url=sys.argv[2]) as bot:
        for number in range(1000):
            await bot.send_message(100, str(number))
            await asyncio.sleep(0.05)
asyncio.run(main())
"""


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[ExtBot]:
    async with ExtBot(api.token, base_url=api.base_url, base_file_url=api.base_file_url) as bot:
        yield bot


async def test_what_is_sent_comes_back_and_is_kept(api: BotApi, bot: Bot) -> None:
    asked = api.message(ANN, "Will it rain?")
    api.push(asked)
    entities = [
        MessageEntity("expandable_blockquote", 3, 9),
        MessageEntity("bold", 3, 4),
        MessageEntity("text_link", 15, 3, url="https://BBC.co.uk?x=1"),
    ]
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Open", url="https://bbc.co.uk")]])
    message = await bot.send_message(
        ANN,
        "😀 Rain fall. (BBC)",
        entities=entities,
        reply_markup=markup,
        reply_parameters=ReplyParameters(asked["message"]["message_id"]),
    )
    (sent,) = api.messages
    assert (sent.chat_id, sent.message_id, sent.text) == (ANN, message.message_id, message.text)
    assert sent.pieces("expandable_blockquote") == ["Rain fall"]
    assert sent.pieces("bold") == ["Rain"]
    assert sent.pieces("text_link") == ["BBC"]
    assert [e.to_dict() for e in message.entities] == sent.entities
    assert message.entities[-1].url == "https://bbc.co.uk/?x=1"
    assert message.reply_markup == markup
    assert message.reply_to_message.text == "Will it rain?"
    assert not api.violations


async def test_messages_are_edited_and_deleted(api: BotApi, bot: Bot) -> None:
    message = await bot.send_message(ANN, "one")
    assert (await message.edit_text("two")).text == "two"
    with pytest.raises(error.BadRequest, match="not modified"):
        await bot.edit_message_text("two", ANN, message.message_id)
    await message.delete()
    assert api.messages[0].text == "two"
    assert api.messages[0].deleted
    with pytest.raises(error.BadRequest, match="not found"):
        await message.delete()


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("sendMessage", {"chat_id": [ANN], "text": "x"}),
        ("sendMessage", {"chat_id": ANN}),
        ("sendMessage", {"chat_id": ANN, "text": "x", "colour": "red"}),
        ("sendMessage", {"chat_id": ANN, "text": "x", "reply_parameters": {"quote": "x"}}),
        ("sendMessage", {"chat_id": ANN, "text": "x", "parse_mode": "HTML"}),
        ("sendMessage", {"chat_id": ANN, "text": "x", "entities": {"type": "bold"}}),
        ("sendChatAction", {"chat_id": ANN, "action": "thinking"}),
        ("setMessageReaction", {"chat_id": ANN, "message_id": 1, "reaction": [{"emoji": "✅"}]}),
        ("setMyCommands", {"commands": [{"command": "Help!", "description": "help"}]}),
        ("setMyShortDescription", {"short_description": "x" * 121}),
        ("answerCallbackQuery", {"callback_query_id": "0"}),
        ("sendPhoto", {"chat_id": ANN, "photo": "x"}),
    ],
)
async def test_what_telegram_would_refuse_is_listed(
    api: BotApi, bot: Bot, method: str, arguments: dict
) -> None:
    try:
        await bot._post(method, arguments)
    except error.TelegramError:
        assert not api.calls[-1].executed
    (violation,) = api.violations
    assert violation.startswith(method)


@pytest.mark.parametrize(
    ("token", "why"),
    [("123456789:AAHother-0123456789abcdefghijklmnop", "Unauthorized"), ("1:short", "Not Found")],
)
async def test_another_token_is_refused(api: BotApi, token: str, why: str) -> None:
    async with HTTPXRequest() as request:
        with pytest.raises(error.InvalidToken, match=why):
            await Bot(token, base_url=api.base_url, request=request).get_me()
    assert len(api.violations) == 1


@pytest.mark.parametrize(
    ("kind", "details", "expected", "executed"),
    [
        ("status", {"status": 502}, error.NetworkError, False),
        ("reset", {}, error.NetworkError, False),
        ("lost", {}, error.NetworkError, True),
        ("slow", {"seconds": 1}, error.TimedOut, True),
        ("retry_after", {"seconds": 3}, error.RetryAfter, False),
        ("conflict", {}, error.Conflict, False),
        ("error", {"description": "chat not found"}, error.BadRequest, False),
        ("error", {"code": 403, "description": "Forbidden: blocked"}, error.Forbidden, False),
        ("error", {"parameters": {"migrate_to_chat_id": GROUP}}, error.ChatMigrated, False),
    ],
)
async def test_faults(
    api: BotApi,
    bot: Bot,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    details: dict,
    expected: type[Exception],
    executed: bool,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or RetryAfter warns of its future type
    api.fault("sendMessage", kind, after=1, times=2, **details)
    await bot.send_message(ANN, "0")
    for text in "12":
        with pytest.raises(expected):
            await bot.send_message(ANN, text, read_timeout=0.2)
    await bot.send_message(ANN, "3")
    if executed:
        await api.until(lambda: len(api.messages) == 4)
    assert [call.executed for call in api.calls[1:]] == [True, executed, executed, True]
    assert not api.violations


async def test_a_fault_of_one_chat(api: BotApi, bot: Bot) -> None:
    api.fault("sendMessage", "error", chat_id=GROUP, times=math.inf)
    await bot.send_message(ANN, "fine")
    with pytest.raises(error.BadRequest):
        await bot.send_message(GROUP, "not fine")


async def test_an_offset_acknowledges(api: BotApi, bot: Bot) -> None:
    first, second = (api.push(api.message(ANN, text)) for text in ("/start now", "two"))
    updates = await bot.get_updates()
    assert [u.update_id for u in updates] == [first, second]
    assert updates[0].message.parse_entities(["bot_command"]).popitem()[1] == "/start"
    assert [u.update_id for u in await bot.get_updates(offset=second)] == [second]
    assert await bot.get_updates(offset=second + 1) == ()
    assert not api.pending


async def test_a_long_poll_ends_with_an_update_or_with_its_time(api: BotApi, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await api.until(lambda: api.calls[-1].method == "getUpdates")
    began = time.monotonic()
    api.push(api.message(ANN, "hello"))
    (update,) = await poll
    assert time.monotonic() - began < 5
    assert await bot.get_updates(offset=update.update_id + 1, timeout=1) == ()
    assert time.monotonic() - began >= 1


async def test_a_second_poll_ends_the_first(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await api.until(lambda: api.calls[-1].method == "getUpdates")
    async with Bot(api.token, base_url=api.base_url) as another:
        await another.get_updates()
    with pytest.raises(error.Conflict):
        await first


async def test_only_the_kinds_asked_for_arrive_and_the_list_stays(api: BotApi, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["message"])
    api.push(updates.post("issue 1"))
    api.push(api.message(ANN, "in a group", GROUP))
    (update,) = await bot.get_updates()
    assert update.effective_chat.type == "supergroup"


async def test_posts_edits_and_buttons_arrive(api: BotApi, bot: Bot) -> None:
    post = updates.post("issue 1")
    message = await bot.send_message(ANN, "choose")
    for update in (post, updates.edited(post, "issue 2"), updates.tap(api.messages[0], "go")):
        api.push(update)
    posted, edited, pressed = await bot.get_updates()
    assert (posted.channel_post.text, posted.channel_post.chat.type) == ("issue 1", "channel")
    assert edited.edited_channel_post.text == "issue 2"
    assert pressed.callback_query.message.message_id == message.message_id
    assert isinstance(pressed.callback_query, CallbackQuery)
    assert await pressed.callback_query.answer()


@pytest.mark.parametrize("content", [5, {"date": "never"}])
async def test_a_malformed_update_cannot_be_parsed(api: BotApi, bot: Bot, content: object) -> None:
    api.push_raw({"message": content})
    with pytest.raises((TypeError, AttributeError)):
        await bot.get_updates()
    assert await bot.get_updates(offset=api.pending[-1][0] + 1) == ()


async def test_a_webhook_excludes_polling(api: BotApi, bot: Bot) -> None:
    api.push(api.message(ANN, "hello"))
    await bot.set_webhook("https://example.com/hook", allowed_updates=["message"])
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://example.com/hook", 1)
    with pytest.raises(error.Conflict):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "http://example.com/hook"},
        {"url": "https://example.com", "secret_token": "a b"},
        {"url": "https://example.com", "secret_token": "x" * 257},
        {"url": "https://example.com", "max_connections": 101},
    ],
)
async def test_a_webhook_is_refused(api: BotApi, bot: Bot, arguments: dict) -> None:
    with pytest.raises(error.BadRequest):
        await bot.set_webhook(**arguments)
    assert (await bot.get_webhook_info()).url == ""


class Hook:
    """A webhook that does not take the first few posts."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.posts: list[tuple[int, str | None]] = []

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.posts.append(((await request.json())["update_id"], secret))
        self.failures -= 1
        return web.Response(status=500 if self.failures >= 0 else 200)

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Its address while it is there."""
        app = web.Application()
        app.router.add_post("/hook", self.take)
        async with TestServer(app) as server:
            yield str(server.make_url("/hook"))


async def test_a_webhook_on_loopback_gets_each_update_until_it_takes_it(api: BotApi, bot: Bot) -> None:
    hook = Hook(failures=2)
    first = api.push(api.message(ANN, "before"))
    async with hook.served() as url:
        await bot.set_webhook(url, secret_token="a_B-1")
        second = api.push(api.message(ANN, "after"))
        await api.until(lambda: not api.pending)
        info = await bot.get_webhook_info()
    assert hook.posts == [(first, "a_B-1")] * 3 + [(second, "a_B-1")]
    assert info.last_error_message.startswith("Wrong response from the webhook: 500")
    await bot.delete_webhook()
    third = api.push(api.message(ANN, "by polling"))
    assert [update.update_id for update in await bot.get_updates()] == [third]


async def test_an_update_waits_for_a_webhook_that_is_away(api: BotApi, bot: Bot) -> None:
    hook = Hook(failures=0)
    async with hook.served() as url:
        pass
    await bot.set_webhook(url)
    api.push(api.message(ANN, "hello"))
    await api.until(lambda: api.webhook_error)
    assert (await bot.get_webhook_info()).pending_update_count == 1
    assert hook.posts == []


async def test_commands_are_kept_by_scope_and_language(api: BotApi, bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("help", "Hilfe")], scope=scope, language_code="de")
    assert ("all_private_chats", None, "de") in api.commands
    assert await bot.get_my_commands() == ()
    (command,) = await bot.get_my_commands(scope, "de")
    assert command.description == "Hilfe"
    await bot.delete_my_commands(scope, "de")
    assert not api.commands


def test_waiting_in_vain_says_what_was_called() -> None:
    with BotApi() as api, pytest.raises(AssertionError, match="in vain"):
        api.wait_for(lambda: api.messages, timeout=0.05)


@pytest.mark.parametrize("moment", ["received", "answered"])
def test_a_process_is_killed_at_the_very_moment(moment: str) -> None:
    with BotApi() as api:
        command = [sys.executable, "-c", SENDER, api.token, api.base_url]
        process = subprocess.Popen(command)
        seen: list[int] = []

        def kill(call: Call) -> None:
            seen.append(len(api.messages))
            if call.params["text"] == "2":
                process.kill()
                process.wait()

        api.on("sendMessage", moment, kill)
        assert process.wait(30) == -9
        api.wait_for(lambda: len(api.messages) == 3)
        assert seen == ([0, 1, 2] if moment == "received" else [1, 2, 3])

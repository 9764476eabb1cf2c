"""What the local Bot API server knows of chats, and what it refuses there as Telegram would."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import updates
from bot_api import BotApi
from bot_api_chats import Chat
from fakes import LocalRequest
from telegram import (
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    ReactionTypeEmoji,
    ReplyParameters,
    error,
)
from telegram.ext import ExtBot
from updates import ANN, CHANNEL, GROUP

BASIC, TOPIC = -5, 50
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("A", callback_data="a")]])


@pytest.fixture
def api() -> BotApi:
    return BotApi()


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[ExtBot]:
    request = LocalRequest(api)
    async with ExtBot(api.token, request=request, get_updates_request=request) as bot:
        yield bot


def heard(api: BotApi, update: dict) -> int:
    """The id of a message that the server has passed on."""
    api.learn(update)
    return next(iter(update.values()))["message_id"]


forum = partial(Chat, GROUP, is_forum=True)

# A chat, what the bot sends there besides a text, and the refusal, which the bot could not foresee.
SURPRISES = {
    "blocked": (Chat(ANN, bot="kicked"), {}, error.Forbidden, "bot was blocked by the user"),
    "not started": (Chat(ANN, bot="left"), {}, error.Forbidden, "can't initiate conversation"),
    "kicked": (Chat(BASIC, bot="kicked"), {}, error.Forbidden, "kicked from the group chat"),
    "kicked from a supergroup": (Chat(GROUP, bot="kicked"), {}, error.Forbidden, "the supergroup chat"),
    "left": (Chat(GROUP, bot="left"), {}, error.Forbidden, "bot is not a member of the supergroup chat"),
    "no post": (Chat(CHANNEL, "channel", "kicked"), {}, error.Forbidden, "kicked from the channel chat"),
    "lost": (Chat(ANN, lost=True), {}, error.BadRequest, "chat not found"),
    "migrated": (Chat(BASIC, migrated_to=GROUP), {}, error.ChatMigrated, str(GROUP)),
    "muted": (Chat(GROUP, bot="restricted"), {}, error.BadRequest, "not enough rights to send text"),
    "no admin": (Chat(CHANNEL, "channel", "member"), {}, error.BadRequest, "need administrator rights"),
    "may not post": (
        Chat(CHANNEL, "channel", rights={updates.BOT["id"]: {"can_post_messages": False}}), {},
        error.BadRequest, "need administrator rights",
    ),
    "closed topic": (
        forum(topics={TOPIC: "closed"}), {"message_thread_id": TOPIC}, error.BadRequest, "topic_closed",
    ),
    "closed General": (forum(topics={1: "closed"}), {}, error.BadRequest, "topic_closed"),
    "deleted topic": (
        forum(topics={TOPIC: "deleted"}), {"message_thread_id": TOPIC}, error.BadRequest, "thread not found",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SURPRISES)
async def test_a_state_of_the_chat_refuses_a_message_and_is_no_violation(
    api: BotApi, bot: ExtBot, case: str
) -> None:
    chat, more, kind, text = SURPRISES[case]
    api.chats[chat.id] = chat
    for call in (partial(bot.send_message, text="x"), partial(bot.send_chat_action, action="typing")):
        with pytest.raises(kind, match=f"(?i){text}"):
            await call(chat.id, **more)
    assert api.violations == api.messages == []


@pytest.mark.parametrize(
    ("chat", "more", "text"),
    [
        (forum(), {"message_thread_id": TOPIC}, "thread not found"),
        (forum(topics={1: "open"}), {"message_thread_id": 1}, "thread not found"),
        (Chat(GROUP), {"message_thread_id": TOPIC}, "thread not found"),
        (Chat(GROUP), {"reply_parameters": ReplyParameters(5)}, "to be replied not found"),
    ],
)
async def test_what_the_bot_could_know_is_a_violation(
    api: BotApi, bot: ExtBot, chat: Chat, more: dict, text: str
) -> None:
    api.chats[GROUP] = chat
    with pytest.raises(error.BadRequest, match=f"(?i){text}"):
        await bot.send_message(GROUP, "x", **more)
    assert len(api.violations) == 1


async def test_a_chat_that_nobody_declared_is_ordinary(api: BotApi, bot: ExtBot) -> None:
    sent = [await bot.send_message(chat, "x") for chat in (ANN, BASIC, GROUP)]
    assert [message.chat.type for message in sent] == ["private", "group", "supergroup"]
    api.learn(updates.post("y"))
    post = await bot.send_message(CHANNEL, "x")
    assert (post.chat.type, post.from_user) == ("channel", None)


async def test_a_message_goes_where_it_is_sent_to(api: BotApi, bot: ExtBot) -> None:
    asked = heard(api, updates.group("why?", thread=TOPIC))
    plain = await bot.send_message(GROUP, "x", message_thread_id=TOPIC)
    assert (plain.message_thread_id, plain.is_topic_message) == (TOPIC, True)
    assert plain.reply_to_message.message_id == TOPIC
    reply = await bot.send_message(GROUP, "x", reply_parameters=ReplyParameters(asked))
    assert (reply.message_thread_id, reply.reply_to_message.text) == (TOPIC, "why?")
    general = await bot.send_message(GROUP, "x")
    assert general.message_thread_id is None
    assert [sent.thread for sent in api.messages] == [TOPIC, TOPIC, None]


async def test_topics_and_who_may_write_in_a_closed_one(api: BotApi, bot: ExtBot) -> None:
    for event in ("created", "closed"):
        api.learn(updates.topic(event, TOPIC))
    for more in ({"message_thread_id": TOPIC}, {"reply_parameters": ReplyParameters(TOPIC)}):
        with pytest.raises(error.BadRequest, match=r"(?i)topic_closed"):
            await bot.send_message(GROUP, "x", **more)
    api.learn(updates.membership(GROUP, "member", "administrator", can_manage_topics=True))
    await bot.send_message(GROUP, "x", message_thread_id=TOPIC)
    api.learn(updates.membership(GROUP, "administrator", "member"))
    api.learn(updates.topic("reopened", TOPIC))
    await bot.send_message(GROUP, "x", message_thread_id=TOPIC)
    assert len(api.messages) == 2


async def test_a_quotation_is_to_the_letter(api: BotApi, bot: ExtBot) -> None:
    asked = heard(api, updates.group("The pact was signed in Baghdad."))
    sent = await bot.send_message(GROUP, "x", reply_parameters=ReplyParameters(asked, quote="was signed"))
    assert (sent.quote.text, sent.quote.position) == ("was signed", 9)
    assert (sent.message_thread_id, sent.is_topic_message) == (asked, None)
    for wrong in ("was Signed", ""):
        with pytest.raises(error.BadRequest, match=r"(?i)quote_text_invalid"):
            await bot.send_message(GROUP, "x", reply_parameters=ReplyParameters(asked, quote=wrong))


async def test_a_reply_may_do_without_its_message_and_may_be_to_another_chat(
    api: BotApi, bot: ExtBot
) -> None:
    alone = await bot.send_message(
        ANN, "x", reply_parameters=ReplyParameters(5, allow_sending_without_reply=True)
    )
    assert alone.reply_to_message is None
    post = heard(api, updates.post("The pact was signed."))
    sent = await bot.send_message(
        ANN, "x", reply_parameters=ReplyParameters(post, chat_id=CHANNEL, quote="pact")
    )
    assert (sent.reply_to_message, sent.quote.text) == (None, "pact")


async def test_an_edit_without_buttons_takes_them_away(api: BotApi, bot: ExtBot) -> None:
    sent = await bot.send_message(ANN, "x")
    for edit in (partial(sent.edit_text, "x"), sent.edit_reply_markup):
        assert (await sent.edit_reply_markup(BUTTONS)).reply_markup == BUTTONS
        assert (await edit()).reply_markup is None
        with pytest.raises(error.BadRequest, match="not modified"):
            await edit()
    assert not api.violations


async def test_a_message_that_people_deleted_is_gone(api: BotApi, bot: ExtBot) -> None:
    sent = await bot.send_message(ANN, "x")
    api.messages[0].deleted = True
    for call in (
        partial(sent.edit_text, "y"),
        sent.delete,
        partial(sent.set_reaction, "👍"),
        sent.reply_text,
    ):
        more = {"text": "y", "do_quote": True} if call == sent.reply_text else {}
        with pytest.raises(error.BadRequest, match="not found"):
            await call(**more)


async def test_messages_of_people_are_deleted_by_admins_alone(api: BotApi, bot: ExtBot) -> None:
    said = heard(api, updates.group("x"))
    with pytest.raises(error.BadRequest, match="can't be edited"):
        await bot.edit_message_text("y", GROUP, said)
    with pytest.raises(error.BadRequest, match="can't be deleted"):
        await bot.delete_message(GROUP, said)
    api.chats[GROUP].bot = "administrator"
    await bot.delete_message(GROUP, said)
    assert said not in api.chats[GROUP].messages


async def test_a_tap_is_answered_once_and_in_time(api: BotApi, bot: ExtBot) -> None:
    await bot.send_message(ANN, "x", reply_markup=BUTTONS)
    first, second = (updates.tap(api.messages[0], "a") for _ in range(2))
    ids = [tap["callback_query"]["id"] for tap in (first, second)]
    for tap in (first, second):
        api.learn(tap)
    with pytest.raises(error.BadRequest, match=r"(?i)too_long"):
        await bot.answer_callback_query(ids[0], "x" * 201)
    await bot.answer_callback_query(ids[0], "x" * 200)
    assert api.answers[ids[0]]["text"] == "x" * 200
    api.queries[ids[1]] = "old"
    count = len(api.violations)
    for query_id, violations in ((ids[1], count), (ids[0], count + 1)):
        with pytest.raises(error.BadRequest, match=r"(?i)query is too old and response timeout expired or"):
            await bot.answer_callback_query(query_id)
        assert len(api.violations) == violations


def article(result_id: str = "1", text: str = "ask @someone", **more: object) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(result_id, "Title", InputTextMessageContent(text), **more)


async def test_an_inline_query_is_answered(api: BotApi, bot: ExtBot) -> None:
    api.learn(query := updates.inline("pact"))
    query_id = query["inline_query"]["id"]
    button = InlineQueryResultsButton("More", start_parameter="x" * 64)
    results = [article("é" * 32), *(article(str(n), reply_markup=BUTTONS) for n in range(49))]
    await bot.answer_inline_query(query_id, results, button=button, cache_time=5, is_personal=True)
    content = api.answers[query_id]["results"][0]["input_message_content"]
    assert [entity["type"] for entity in content["entities"]] == ["mention"]
    with pytest.raises(error.BadRequest, match="too old"):
        await bot.answer_inline_query(query_id, [])
    assert len(api.violations) == 1


@pytest.mark.parametrize(
    ("results", "button", "why"),
    [
        ([article(str(n)) for n in range(51)], None, "results_too_much"),
        ([article("é" * 33)], None, "result_id_invalid"),
        ([article(""), article()], None, "result_id_invalid"),
        ([article(), article()], None, "result_id_duplicate"),
        ([article(text=" \n")], None, "text must be non-empty"),
        ([article(text="x" * 4097)], None, "message is too long"),
        ([article(reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("A")]]))], None, "one action"),
        ([], InlineQueryResultsButton("More", start_parameter="a b"), "start_param_invalid"),
        ([], InlineQueryResultsButton("More", start_parameter="x" * 65), "start_param_invalid"),
        ([], InlineQueryResultsButton("", start_parameter="x"), "non-empty"),
    ],
)
async def test_an_inline_answer_is_refused(
    api: BotApi, bot: ExtBot, results: list, button: InlineQueryResultsButton | None, why: str
) -> None:
    api.learn(query := updates.inline("pact"))
    with pytest.raises(error.BadRequest, match=f"(?i){why}"):
        await bot.answer_inline_query(query["inline_query"]["id"], results, button=button)
    assert not api.answers


async def test_a_reaction_is_to_a_message_that_is_there(api: BotApi, bot: ExtBot) -> None:
    said = heard(api, updates.group("x"))
    await bot.set_message_reaction(GROUP, said, "👀")
    assert api.reactions == {(GROUP, said): ["👀"]}
    for wrong in ([ReactionTypeEmoji("✅")], ["👀", "👍"]):
        with pytest.raises(error.BadRequest, match=r"(?i)reaction_invalid"):
            await bot.set_message_reaction(GROUP, said, wrong)


async def test_members_have_the_status_that_they_were_given(api: BotApi, bot: ExtBot) -> None:
    api.chats[GROUP] = Chat(GROUP, members={1: "creator", 2: "restricted", 3: "kicked"})
    api.learn(updates.group("x", user=4))
    api.learn(updates.group("x", BASIC, user=5))
    api.learn(updates.membership(GROUP, "member", "administrator", can_pin_messages=True))
    statuses = [(await bot.get_chat_member(GROUP, user)).status for user in (1, 2, 3, 4, 5, bot.id)]
    assert statuses == ["creator", "restricted", "kicked", "member", "left", "administrator"]
    admins = await bot.get_chat_administrators(GROUP)
    assert [admin.user.id for admin in admins] == [1, bot.id]
    assert admins[1].can_pin_messages
    with pytest.raises(error.BadRequest, match=r"(?i)participant_id_invalid"):
        await bot.get_chat_member(GROUP, 77)


async def test_the_members_of_a_channel_are_for_its_admins(api: BotApi, bot: ExtBot) -> None:
    api.chats[CHANNEL] = Chat(CHANNEL, "channel", "member", members={ANN: "creator"})
    with pytest.raises(error.BadRequest, match=r"(?i)member list is inaccessible"):
        await bot.get_chat_member(CHANNEL, ANN)
    api.chats[CHANNEL].bot = "administrator"
    assert (await bot.get_chat_member(CHANNEL, ANN)).status == "creator"


async def test_a_chat_is_found_by_its_name_and_left(api: BotApi, bot: ExtBot) -> None:
    api.chats[CHANNEL] = Chat(CHANNEL, "channel", about={"username": "Daily", "linked_chat_id": GROUP})
    full = await bot.get_chat("@daily")
    assert (full.id, full.type, full.linked_chat_id) == (CHANNEL, "channel", GROUP)
    with pytest.raises(error.BadRequest, match=r"(?i)chat not found"):
        await bot.get_chat("@weekly")
    await bot.leave_chat(CHANNEL)
    with pytest.raises(error.Forbidden):
        await bot.get_chat(CHANNEL)
    assert not api.violations


async def test_a_group_that_migrated_says_where_to(api: BotApi, bot: ExtBot) -> None:
    for update in updates.migration(BASIC, GROUP):
        api.learn(update)
    with pytest.raises(error.ChatMigrated) as caught:
        await bot.send_message(BASIC, "x")
    assert caught.value.new_chat_id == GROUP
    await bot.send_message(GROUP, "x")


async def test_a_block_and_its_end_are_learnt(api: BotApi, bot: ExtBot) -> None:
    api.learn(updates.membership(ANN, "member", "kicked"))
    with pytest.raises(error.Forbidden):
        await bot.send_message(ANN, "x")
    api.learn(updates.membership(ANN, "kicked", "member"))
    await bot.send_message(ANN, "x")


async def test_what_the_bot_says_of_itself(api: BotApi, bot: ExtBot) -> None:
    api.me["can_read_all_group_messages"] = True
    assert (await bot.get_me()).can_read_all_group_messages
    assert (await bot.get_me()).supports_inline_queries
    await bot.set_my_commands([("help", "Hilfe")], BotCommandScopeChat(ANN), "de")
    assert list(api.commands) == [("chat", ANN, "de")]
    await bot.set_my_description("x" * 512)
    await bot.set_my_short_description("y" * 120, language_code="de")
    await bot.set_my_name("Bot")
    assert {key: len(text) for key, text in api.texts.items()} == {
        ("description", ""): 512,
        ("short_description", "de"): 120,
        ("name", ""): 3,
    }
    for wrong in (bot.set_my_description("x" * 513), bot.set_my_name("x" * 65)):
        with pytest.raises(error.BadRequest, match="too long"):
            await wrong
    with pytest.raises(error.BadRequest, match=r"(?i)lang_code_invalid"):
        await bot.set_my_description("x", language_code="german")


async def test_a_photo_is_a_picture_with_a_caption(api: BotApi, bot: ExtBot) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(8) + (640).to_bytes(4) + (480).to_bytes(4)
    sent = await bot.send_photo(ANN, png, caption="The harbour")
    assert (sent.caption, sent.photo[-1].width, sent.photo[-1].height) == ("The harbour", 640, 480)
    assert not api.violations
    flat = png[:16] + (9000).to_bytes(4) + (100).to_bytes(4)
    for data, caption in ((b"GIF", "x"), (flat, "x"), (png, "x" * 1025)):
        with pytest.raises(error.BadRequest):
            await bot.send_photo(ANN, data, caption=caption)
    assert len(api.violations) == 3

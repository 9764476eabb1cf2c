"""Which messages are for the bot, and what they want of it: one table for each kind of chat."""

from typing import Any

import pytest
import updates
from bot_api_text import Json
from telegram import Update, User
from updates import ANONYMOUS, BOT, CHANNEL, SOME_CHANNEL, TELEGRAM, group, private

from bot.chats.addressed import Addressed, addressed
from bot.chats.chat import MODES, Mode

ME = User.de_json(BOT, None)
BEN = 200
ASKED = "Who opened the pier?"
STATED = "Ann opened the pier."
ROBOT = {"id": 555, "is_bot": True, "first_name": "Robot", "username": "other_bot"}
PERSON = {"type": "user", "sender_user": updates.person(BEN), "date": 1_700_000_000}
FILE = {"file_id": "A", "file_unique_id": "B"}
PHOTO = {"photo": [FILE | {"width": 90, "height": 90}]}

OURS = group("The mayor did.", user=BOT)["message"]
THEIRS = group("The mayor did.", user=BEN)["message"]
SENT_VIA_US = group("The mayor did.", user=BEN, via_bot=BOT)["message"]
TOPIC = updates.topic("created", 77, user=BOT)["message"]
OURS_IN_TOPIC = group("The mayor did.", user=BOT, thread=77)["message"]
POST = updates.post(f"@test_bot {ASKED}")


def named(user: Json, text: str) -> Json:
    """The entity of a text that begins with a name of somebody, who needs no @name for that."""
    return {"entities": [{"type": "text_mention", "offset": 0, "length": text.index(","), "user": user}]}


def hears(update: Json, mode: Mode) -> Addressed | None:
    """What the message of an update wants, its JSON as Telegram's."""
    message = Update.de_json({"update_id": 1, **update}, None).effective_message
    assert message is not None
    assert ME is not None
    return addressed(message, ME, mode)


def wants(text: str, command: str = "") -> Addressed:
    return Addressed("private", text, command)


def nothing(**more: Any) -> Json:
    """A private message without a text."""
    return private(None, **more)


# In a private chat everything is for the bot; `mode` is for groups.
PRIVATE: dict[str, tuple[Json, Addressed | None]] = {
    "a question": (private(ASKED), wants(ASKED)),
    "no question": (private(STATED), wants(STATED)),
    "a reply to us": (private(ASKED, reply_to=private("No.", BOT)["message"]), wants(ASKED)),
    "a mention of somebody": (private(f"@ben_smith {ASKED}"), wants(f"@ben_smith {ASKED}")),
    "/ask": (private(f"/ask {ASKED}"), wants(ASKED, "ask")),
    "/ask and a new line": (private(f"/ask\n{ASKED}\n"), wants(ASKED, "ask")),
    "/ASK to US": (private(f"/ASK@TEST_BOT {ASKED}"), wants(ASKED, "ask")),
    "/ask to another bot": (private(f"/ask@other_bot {ASKED}"), None),
    "/ask without its entity": (private(f"/ask {ASKED}", entities=[]), wants(ASKED, "ask")),
    "/ask at the end": (private(f"{ASKED} /ask"), wants(f"{ASKED} /ask")),
    "an unknown command": (private("/drop_tables now"), wants("now", "drop_tables")),
    "a command that can't be": (private("/ask, please"), wants("", "?")),
    "a stroke": (private("/"), wants("", "?")),
    "a forwarded question": (private(ASKED, forward_origin=PERSON), wants(ASKED)),
    "a question via another bot": (private(ASKED, via_bot=ROBOT), wants(ASKED)),
    "what was sent via us": (private(ASKED, via_bot=BOT), None),
    "a photo": (nothing(**PHOTO), wants("")),
    "a photo with a question": (nothing(**PHOTO, caption=ASKED), wants("")),
    "a photo with a command": (nothing(**PHOTO, caption=f"/ask {ASKED}"), wants("")),
    "a voice message": (nothing(voice=FILE | {"duration": 3}), wants("")),
    "a die": (nothing(dice={"emoji": "🎲", "value": 3}), wants("")),
    "a picked chat": (nothing(chat_shared={"request_id": 1, "chat_id": CHANNEL}), wants("", "subscribe")),
    "a chat that somebody else picked": (
        nothing(chat_shared={"request_id": 1, "chat_id": CHANNEL}, **{"from": updates.person(BEN)}),
        None,
    ),
    "a message was pinned": (nothing(pinned_message=THEIRS), None),
    "of a bot": (private(ASKED, ROBOT), None),
    "of ourselves": (private(ASKED, BOT), None),
    "of nobody": (private(ASKED, **{"from": None}), None),
    "of somebody else": (private(ASKED, **{"from": updates.person(BEN)}), None),
    "of a channel": (private(ASKED, sender_chat=updates.where(CHANNEL, "channel")), None),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", PRIVATE)
def test_in_a_private_chat_whatever_its_person_writes_is_for_the_bot(case: str, mode: Mode) -> None:
    update, wanted = PRIVATE[case]
    assert hears(update, mode) == wanted


def command(name: str, text: str = ASKED) -> Addressed:
    return Addressed("command", text, name)


MENTION, REPLY, OPEN = (Addressed(how, ASKED) for how in ("mention", "reply", "open"))

# In a group: what is wanted where the bot answers when asked, and where it answers open questions too.
GROUPS: dict[str, tuple[Json, Addressed | None, Addressed | None]] = {
    "a question": (group(ASKED), None, OPEN),
    "no question": (group(STATED), None, None),
    "a question in a topic": (group(ASKED, thread=77), None, OPEN),
    "a question in a topic that we opened": (group(ASKED, reply_to=TOPIC, thread=77), None, OPEN),
    "/ask": (group(f"/ask {ASKED}"), command("ask"), command("ask")),
    "/ask alone": (group("/ask"), command("ask", ""), command("ask", "")),
    "/ask and a new line": (group(f"/ask\n{ASKED}"), command("ask"), command("ask")),
    "/ask to us": (group(f"/ask@test_bot {ASKED}"), command("ask"), command("ask")),
    "/ASK to US": (group(f"/ASK@TEST_BOT {ASKED}"), command("ask"), command("ask")),
    "/ask in a topic": (group(f"/ask {ASKED}", thread=77), command("ask"), command("ask")),
    "/ask to another bot": (group(f"/ask@other_bot {ASKED}"), None, None),
    "/ask to another bot in reply to us": (group(f"/ask@other_bot {ASKED}", reply_to=OURS), None, None),
    "/ask after a word": (group(f"So /ask {ASKED}"), None, Addressed("open", f"So /ask {ASKED}")),
    "/ask without its entity": (
        group(f"/ask {ASKED}", entities=[]), None, Addressed("open", f"/ask {ASKED}"),
    ),
    "/reindex": (group("/reindex"), command("reindex", ""), command("reindex", "")),
    **{
        f"/{name}": (group(f"/{name}@test_bot"), command(name, ""), command(name, ""))
        for name in ("help", "settings", "privacy", "forgetme")
    },
    **{
        f"/{name}": (group(f"/{name}"), command(name, ""), command(name, ""))
        for name in ("subscribe", "subscriptions", "unsubscribe")
    },
    "/settings of another bot": (group("/settings@other_bot"), None, None),
    "our name before": (group(f"@test_bot {ASKED}"), MENTION, MENTION),
    "our name and a colon before": (group(f"@test_bot: {ASKED}"), MENTION, MENTION),
    "our name after": (group(f"{ASKED} @test_bot"), MENTION, MENTION),
    "our name in capitals": (group(f"@TEST_BOT {ASKED}"), MENTION, MENTION),
    "our name twice": (group(f"@test_bot {ASKED} @Test_Bot"), MENTION, MENTION),
    "our name after what takes two units": (
        group(f"😀😀{ASKED} @test_bot"), *[Addressed("mention", f"😀😀{ASKED}")] * 2,
    ),
    "our name alone": (group("@test_bot"), *[Addressed("mention", "")] * 2),
    "our name without its sign": (group(f"test_bot {ASKED}"), None, Addressed("open", f"test_bot {ASKED}")),
    "a name that begins as ours": (group(f"@test_bot2 {ASKED}"), None, None),
    "we are named without a username": (
        group(f"Bot, {ASKED}", **named(BOT, "Bot,")), MENTION, MENTION,
    ),
    "somebody is named first": (group(f"@ben_smith {ASKED}"), None, None),
    "somebody without a username is named first": (
        group(f"Ben, {ASKED}", **named(updates.person(BEN), "Ben,")), None, None,
    ),
    "somebody is named later": (
        group(f"{ASKED} @ben_smith?"), None, Addressed("open", f"{ASKED} @ben_smith?"),
    ),
    "somebody is named first, we later": (
        group(f"@ben_smith {ASKED} @test_bot"), *[Addressed("mention", f"@ben_smith {ASKED}")] * 2,
    ),
    "a reply to us": (group(ASKED, reply_to=OURS), REPLY, REPLY),
    "no question in reply to us": (group(STATED, reply_to=OURS), *[Addressed("reply", STATED)] * 2),
    "a reply to us in a topic": (group(ASKED, reply_to=OURS_IN_TOPIC), REPLY, REPLY),
    "a reply to us that names somebody first": (group(f"@ben_smith {ASKED}", reply_to=OURS), None, None),
    "a photo in reply to us": (group(None, reply_to=OURS, **PHOTO), None, None),
    "a reply to somebody": (group(ASKED, reply_to=THEIRS), None, OPEN),
    "a reply to somebody that names us": (group(f"@test_bot {ASKED}", reply_to=THEIRS), MENTION, MENTION),
    "a reply to what somebody sent via us": (group(ASKED, reply_to=SENT_VIA_US), None, OPEN),
    "a caption that names us": (group(None, **PHOTO, caption=f"@test_bot {ASKED}"), None, None),
    "a caption with /ask": (group(None, **PHOTO, caption=f"/ask {ASKED}"), None, None),
    "a new member": (group(None, new_chat_members=[BOT]), None, None),
    "in a small group": (group(f"@test_bot {ASKED}", -300), MENTION, MENTION),
    "forwarded by hand": (group(f"@test_bot {ASKED}", forward_origin=PERSON), None, None),
    "forwarded by hand in reply to us": (group(ASKED, reply_to=OURS, forward_origin=PERSON), None, None),
    "a post that Telegram forwarded": (updates.forwarded(POST), None, None),
    "a comment under a post": (group(ASKED, reply_to=updates.forwarded(POST)["message"]), None, OPEN),
    "sent via us": (group(f"@test_bot {ASKED}", via_bot=BOT), None, None),
    "sent via us in reply to us": (group(ASKED, reply_to=OURS, via_bot=BOT), None, None),
    "sent via another bot": (group(f"@test_bot {ASKED}", via_bot=ROBOT), None, None),
    "of another bot": (group(f"@test_bot {ASKED}", user=ROBOT), None, None),
    "of another bot in reply to us": (group(ASKED, user=ROBOT, reply_to=OURS), None, None),
    "/ask of another bot": (group(f"/ask {ASKED}", user=ROBOT), None, None),
    "of ourselves": (group(f"@test_bot {ASKED}", user=BOT), None, None),
    "of nobody": (group(f"@test_bot {ASKED}", **{"from": None}), None, None),
    "of Telegram's stand-in alone": (group(f"@test_bot {ASKED}", user=ANONYMOUS), None, None),
    "of an anonymous admin": (updates.anonymous(f"@test_bot {ASKED}"), MENTION, MENTION),
    "/ask of an anonymous admin": (updates.anonymous(f"/ask {ASKED}"), command("ask"), command("ask")),
    "of somebody as a channel": (updates.as_channel(ASKED, reply_to=OURS), REPLY, REPLY),
    "an open question as a channel": (updates.as_channel(ASKED), None, OPEN),
    "of a channel's stand-in alone": (group(f"@test_bot {ASKED}", user=SOME_CHANNEL), None, None),
    "of the group's channel by hand": (
        group(ASKED, user=TELEGRAM, sender_chat=updates.where(CHANNEL, "channel"), reply_to=OURS),
        REPLY, REPLY,
    ),
}  # fmt: skip


# In a channel: nothing but what subscribes it, sent as a post by those who post there.
CHANNELS: dict[str, tuple[Json, Addressed | None]] = {
    **{
        f"/{name}": (updates.post(f"/{name}"), command(name, ""))
        for name in ("subscribe", "subscriptions", "unsubscribe")
    },
    "/subscribe to us": (updates.post("/subscribe@test_bot"), command("subscribe", "")),
    "/subscribe to another bot": (updates.post("/subscribe@other_bot"), None),
    "/subscribe after a word": (updates.post("So /subscribe"), None),
    "/subscribe forwarded": (updates.post("/subscribe", forward_origin=PERSON), None),
    "/subscribe via another bot": (updates.post("/subscribe", via_bot=ROBOT), None),
    "/subscribe in a caption": (updates.post(None, **PHOTO, caption="/subscribe"), None),
    "/subscribe of another channel": (
        updates.post("/subscribe", sender_chat=updates.where(CHANNEL - 1, "channel")), None,
    ),
    "/subscribe of a person": (
        updates.post("/subscribe", sender_chat=None, **{"from": updates.person(BEN)}), None,
    ),
    "a post that names us": (POST, None),
    "a post with /ask": (updates.post(f"/ask {ASKED}"), None),
    **{
        f"a post with /{name}": (updates.post(f"/{name}"), None)
        for name in ("help", "settings", "privacy", "forgetme", "start", "reindex")
    },
    "a question": (updates.post(ASKED), None),
    "a reply to us": (updates.post(ASKED, reply_to_message=OURS), None),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CHANNELS)
def test_in_a_channel_only_what_subscribes_it_is_for_the_bot(case: str, mode: Mode) -> None:
    update, wanted = CHANNELS[case]
    assert hears(update, mode) == wanted


@pytest.mark.parametrize("case", GROUPS)
def test_in_a_group_only_what_is_meant_for_the_bot_is(case: str) -> None:
    update, when_asked, open_too = GROUPS[case]
    assert hears(update, "mention") == when_asked
    assert hears(update, "questions") == open_too


@pytest.mark.parametrize("case", GROUPS)
def test_a_group_that_wants_no_answers_gets_them_to_what_changes_that_alone(case: str) -> None:
    update, when_asked, _ = GROUPS[case]
    still = case[1:] in (
        "help", "settings", "privacy", "forgetme", "subscribe", "subscriptions", "unsubscribe",
    )  # fmt: skip
    assert hears(update, "off") == (when_asked if still else None)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("誰が橋を開けた？", True),
        ("من افتتح الجسر؟", True),
        ("Ποιος άνοιξε τη γέφυρα\u037e", True),
        ("¿Quién abrió el muelle?", True),
        ("Really⁇", True),
        ("Really⁈", True),
        ("Really⁉", True),
        ("Really?!", True),
        ("Who opened the pier? ", True),
        ("Who opened the pier?\n", True),
        ("Who opened the pier? 😀", True),
        ("“Who opened the pier?”", True),
        ("(Who opened the pier?)", True),
        ("Who opened the pier? I know it.", False),
        ("See example.org/?a=b", False),
        ("¿Quién lo sabe", False),
        ("Wait; who knows;", False),
        ("?", True),
        ("No!", False),
    ],
)
def test_an_open_question_is_what_ends_in_a_question_mark_of_any_script(text: str, asks: bool) -> None:
    assert hears(group(text), "questions") == (Addressed("open", text) if asks else None)

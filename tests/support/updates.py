"""Updates as Telegram would make them: each function returns one as JSON, without its update_id.

A person is given by id or as JSON, and so is a chat; a message as JSON or as what the bot sent. Further
fields are passed through, and None takes a field away.
"""

import inspect
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Protocol

import telegram
from bot_api_text import Json, found

ANN = 100
GROUP, CHANNEL = -1_001_234_567_890, -1_009_876_543_210

BOT = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "test_bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
SOME_CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}

MEMBERS = {
    "creator": telegram.ChatMemberOwner,
    "administrator": telegram.ChatMemberAdministrator,
    "member": telegram.ChatMemberMember,
    "restricted": telegram.ChatMemberRestricted,
    "left": telegram.ChatMemberLeft,
    "kicked": telegram.ChatMemberBanned,
}
NEEDED = {"can_react_to_messages"}  # though PTB says otherwise

_ids: dict[int, Iterator[int]] = defaultdict(lambda: itertools.count(1001))
_query_ids = itertools.count(1)


class Shown(Protocol):
    """A message that the bot sent."""

    def shown(self) -> Json:
        """The message as the API shows it."""


def next_id(chat_id: int) -> int:
    """The id of the next message: supergroups and channels count for themselves, as in Telegram."""
    return next(_ids[chat_id if chat_id < -(10**12) else 0])


def person(user: int | Json) -> Json:
    """Somebody called Ann who speaks English."""
    default = {"id": user, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    return user if isinstance(user, dict) else default


def where(chat: int | Json, kind: str = "") -> Json:
    """A chat; its kind is told from its id unless given, and a channel's has to be given."""
    if isinstance(chat, dict):
        return chat
    kind = kind or ("private" if chat > 0 else "supergroup" if chat < -(10**12) else "group")
    return {"id": chat, "type": kind, "first_name" if chat > 0 else "title": "Ann" if chat > 0 else "Town"}


def member(user: Json, status: str, **rights: object) -> Json:
    """A member of a chat; rights that are not given are not held."""
    accepted = inspect.signature(MEMBERS[status]).parameters
    needed = [name for name, p in accepted.items() if p.default is p.empty or name in NEEDED]
    default = {name: value for name, value in {"until_date": 0, "is_member": True}.items() if name in needed}
    return dict.fromkeys(needed, False) | default | rights | {"user": user, "status": status}


def place(chat: Json, reply_to: Json | Shown | None, thread: int | None) -> Json:
    """The topic and the reply of a message; in a topic, what replies to nothing replies to its root."""
    reply = reply_to if reply_to is None or isinstance(reply_to, dict) else reply_to.shown()
    if reply and reply.get("is_topic_message"):
        thread = thread or reply["message_thread_id"]
    if thread:
        created = {"forum_topic_created": {"name": "News", "icon_color": 7322096}}
        shown = reply or {"message_id": thread, "date": 1_700_000_000, "chat": chat, **created}
        topic = {"message_thread_id": thread, "is_topic_message": True}
    elif reply:
        shown, root = reply, reply.get("message_thread_id", reply["message_id"])
        topic = {"message_thread_id": root} if chat["type"] == "supergroup" else {}
    else:
        return {}
    return topic | {"reply_to_message": {k: v for k, v in shown.items() if k != "reply_to_message"}}


def message(chat: Json, text: str | None, /, **more: Any) -> Json:
    """A new message in a chat, with the entities that Telegram finds."""
    number = more.pop("message_id", None) or next_id(chat["id"])
    made = {"message_id": number, "date": int(time.time()), "chat": chat, "text": text}
    made |= {"entities": found(text or ""), "caption_entities": found(more.get("caption") or ""), **more}
    return {name: value for name, value in made.items() if value not in (None, [])}


def private(
    text: str | None, user: int | Json = ANN, reply_to: Json | Shown | None = None, **more: Any
) -> Json:
    """A message of a person in their own chat with the bot."""
    sender = person(user)
    chat = where(sender["id"])
    return {"message": message(chat, text, **{"from": sender, **place(chat, reply_to, None), **more})}


def picked(chat: int, user: int | Json = ANN, title: str | None = "Town") -> Json:
    """Somebody picked a chat with a button of the bot that asked for one."""
    named = {"title": title} if title else {}
    return private(None, user, chat_shared={"request_id": 1, "chat_id": chat, **named})


def group(
    text: str | None,
    chat: int | Json = GROUP,
    user: int | Json = ANN,
    reply_to: Json | Shown | None = None,
    thread: int | None = None,
    **more: Any,
) -> Json:
    """A message in a group; with `thread`, in that topic of a forum."""
    shown = where(chat) | ({"is_forum": True} if thread else {})
    return {
        "message": message(shown, text, **{"from": person(user), **place(shown, reply_to, thread), **more})
    }


def anonymous(text: str | None, chat: int | Json = GROUP, **more: Any) -> Json:
    """A message of an anonymous admin of a group."""
    return group(text, chat, ANONYMOUS, sender_chat=where(chat), **more)


def as_channel(
    text: str | None, chat: int | Json = GROUP, channel: int | Json = CHANNEL, **more: Any
) -> Json:
    """A message that somebody sent to a group in the name of a channel."""
    return group(text, chat, SOME_CHANNEL, sender_chat=where(channel, "channel"), **more)


def post(text: str | None, channel: int | Json = CHANNEL, **more: Any) -> Json:
    """A post in a channel, which is from nobody."""
    chat = where(channel, "channel")
    return {"channel_post": message(chat, text, **{"sender_chat": chat, **more})}


def forwarded(update: Json, chat: int | Json = GROUP) -> Json:
    """The automatic forward of a post into the discussion group of its channel."""
    original = update["channel_post"]
    origin = {"type": "channel", **{name: original[name] for name in ("chat", "message_id", "date")}}
    copied = {name: original[name] for name in ("entities", "caption", "photo") if name in original}
    more = {"sender_chat": original["chat"], "forward_origin": origin, "is_automatic_forward": True}
    return group(original.get("text"), chat, TELEGRAM, **more, **copied)


def edited(update: Json, text: str) -> Json:
    """What comes when the message of `update` is changed."""
    ((kind, old),) = update.items()
    new = old | {"text": text, "entities": found(text), "edit_date": int(time.time())}
    return {f"edited_{kind}": {name: value for name, value in new.items() if value != []}}


def topic(event: str, thread: int, chat: int | Json = GROUP, user: int | Json = ANN) -> Json:
    """A topic of a forum is created, closed or reopened; the first is the root, with the topic's id."""
    if event != "created":
        return group(None, chat, user, thread=thread, **{f"forum_topic_{event}": {}})
    created = {"message_id": thread, "message_thread_id": thread, "is_topic_message": True}
    shown = where(chat) | {"is_forum": True}
    return group(None, shown, user, **created, forum_topic_created={"name": "News", "icon_color": 7322096})


def migration(old: int, new: int, user: int | Json = ANN) -> tuple[Json, Json]:
    """What comes when a group becomes a supergroup: first from the old chat, then from the new."""
    return group(None, old, user, migrate_to_chat_id=new), group(None, new, user, migrate_from_chat_id=old)


def membership(
    chat: int | Json, old: str, new: str, by: int | Json = ANN, user: Json = BOT, **rights: object
) -> Json:
    """Somebody's status in a chat changes, the bot's own unless told otherwise; `rights` hold afterwards."""
    change = {"chat": where(chat), "from": person(by), "date": int(time.time())}
    change |= {"old_chat_member": member(user, old), "new_chat_member": member(user, new, **rights)}
    return {"my_chat_member" if user["id"] == BOT["id"] else "chat_member": change}


def tap(sent: Json | Shown | str, data: str, user: int | Json = ANN) -> Json:
    """A button is pressed, under a message or under what has this inline_message_id."""
    query = {"id": str(next(_query_ids)), "from": person(user), "chat_instance": "1", "data": data}
    if isinstance(sent, str):
        return {"callback_query": query | {"inline_message_id": sent}}
    return {"callback_query": query | {"message": sent if isinstance(sent, dict) else sent.shown()}}


def buttons(sent: Shown) -> dict[str, str]:
    """What the buttons under a message send when they are pressed, by what stands on them."""
    rows = sent.shown().get("reply_markup", {}).get("inline_keyboard", [])
    return {each["text"]: each["callback_data"] for row in rows for each in row if "callback_data" in each}


def press(sent: Shown, label: str, user: int | Json = ANN) -> Json:
    """The button with these words is pressed."""
    return tap(sent, buttons(sent)[label], user)


def inline(query: str, user: int | Json = ANN, offset: str = "", chat_type: str = "sender") -> Json:
    """Somebody writes the bot's name and a query in any chat."""
    asked = {"query": query, "offset": offset, "chat_type": chat_type}
    return {"inline_query": {"id": str(next(_query_ids)), "from": person(user), **asked}}


def chosen(result_id: str, query: str, user: int | Json = ANN, **more: Any) -> Json:
    """Somebody sends one of the results of an inline query."""
    return {"chosen_inline_result": {"result_id": result_id, "from": person(user), "query": query, **more}}


def ago(seconds: float) -> int:
    """When a message was sent; its clock has whole seconds."""
    return int(time.time() - seconds)

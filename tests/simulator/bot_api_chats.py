"""The chats that the Bot API server knows: who is in them, their topics, and what was written."""

import hashlib
import struct
import time
from dataclasses import dataclass, field

import updates
from bot_api_text import Json, Refused, Unforeseen, ok, span

OUTSIDE = {"left": "is not a member of", "kicked": "was kicked from"}


@dataclass
class Chat:
    """A chat as it stands, for a test to change; what is not given is told from its id.

    Statuses are Telegram's: creator, administrator, member, restricted, left, kicked. A bot that is
    restricted may not write; in a private chat, "kicked" is blocked and "left" never started.
    """

    id: int
    kind: str = ""  # private, group, supergroup, channel
    bot: str = ""
    members: dict[int, str] = field(default_factory=dict)
    rights: dict[int, Json] = field(default_factory=dict)  # of administrators and the bot, by their ids
    is_forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)  # open, closed or deleted; 1 is General
    migrated_to: int | None = None
    lost: bool = False  # "chat not found"
    about: Json = field(default_factory=dict)  # further fields: username, linked_chat_id
    messages: dict[int, "Json | Sent"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kind = self.kind or updates.where(self.id)["type"]
        self.bot = self.bot or ("administrator" if self.kind == "channel" else "member")

    @property
    def info(self) -> Json:
        """The chat as the API shows it in a message."""
        named = {"username": self.about["username"]} if "username" in self.about else {}
        return updates.where(self.id, self.kind) | ({"is_forum": True} if self.is_forum else {}) | named

    def member(self, user: Json) -> Json:
        """A person or the bot as a member."""
        status = self.bot if user["id"] == updates.BOT["id"] else self.members.get(user["id"], "left")
        return updates.member(user, status, **self.rights.get(user["id"], {}))

    def set_member(self, user: Json, status: str, **rights: object) -> None:
        """A person or the bot has another status from now on."""
        self.rights[user["id"]] = rights
        if user["id"] == updates.BOT["id"]:
            self.bot = status
        else:
            self.members[user["id"]] = status

    def message(self, message_id: int) -> Json | None:
        """A message that still stands here."""
        message = self.messages.get(message_id)
        if isinstance(message, Sent):
            return None if message.deleted else message.shown()
        return message

    def check_reading(self) -> None:
        """Refused unless the bot is in the chat."""
        if self.lost:
            raise Unforeseen("chat not found")
        if self.migrated_to:
            why = "group chat was upgraded to a supergroup chat"
            raise Unforeseen(why, migrate_to_chat_id=self.migrated_to)
        if self.kind != "private" and self.bot in OUTSIDE:
            raise Unforeseen(f"Forbidden: bot {OUTSIDE[self.bot]} the {self.kind} chat", 403)

    def check_writing(self) -> None:
        """Refused unless the bot may write in the chat."""
        self.check_reading()
        if self.bot == "kicked":
            raise Unforeseen("Forbidden: bot was blocked by the user", 403)
        if self.bot == "left":
            raise Unforeseen("Forbidden: bot can't initiate conversation with a user", 403)
        posting = self.bot == "administrator" and self._may("can_post_messages", True)
        if self.kind == "channel" and not posting:
            raise Unforeseen("need administrator rights in the channel chat")
        if self.bot == "restricted" and not self._may("can_send_messages"):
            raise Unforeseen("not enough rights to send text messages to the chat")

    def check_thread(self, thread: int | None) -> None:
        """Refused unless the topic takes messages; General has no number, and other chats no topics."""
        state = self.topics.get(thread or 1, "unknown" if thread else "open")
        if thread == 1 or (thread and not self.is_forum) or state == "unknown":
            raise Refused("message thread not found")
        if state == "deleted":
            raise Unforeseen("message thread not found")
        if state == "closed" and not self._may("can_manage_topics"):
            raise Unforeseen("TOPIC_CLOSED")

    def _may(self, right: str, otherwise: bool = False) -> object:
        return self.rights.get(updates.BOT["id"], {}).get(right, otherwise)


@dataclass
class Sent:
    """One message of the bot as it now stands in the chat."""

    chat: Chat
    message_id: int
    text: str
    entities: list[Json]
    reply_markup: Json | None
    reply_parameters: Json | None
    place: Json  # topic, reply and quotation
    photo: list[Json] = field(default_factory=list)  # its sizes, where the text is its caption
    date: int = field(default_factory=lambda: int(time.time()))
    edit_date: int | None = None
    deleted: bool = False

    @property
    def chat_id(self) -> int:
        return self.chat.id

    @property
    def thread(self) -> int | None:
        """The topic that the message is in."""
        return self.place["message_thread_id"] if "is_topic_message" in self.place else None

    def pieces(self, kind: str) -> list[str]:
        """The parts of the text under the entities of one kind."""
        raw = self.text.encode("utf-16-le")
        spans = [span(e) for e in self.entities if e["type"] == kind]
        return [raw[2 * start : 2 * end].decode("utf-16-le") for start, end in spans]

    def shown(self) -> Json:
        """The message as the API shows it."""
        sender = {"sender_chat": self.chat.info} if self.chat.kind == "channel" else {"from": updates.BOT}
        inline = self.reply_markup if "inline_keyboard" in (self.reply_markup or {}) else None
        content: Json = {"message_id": self.message_id, "entities": self.entities, "reply_markup": inline}
        if self.photo:
            captioned = {"caption": self.text, "caption_entities": self.entities, "photo": self.photo}
            content |= captioned | {"entities": None}
        dates = {"date": self.date, "edit_date": self.edit_date}
        text = None if self.photo else self.text
        return updates.message(self.chat.info, text, **content, **dates, **sender, **self.place)


def photo(data: bytes) -> list[Json]:
    """A PNG as the live server would show it, if it would take it."""
    ok(data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) <= 10 * 2**20, "IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", data[16:24])
    narrow, wide = sorted((width, height))
    ok(width + height <= 10_000 and wide <= 20 * narrow, "PHOTO_INVALID_DIMENSIONS")
    number = hashlib.sha256(data).hexdigest()
    return [{"file_id": number, "file_unique_id": number[:16], "width": width, "height": height}]


class Chats(dict[int, Chat]):
    """Chats by id; one that nobody declared is as ordinary as its id lets it be."""

    def __missing__(self, chat_id: int) -> Chat:
        return self.setdefault(chat_id, Chat(chat_id))

    def learn(self, info: Json) -> Chat:
        """The chat that an update shows."""
        chat = self.setdefault(info["id"], Chat(info["id"], info["type"]))
        chat.is_forum = chat.is_forum or info.get("is_forum", False)
        return chat

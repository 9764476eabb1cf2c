"""What the methods of the Bot API do to the chats that the server knows."""

import re
import time
from typing import Any

import updates
from bot_api_chats import Chat, Chats, Sent, photo
from bot_api_text import Json, Unforeseen, ok, requests, tidy, tidy_keyboard
from telegram.constants import ChatAction, ReactionEmoji

MESSAGES = {"message", "edited_message", "channel_post", "edited_channel_post"}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"
CAPTION = 1024  # UTF-16 units under a photo
START_PARAMETER = re.compile("[A-Za-z0-9_-]{1,64}")
LIMITS = {"name": 64, "description": 512, "short_description": 120}


class Methods:
    """The state of Telegram as far as the bot can see it; `do_…` is the method of that name."""

    def __init__(self) -> None:
        abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        self.me: Json = updates.BOT | dict.fromkeys(abilities, True) | {"can_read_all_group_messages": False}
        self.chats = Chats()
        self.users: dict[int, Json] = {updates.BOT["id"]: updates.BOT}
        self.messages: list[Sent] = []
        self.reactions: dict[tuple[int, int], list[str]] = {}  # of the bot, by chat and message
        self.files: dict[str, bytes] = {}  # that people sent, by their ids
        self.queries: dict[str, str] = {}  # callback, inline, answered or old
        self.answers: dict[str, Json] = {}  # what was answered to a query
        self.commands: dict[tuple[str, int | None, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}  # of the bot's profile, by kind and language

    def learn(self, update: Json) -> None:
        """Take note of what an update tells: messages, people, topics, statuses, queries."""
        for kind, content in update.items():
            if isinstance(content, dict) and isinstance(content.get("from"), dict):
                self.users[content["from"]["id"]] = content["from"]
            if kind in MESSAGES and content:
                self._learn_message(content)
            elif kind in {"callback_query", "inline_query"}:
                self.queries[content["id"]] = kind.removesuffix("_query")
            elif kind in {"my_chat_member", "chat_member"}:
                self.chats.learn(content["chat"]).set_member(**content["new_chat_member"])

    def _learn_message(self, message: Json) -> None:
        chat = self.chats.learn(message["chat"])
        chat.messages[message["message_id"]] = message
        if "from" in message:
            chat.members.setdefault(message["from"]["id"], "member")
        if message.get("is_topic_message"):
            topic = message["message_thread_id"]
            chat.topics.setdefault(topic, "open")
            for event, state in (("closed", "closed"), ("reopened", "open")):
                if f"forum_topic_{event}" in message:
                    chat.topics[topic] = state
        chat.migrated_to = message.get("migrate_to_chat_id", chat.migrated_to)

    def _chat(self, chat_id: int | str) -> Chat:
        """A chat by its id or by its @name."""
        if isinstance(chat_id, int):
            return self.chats[chat_id]
        for chat in self.chats.values():
            if "username" in chat.about and f"@{chat.about['username']}".lower() == chat_id.lower():
                return chat
        raise Unforeseen("chat not found")

    def _readable(self, p: Json) -> Chat:
        chat = self._chat(p["chat_id"])
        chat.check_reading()
        return chat

    def _writable(self, p: Json) -> Chat:
        chat = self._chat(p["chat_id"])
        chat.check_writing()
        return chat

    # Messages.

    def do_send_message(self, p: Json) -> Json:
        return self._send(p, **_content(p))

    def do_send_photo(self, p: Json) -> Json:
        ok("parse_mode" not in p, "parse_mode is not known here: send entities")
        text, entities = tidy(p.get("caption", ""), p.get("caption_entities", []), CAPTION)
        keyboard = tidy_keyboard(p.get("reply_markup"))
        return self._send(p, text=text, entities=entities, reply_markup=keyboard, photo=photo(p["photo"]))

    def _send(self, p: Json, **content: Any) -> Json:
        chat = self._writable(p)
        ok(
            chat.kind == "private" or not requests(content["reply_markup"]),
            "request buttons can be used in private chats only",
        )
        where, reply = self._place(chat, p), p.get("reply_parameters")
        sent = Sent(chat, updates.next_id(chat.id), **content, reply_parameters=reply, place=where)
        self.messages.append(sent)
        chat.messages[sent.message_id] = sent
        return sent.shown()

    def _place(self, chat: Chat, p: Json) -> Json:
        """The topic, the reply and the quotation of a message to be sent."""
        given = p.get("reply_parameters", {})
        source = self._readable(given) if "chat_id" in given else chat
        reply = source.message(given["message_id"]) if given else None
        ok(not given or reply or given.get("allow_sending_without_reply"), "message to be replied not found")
        quoted = {}
        if reply and (quote := given.get("quote")) is not None:
            start = reply.get("text", reply.get("caption", "")).find(quote)
            ok(1 <= len(quote) <= 1024 and start >= 0, "QUOTE_TEXT_INVALID")
            quoted = {"quote": {"text": quote, "position": start, "is_manual": True}}
        chat.check_thread(p.get("message_thread_id"))
        place = updates.place(chat.info, reply if source is chat else None, p.get("message_thread_id"))
        if "is_topic_message" in place:
            chat.check_thread(place["message_thread_id"])
        return place | quoted

    def do_edit_message_text(self, p: Json) -> Json:
        return self._edited(p, _content(p))

    def do_edit_message_reply_markup(self, p: Json) -> Json:
        return self._edited(p, {"reply_markup": tidy_keyboard(p.get("reply_markup"))})

    def _edited(self, p: Json, new: Json) -> Json:
        sent = self._sent(p, "edit")
        ok("inline_keyboard" in (new["reply_markup"] or {"inline_keyboard": []}), "Inline keyboard expected")
        if all(getattr(sent, name) == new[name] for name in new):
            raise Unforeseen(NOT_MODIFIED)
        vars(sent).update(new, edit_date=int(time.time()))
        return sent.shown()

    def do_delete_message(self, p: Json) -> bool:
        chat = self._readable(p)
        message = chat.messages.get(p["message_id"])
        if isinstance(message, dict):
            ok(chat.kind == "private" or chat.bot == "administrator", "message can't be deleted")
            del chat.messages[p["message_id"]]
        else:
            self._sent(p, "delete").deleted = True
        return True

    def _sent(self, p: Json, what: str) -> Sent:
        """A message of the bot that still stands."""
        ok("chat_id" in p and "message_id" in p, "message identifier is not specified")
        sent = self._writable(p).messages.get(p["message_id"])
        ok(sent, f"message to {what} not found")
        ok(isinstance(sent, Sent), f"message can't be {what}ed")
        if sent.deleted:
            raise Unforeseen(f"message to {what} not found")
        return sent

    def do_send_chat_action(self, p: Json) -> bool:
        self._writable(p).check_thread(p.get("message_thread_id"))
        return ok(p["action"] in list(ChatAction), "wrong parameter action in request")

    def do_set_message_reaction(self, p: Json) -> bool:
        emoji = [each["emoji"] for each in p.get("reaction", [])]
        ok(len(emoji) < 2 and set(emoji) <= set(ReactionEmoji), "REACTION_INVALID")
        chat = self._readable(p)
        if chat.message(p["message_id"]) is None:
            raise Unforeseen("message to react not found")
        self.reactions[chat.id, p["message_id"]] = emoji
        return True

    def do_get_file(self, p: Json) -> Json:
        ok(p["file_id"] in self.files, "wrong file_id or the file is temporarily unavailable")
        data = self.files[p["file_id"]]
        about = {"file_unique_id": "1", "file_size": len(data), "file_path": f"documents/{p['file_id']}"}
        return {"file_id": p["file_id"], **about}

    # Queries.

    def do_answer_callback_query(self, p: Json) -> bool:
        ok(len(p.get("text", "")) <= 200, "MESSAGE_TOO_LONG")
        return self._answer_query(p["callback_query_id"], "callback", p)

    def do_answer_inline_query(self, p: Json) -> bool:
        ids = [result["id"] for result in p["results"]]
        ok(len(ids) <= 50, "RESULTS_TOO_MUCH")
        ok(all(1 <= len(result_id.encode()) <= 64 for result_id in ids), "RESULT_ID_INVALID")
        ok(len(set(ids)) == len(ids), "RESULT_ID_DUPLICATE")
        ok(len(p.get("next_offset", "").encode()) <= 64, "NEXT_OFFSET_INVALID")
        if button := p.get("button"):
            ok(button.get("text"), "inline query results button text must be non-empty")
            ok(START_PARAMETER.fullmatch(button.get("start_parameter", "")), "START_PARAM_INVALID")
        results = [_article(result) for result in p["results"]]
        return self._answer_query(p["inline_query_id"], "inline", p | {"results": results})

    def _answer_query(self, query_id: str, kind: str, answer: Json) -> bool:
        if self.queries.get(query_id) == "old":
            raise Unforeseen(QUERY_GONE)
        ok(self.queries.get(query_id) == kind, QUERY_GONE)
        self.queries[query_id], self.answers[query_id] = "answered", answer
        return True

    # Chats and members.

    def do_get_chat(self, p: Json) -> Json:
        chat = self._readable(p)
        gifts = ("unlimited", "limited", "unique")
        accepted = {f"{kind}_gifts": False for kind in gifts} | {"premium_subscription": False}
        full = {"accent_color_id": 0, "max_reaction_count": 11}
        full["accepted_gift_types"] = accepted | {"gifts_from_channels": False}
        return chat.info | full | chat.about

    def do_get_chat_member(self, p: Json) -> Json:
        chat = self._readable(p)
        if chat.kind == "channel" and chat.bot != "administrator":
            raise Unforeseen("member list is inaccessible")
        if p["user_id"] not in self.users.keys() | chat.members.keys():
            raise Unforeseen("PARTICIPANT_ID_INVALID")
        return chat.member(self._user(p["user_id"]))

    def do_get_chat_administrators(self, p: Json) -> list[Json]:
        chat = self._readable(p)
        ok(chat.kind != "private", "there are no administrators in the private chat")
        members = [chat.member(self._user(user)) for user in [*chat.members, updates.BOT["id"]]]
        return [member for member in members if member["status"] in {"creator", "administrator"}]

    def _user(self, user_id: int) -> Json:
        return self.users.get(user_id, updates.person(user_id))

    def do_leave_chat(self, p: Json) -> bool:
        chat = self._readable(p)
        ok(chat.kind != "private", "chat member status can't be changed in private chats")
        chat.bot = "left"
        return True

    # The bot itself.

    def do_get_me(self, p: Json) -> Json:
        return self.me

    def do_set_my_commands(self, p: Json) -> bool:
        ok(len(p["commands"]) <= 100, "BOT_COMMANDS_TOO_MUCH")
        for command in p["commands"]:
            ok(re.fullmatch("[a-z0-9_]{1,32}", command["command"]), "BOT_COMMAND_INVALID")
            ok(1 <= len(command["description"]) <= 256, "BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(p)] = p["commands"]
        return True

    def do_delete_my_commands(self, p: Json) -> bool:
        self.commands.pop(self._scope(p), None)
        return True

    def do_get_my_commands(self, p: Json) -> list[Json]:
        return self.commands.get(self._scope(p), [])

    def _scope(self, p: Json) -> tuple[str, int | None, str]:
        scope = p.get("scope", {"type": "default"})
        if "chat_id" in scope:
            self._readable(scope)
        return scope["type"], scope.get("chat_id"), _language(p)

    def do_set_my_name(self, p: Json) -> bool:
        return self._describe(p, "name")

    def do_set_my_description(self, p: Json) -> bool:
        return self._describe(p, "description")

    def do_set_my_short_description(self, p: Json) -> bool:
        return self._describe(p, "short_description")

    def _describe(self, p: Json, kind: str) -> bool:
        text = p.get(kind, "")
        ok(len(text) <= LIMITS[kind], f"bot {kind.replace('_', ' ')} is too long")
        self.texts[kind, _language(p)] = text
        return True


def _content(p: Json) -> Json:
    """What a message shows, from the parameters that send or edit it."""
    ok("parse_mode" not in p, "parse_mode is not known here: send entities")
    text, entities = tidy(p["text"], p.get("entities", []))
    return {"text": text, "entities": entities, "reply_markup": tidy_keyboard(p.get("reply_markup"))}


def _article(result: Json) -> Json:
    """An inline result, the only kind known here, with its message as it would be sent."""
    ok(result["type"] == "article" and result.get("title"), "ARTICLE_TITLE_EMPTY")
    content: Json = result["input_message_content"]
    ok("parse_mode" not in content, "parse_mode is not known here: send entities")
    text, entities = tidy(content.get("message_text", ""), content.get("entities", []))
    keyboard = tidy_keyboard(result.get("reply_markup"))
    tidied: dict[str, Any] = {"message_text": text, "entities": entities}
    return result | {"input_message_content": content | tidied, "reply_markup": keyboard}


def _language(p: Json) -> str:
    code: str = p.get("language_code", "")
    ok(re.fullmatch("(?:[a-z]{2})?", code), "LANG_CODE_INVALID")
    return code

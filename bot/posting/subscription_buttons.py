"""The buttons of a subscription, each with its number and an action, and the settings that they change."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from telegram import (
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
)

from bot.posting.subscriptions import RHYTHMS, Choices, Subscription
from bot.text import Words
from bot.transport import in_rows, rows, tap, ticked

Kind = Literal["feeds", "outlets", "languages"]
KINDS: tuple[Kind, ...] = ("feeds", "outlets", "languages")

ON_PAGE = 8  # options on one page
MOST_LISTED = 90  # subscriptions that get a button in a list
LABEL = 40  # characters on a button that names a feed, an outlet or a chat
ZONES = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Moscow", "Africa/Cairo", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo",
)  # fmt: skip
QUIET = {"off": None, "22": (22, 7), "23": (23, 8), "0": (0, 9)}
EVERYTHING: dict[str, Any] = {"feeds": (), "outlets": (), "languages": (), "include": (), "exclude": ()}
NO_RIGHTS: dict[str, Any] = dict.fromkeys(
    (
        "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
        "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
        "can_post_stories", "can_edit_stories", "can_delete_stories",
    ), False,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """A feed, an outlet or a language: its label on a button, and its value in the choices."""

    label: str
    value: int | str

    @property
    def key(self) -> str:
        """A short hash of the value: the data of a button has at most 64 bytes."""
        return hashlib.blake2s(str(self.value).encode(), digest_size=8).hexdigest()


def changed(choices: Choices, action: str, value: str, options: Sequence[Option]) -> dict[str, Any] | None:
    """The choices that a button sets; None if there is no such action or value."""
    allowed: Mapping[str, Mapping[str, Any]] = {
        "rhythm": {each: each for each in RHYTHMS},
        "hour": {str(hour): hour for hour in range(24)},
        "weekday": {str(day): day for day in range(7)},
        "zone": {zone: zone for zone in ZONES},
        "quiet": QUIET,
        **{each: {"0": False, "1": True} for each in ("silent", "preview", "hashtags")},
    }
    if action == "all":
        return EVERYTHING
    if action in KINDS:
        return _toggled(choices, action, value, options)
    return {action: allowed[action][value]} if value in allowed.get(action, {}) else None


def _toggled(choices: Choices, kind: str, value: str, options: Iterable[Option]) -> dict[str, Any] | None:
    chosen = next((option.value for option in options if option.key == value[1:]), None)
    if chosen is None or value[0] not in "+-":
        return None
    others = tuple(each for each in getattr(choices, kind) if each != chosen)
    return {kind: (*others, chosen) if value[0] == "+" else others}


class Buttons:
    """The keyboards of one subscription in one language."""

    def __init__(self, subscription: Subscription, words: Words) -> None:
        self._number = subscription.id
        self._choices = subscription.choices
        self._words = words

    def menu(self) -> InlineKeyboardMarkup:
        """The main menu."""
        words = self._words
        return rows(
            [
                self._to(words("menu-what"), "what"),
                self._to(words("menu-when"), "when"),
                self._to(words("menu-how"), "how"),
            ],
            [self._to(words("menu-next"), "next"), self._to(words("menu-unsubscribe"), "end")],
        )

    def what(self, kinds: Sequence[Kind]) -> InlineKeyboardMarkup:
        """Which articles are posted; `kinds` are those with anything to choose from."""
        names = {
            "feeds": self._words("what-feeds"),
            "outlets": self._words("what-outlets"),
            "languages": self._words("what-languages"),
        }
        chosen = any(getattr(self._choices, name) for name in EVERYTHING)
        return rows(
            [self._to(names[kind], kind) for kind in kinds],
            [self._to(self._words("what-words"), "words")],
            [self._to(ticked(self._words("what-everything"), not chosen), "all")],
            [self._back()],
        )

    def options(self, kind: Kind, options: Sequence[Option], page: int) -> InlineKeyboardMarkup:
        """One page of options, the chosen ones ticked."""
        chosen, pages = getattr(self._choices, kind), max(0, len(options) - 1) // ON_PAGE
        page = min(page, pages)
        shown = options[page * ON_PAGE : (page + 1) * ON_PAGE]
        turning = [
            *([self._to("‹", kind, page=page - 1)] if page else []),
            *([self._to("›", kind, page=page + 1)] if page < pages else []),
        ]
        return rows(
            *(self._toggle(kind, option, page, is_on=option.value in chosen) for option in shown),
            turning,
            [self._back("what")],
        )

    def when(self) -> InlineKeyboardMarkup:
        """The rhythm of posts, and their time or the quiet hours."""
        words, choices = self._words, self._choices
        names = {"now": words("when-now"), "daily": words("when-daily"), "weekly": words("when-weekly")}
        rhythm = [self._choice(names[each], "rhythm", each, each == choices.rhythm) for each in RHYTHMS]
        zone = self._to(words("when-zone", zone=choices.zone), "zones")
        return rows(
            rhythm, *(self._quiet() if choices.rhythm == "now" else self._digest()), [zone], [self._back()]
        )

    def zones(self) -> InlineKeyboardMarkup:
        """Common time zones, and a button to type another."""
        names = [self._choice(zone, "zone", zone, zone == self._choices.zone) for zone in ZONES]
        other = self._to(self._words("zone-other"), "ask")
        return rows(*in_rows(names, 2), [other], [self._back("when")])

    def how(self) -> InlineKeyboardMarkup:
        """The form of posts."""
        words, choices = self._words, self._choices
        flags = [
            (words("how-silent"), "silent", choices.silent),
            (words("how-preview"), "preview", choices.preview),
            (words("how-hashtags"), "hashtags", choices.hashtags),
        ]
        return rows(
            *([self._choice(name, flag, str(int(not on)), on)] for name, flag, on in flags), [self._back()]
        )

    def under_preview(self, url: str) -> InlineKeyboardMarkup:
        """The buttons under a preview; `url` is its article's page, "" if none."""
        read = [InlineKeyboardButton(self._words("read"), url=url)] if url else []
        return rows(read, [self._back()])

    def _digest(self) -> list[Sequence[InlineKeyboardButton]]:
        choices = self._choices
        hours = [self._choice(f"{h:02}:00", "hour", str(h), h == choices.hour) for h in range(24)]
        days = [
            self._choice(self._words.weekday(day), "weekday", str(day), day == choices.weekday)
            for day in range(7)
        ]
        return [*(in_rows(days, 3) if choices.rhythm == "weekly" else []), *in_rows(hours, 4)]

    def _quiet(self) -> list[Sequence[InlineKeyboardButton]]:
        names = {key: f"{span[0]:02}–{span[1]:02}" if span else "" for key, span in QUIET.items()}
        buttons = [
            self._choice(names[key] or self._words("quiet-off"), "quiet", key, span == self._choices.quiet)
            for key, span in QUIET.items()
        ]
        return [buttons[:1], buttons[1:]]

    def _choice(self, name: str, action: str, value: str, is_on: bool) -> InlineKeyboardButton:
        return self._to(ticked(name, is_on), action, value)

    def _toggle(self, kind: Kind, option: Option, page: int, *, is_on: bool) -> list[InlineKeyboardButton]:
        sign = "-" if is_on else "+"
        return [self._to(ticked(option.label[:LABEL], is_on), kind, f"{sign}{option.key}", page)]

    def _back(self, to: str = "menu") -> InlineKeyboardButton:
        return self._to(self._words("back"), to)

    def _to(self, name: str, action: str, value: str = "", page: int = 0) -> InlineKeyboardButton:
        return tap(name, f"s:{self._number}:{action}:{value}:{page}")


def listed(
    subscriptions: Iterable[Subscription], name: Callable[[Subscription], str]
) -> InlineKeyboardMarkup:
    """A button for each subscription of a list."""
    found = list(subscriptions)[:MOST_LISTED]
    return rows(*([tap(name(each)[:LABEL], f"s:{each.id}:menu::0")] for each in found))


def picking(words: Words) -> ReplyKeyboardMarkup:
    """The keyboard to pick a channel or group, which asks for the rights that the bot needs there."""
    posting = ChatAdministratorRights(**NO_RIGHTS | {"can_manage_chat": True, "can_post_messages": True})
    managing = ChatAdministratorRights(**NO_RIGHTS | {"can_manage_chat": True})
    channel = KeyboardButtonRequestChat(
        1,
        chat_is_channel=True,
        user_administrator_rights=posting,
        bot_administrator_rights=posting,
        bot_is_member=True,
        request_title=True,
    )
    group = KeyboardButtonRequestChat(
        2, chat_is_channel=False, user_administrator_rights=managing, bot_is_member=True, request_title=True
    )
    buttons = [
        KeyboardButton(words("pick-channel"), request_chat=channel),
        KeyboardButton(words("pick-group"), request_chat=group),
    ]
    return ReplyKeyboardMarkup([buttons], resize_keyboard=True, one_time_keyboard=True)

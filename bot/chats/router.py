"""Routes: which handler takes a command, a button or a reply, and who may use it.

A button carries `word:part:part`; a route says by a regular expression what may follow its word.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal

from bot.chats.request import Request, Tap
from bot.chats.services import Services
from bot.records import PendingItem
from bot.records.pending_items import Kind

Who = Literal["everybody", "bot admin"]
Menu = Literal["private", "group", "admin"]

# Up to version 0.1 admins' buttons began so; the numbers of these still mean the same.
EARLIER = re.compile("^d:(?=(?:keep|title|drop|again|calloff):)")

Handler = Callable[[Services, Request], Awaitable[None]]
TapHandler = Callable[[Services, Tap], Awaitable[None]]
ReplyHandler = Callable[[Services, Request, PendingItem], Awaitable[bool]]
"""Takes the reply to a prompt; returns whether it could be used, else the prompt goes on waiting."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, the menus that list it, and after how many seconds it is too old to be carried out."""

    name: str
    handle: Handler
    who: Who = "everybody"
    menus: tuple[Menu, ...] = ()
    stale_after: float = inf


@dataclass(frozen=True, slots=True)
class Button:
    """A button by its word; `pattern` is what follows the word and a colon, its groups are the parts."""

    word: str
    pattern: str
    handle: TapHandler
    who: Who = "everybody"


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a prompt that awaits this kind of thing."""

    kind: Kind
    handle: ReplyHandler


class Router:
    """Finds routes; of two commands with the same name an admin gets the one for admins."""

    def __init__(self, routes: Iterable[Command | Button | Reply]) -> None:
        self._routes = tuple(routes)

    def command(self, name: str, *, is_admin: bool) -> Command | None:
        """The route of a command; None where there is none for this person."""
        found = [each for each in self._commands(is_admin) if each.name == name]
        return max(found, key=lambda each: each.who == "bot admin", default=None)

    def button(self, data: str, *, is_admin: bool) -> tuple[Button, tuple[str, ...]] | None:
        """The route of a button and the parts that it carries; None where no button of today carries them."""
        word, _, rest = EARLIER.sub("", data).partition(":")
        for each in self._routes:
            if isinstance(each, Button) and each.word == word and _may_use(each.who, is_admin):
                match = re.fullmatch(each.pattern, rest, re.ASCII)
                return (each, match.groups()) if match else None
        return None

    def reply(self, kind: Kind) -> ReplyHandler | None:
        """What takes the reply to a prompt."""
        return next(
            (each.handle for each in self._routes if isinstance(each, Reply) and each.kind == kind), None
        )

    def menu(self, menu: Menu) -> list[str]:
        """The names of the commands that a menu lists; the admin's has the private ones too."""
        wanted = {menu, "private"} if menu == "admin" else {menu}
        return list(dict.fromkeys(each.name for each in self._commands(True) if wanted & {*each.menus}))

    def names(self) -> set[str]:
        """The names of the commands for everybody."""
        return {each.name for each in self._commands(False)}

    def _commands(self, is_admin: bool) -> list[Command]:
        return [each for each in self._routes if isinstance(each, Command) and _may_use(each.who, is_admin)]


def _may_use(who: Who, is_admin: bool) -> bool:
    return who == "everybody" or is_admin

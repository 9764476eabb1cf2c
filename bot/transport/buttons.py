"""Inline buttons; each carries `word:part:part`, which a route parses when it is tapped."""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.text import Message, foreign

View = tuple[Message, InlineKeyboardMarkup | None]
"""A message's text and buttons."""

NO_BUTTONS = InlineKeyboardMarkup([])


def plain(text: str) -> View:
    """Returns a text without buttons."""
    return foreign(text), NO_BUTTONS


def tap(text: str, data: str) -> InlineKeyboardButton:
    """Returns a button that carries `data`."""
    return InlineKeyboardButton(text, callback_data=data)


def ticked(text: str, holds: bool) -> str:
    """Returns a button's text, with a tick if `holds`."""
    return f"✓ {text}" if holds else text


def rows(*rows: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Returns a keyboard of the rows that are not empty."""
    return InlineKeyboardMarkup([row for row in rows if row])


def in_rows(buttons: Sequence[InlineKeyboardButton], of: int) -> list[Sequence[InlineKeyboardButton]]:
    """Splits buttons into rows of `of`."""
    return [buttons[first : first + of] for first in range(0, len(buttons), of)]


def openable(url: str) -> str:
    """Returns a URL that a button accepts (its host must contain a dot), else ""."""
    try:
        host = urlsplit(url).hostname or ""
        return quote(url, safe="%/:=&?~#+!$,;'@()*[]") if "." in host.strip(".") else ""
    except ValueError:
        return ""

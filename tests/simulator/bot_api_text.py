"""Texts, entities and keyboards as Telegram's servers clean, find and refuse them.

Offsets are UTF-16 units throughout; the rules are TDLib's.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from tld import is_tld

Json = dict[str, Any]
Span = tuple[int, int]

STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
CODE = {"code", "pre"}
EXCLUSIVE = (  # kinds of entities that never overlap one another
    {"blockquote", "expandable_blockquote"},
    CODE | {"text_link", "text_mention", "custom_emoji", "date_time"},
)
KNOWN = STYLES.union(*EXCLUSIVE)
FOUND = {  # what the server finds by itself; a bot that names one is not heeded
    "mention": re.compile(r"(?<!\w)@(?:[a-z0-9_]{4,32}|gif|vid|pic)(?!\w)", re.IGNORECASE),
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"),
    "email": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[a-z]{2,}(?!\w)", re.IGNORECASE),
    "url": re.compile(
        r"(?<![\w@.-])((?:https?|tg|ton)://)?(?:[\w-]+\.)+([^\W\d_]{2,})(?![\w@])"
        r"(?::\d+)?(?:[/?#](?:[^\s<>\"«»]*[\w/=&#%+~$-])?)?",
        re.IGNORECASE,
    ),
}
LINK = re.compile(r"(https?://)?([^/?#:\s]+\.[^/?#:\s]+(?::\d+)?)((?:[/?#]\S*)?)", re.IGNORECASE)
DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
ACTIONS = {  # of a button in an inline keyboard, which has one of them
    *("callback_data", "url", "copy_text", "web_app", "login_url", "callback_game", "pay"),
    *("switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"),
}


class Refused(Exception):
    """Telegram's refusal of a call, which a bot that knows the rules would not have made."""

    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        description = f"Bad Request: {description}" if code == 400 else description
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        self.body |= {"parameters": parameters} if parameters else {}


class Unforeseen(Refused):
    """A refusal for what the bot can't know beforehand: no violation of the rules."""


def ok(fine: object, otherwise: str) -> bool:
    """True, or Refused."""
    if not fine:
        raise Refused(otherwise)
    return True


def tidy(text: str, entities: list[Json], limit: int = 4096) -> tuple[str, list[Json]]:
    """What the live server makes of a text and its entities; it adds those that it finds."""
    kept, place = _cleaned(text)
    moved = [m for e in entities if (m := _moved(e, place))]
    lead = len(kept) - len(kept.lstrip(" \n"))
    lead = min([lead, *(e["offset"] for e in moved)])  # never trimmed into an entity
    body = kept[lead:]
    ok(body, "text must be non-empty")
    ok(units(body) <= limit, "message is too long")
    clipped = [_between(e, e["offset"] - lead, min(span(e)[1] - lead, units(body))) for e in moved]
    return body, _untangled(body, [e for e in clipped if e["length"] > 0])[:100]


def found(text: str) -> list[Json]:
    """The mentions, commands, links and addresses in a text; none overlap."""
    spans = []
    for kind, pattern in FOUND.items():
        for match in pattern.finditer(text):
            if kind != "url" or match[1] or is_tld(match[2].lower()):
                offset = units(text[: match.start()])
                spans.append({"type": kind, "offset": offset, "length": units(match[0])})
    kept: list[Json] = []
    for entity in sorted(spans, key=_order):
        if not kept or entity["offset"] >= span(kept[-1])[1]:
            kept.append(entity)
    return kept


def tidy_keyboard(markup: Json | None) -> Json | None:
    """The keyboard under a message as the server keeps it."""
    if not markup or "inline_keyboard" not in markup:
        for button in requests(markup):
            _check_request(button["request_chat"])
        return markup
    rows = markup["inline_keyboard"]
    ok(all(rows), "a row of the keyboard is empty")
    buttons = list(itertools.chain(*rows))
    ok(len(buttons) <= 100, "reply markup is too long")
    for button in buttons:
        _check_button(button)
    return markup if buttons else None


def requests(markup: Json | None) -> list[Json]:
    """The buttons of a reply keyboard by which a chat is picked."""
    buttons = itertools.chain(*(markup or {}).get("keyboard", []))
    return [button for button in buttons if "request_chat" in button]


def _check_request(request: Json) -> None:
    ok(
        isinstance(request.get("request_id"), int) and "chat_is_channel" in request,
        "can't parse request_chat",
    )
    wanted, held = request.get("bot_administrator_rights"), request.get("user_administrator_rights", {})
    more = [right for right, given in (wanted or {}).items() if given and not held.get(right)]
    ok(not more, "bot_administrator_rights must be a subset of user_administrator_rights")


def _check_button(button: Json) -> None:
    ok(button.get("text"), "inline keyboard button text must be non-empty")
    ok(len(button.keys() & ACTIONS) == 1, "can't parse inline keyboard button: it must have one action")
    ok(1 <= len(button.get("callback_data", "x").encode()) <= 64, "BUTTON_DATA_INVALID")
    ok(LINK.fullmatch(button.get("url", "a.b")), "inline keyboard button URL is invalid")
    ok(1 <= len(button.get("copy_text", {"text": "x"})["text"]) <= 256, "BUTTON_COPY_TEXT_INVALID")


def _cleaned(text: str) -> tuple[str, list[int]]:
    """The text as it is kept, and where each unit comes to stand in it; -1 amid a surrogate pair."""
    kept, place = "", [0]
    for char in text:
        new = "" if DROPPED.match(char) else " " if char < " " and char != "\n" else char
        kept += new
        place += [-1] * (units(char) - 1) + [place[-1] + units(new)]
    return re.sub("[\u200e\u200f](?=[\u200e\u200f])", "\u200c", kept).rstrip(" \n"), place


def _moved(entity: Json, place: list[int]) -> Json | None:
    """The entity where its text comes to stand; None if the server drops it."""
    start, end = span(entity)
    ok(0 <= start <= end < len(place), f"entity at {start} ends after the end of the text")
    ok(-1 not in (place[start], place[end]), f"entity at {start} splits a UTF-16 symbol")
    ok(entity["type"] in KNOWN | FOUND.keys(), "unsupported type of an entity")
    moved = _between(entity, place[start], place[end])
    if not moved["length"] or entity["type"] in FOUND:
        return None
    if entity["type"] == "date_time":
        ok(isinstance(entity.get("unix_time"), int), "can't find field unix_time")
        ok(re.fullmatch("r|w?[dD]?[tT]?", entity.get("date_time_format", "")), "invalid date format used")
    if entity["type"] == "text_link":
        if not (link := LINK.fullmatch(entity["url"])):
            return None
        scheme, host, path = link.groups("")
        path = path if path.startswith("/") else f"/{path}"
        moved["url"] = f"{scheme or 'http://'}{host}".lower() + path
    return moved


def _untangled(text: str, entities: list[Json]) -> list[Json]:
    """The entities that may stand together: no quote in a quote, nothing in code, and what is found."""
    kept: list[Json] = []
    for entity in sorted(entities, key=_order):
        rivals = next((group for group in EXCLUSIVE if entity["type"] in group), set())
        if entity["offset"] >= max((span(e)[1] for e in kept if e["type"] in rivals), default=0):
            kept.append(entity)
    code = [span(e) for e in kept if e["type"] in CODE]
    kept = [part for e in kept for part in (_outside(e, code) if e["type"] in STYLES else [e])]
    taken = [span(e) for e in kept if e["type"] in EXCLUSIVE[1]]
    free = [
        e for e in found(text) if not any(start < span(e)[1] and e["offset"] < end for start, end in taken)
    ]
    return sorted([*kept, *free], key=_order)


def _outside(entity: Json, holes: list[Span]) -> Iterator[Json]:
    """The parts of an entity that lie in none of the spans, which are in order."""
    start, end = span(entity)
    for left, right in [*holes, (end, end)]:
        if start < min(left, end):
            yield _between(entity, start, min(left, end))
        start = max(start, right)


def _between(entity: Json, start: int, end: int) -> Json:
    return entity | {"offset": start, "length": end - start}


def _order(entity: Json) -> Span:
    return entity["offset"], -entity["length"]


def span(entity: Json) -> Span:
    """Where an entity begins and ends."""
    return entity["offset"], entity["offset"] + entity["length"]


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

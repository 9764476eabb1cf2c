"""Text on its way to a person: what is shown of it, and what in it could reach somebody else."""

import random
import re

import pytest
from bot_api_text import tidy

from bot.text.message import ENTITIES, LIMIT, Message, join, shown, utf16
from bot.transport.sender import entities


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("a\u202eb\u2066c", "abc"),
        ("a\u200b\ufeff\u2060b", "ab"),
        ("a\0\x07\x1bb\x85", "ab"),
        ("a\tb\r\nc\rd", "a b\ncd"),
        ("a\ud800b\udfffc", "abc"),
        ("Z" + "\u0301" * 1000, "Z" + "\u0301" * 3),
        ("A\u030angstro\u0308m, Mu\u030a", "Ångstro\u0308m, Mů"),
        ("b\u030ax\u0333y\u033f", "bxy"),
        ("👩\u200d👧 ن\u200cم 👍🏽", "👩\u200d👧 ن\u200cم 👍🏽"),
        ("“naïve” — £5 ½ ﷺ", "“naïve” — £5 ½ ﷺ"),
    ],
)
def test_text_is_shown_without_what_deceives(stored: str, seen: str) -> None:
    assert shown(stored) == seen
    assert tidy(seen, [])[0] == seen


def test_what_is_shown_is_what_telegram_shows_for_every_character() -> None:
    for first in (*range(0, 0x10000, 256), *range(0x1F000, 0x20000, 256), 0xE0000, 0xE0100, 0x10FF00):
        text = shown("".join(f"a{chr(point)}" for point in range(first, first + 256)) + ".")
        assert tidy(text, [])[0] == text
        assert shown(text) == text


def foreign(text: str) -> Message:
    message = Message()
    message.add("As others wrote: ")
    message.add_foreign(text)
    return message


def found_in(message: Message) -> dict[str, list[str]]:
    """The parts of a message by what Telegram makes of them."""
    text, kept = tidy(message.text, [entity.to_dict() for entity in entities(message)])
    raw, parts = text.encode("utf-16-le"), {}
    for entity in kept:
        part = raw[2 * entity["offset"] :][: 2 * entity["length"]].decode("utf-16-le")
        parts.setdefault(entity["type"], []).append(part)
    return parts


@pytest.mark.parametrize(
    ("text", "pings"),
    [
        ("Ask @mayor today", ["@mayor"]),
        ("Ask @mayor, @Clerk_2 (@gif).", ["@mayor", "@Clerk_2", "@gif"]),
        (".@mayor said so", ["@mayor"]),
        ("via/@mayor", ["@mayor"]),
        ("😀@mayor", ["@mayor"]),
        ("Send /start to it", ["/start"]),
        ("(/start@other_bot)", ["/start@other_bot"]),
        ("./start", ["/start"]),
        ("Join t.me/harbour!", ["t.me/harbour!"]),
        ("Join https://t.me/+abc?x=1 now", ["https://t.me/+abc?x=1"]),
        ("Join HTTP://WWW.Telegram.me/harbour", ["HTTP://WWW.Telegram.me/harbour"]),
        ("Join telegram.dog/harbour", ["telegram.dog/harbour"]),
        ("Join harbour.t.me", ["harbour.t.me"]),
        ("See tg://resolve?domain=harbour now", ["tg://resolve?domain=harbour"]),
        ("ann@example.org", []),
        ("and/or, 24/7, 1/2", []),
        ("https://example.org/path/to", []),
        ("sport.media/x and at.meat/y", []),
        ("@ / @", []),
    ],
)
def test_what_others_wrote_reaches_nobody(text: str, pings: list[str]) -> None:
    parts = found_in(foreign(text))
    assert parts.get("code", []) == pings
    assert not parts.keys() & ({"mention", "bot_command", "url"} if pings else {"mention", "bot_command"})


PIECES = [
    *"@@@///..-_ \n<>(\"«،é😀ß0", "mayor", "start", "t.me", "T.ME/", "telegram.me", "telegram.dog", "http://",
    "https://", "tg://", "ton://", "www.", "x.", "example.org", "resolve?domain=mayor", "\u200d", "İ",
    "ﬁ", "٣",
]  # fmt: skip
REACHES = re.compile(r"tg:|(?:\w+://)?(?:[\w-]+\.)*(?:t|telegram)\.(?:me|dog)\b", re.IGNORECASE)


def test_nothing_that_others_wrote_reaches_anybody_however_it_is_put_together() -> None:
    chance = random.Random(3)
    for _ in range(5_000):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        parts = found_in(foreign(f"a {text} b"))
        links = [part for part in parts.get("url", []) if REACHES.match(part)]
        assert not parts.keys() & {"mention", "bot_command"}, text
        assert not links, text


@pytest.mark.parametrize(("count", "marks"), [(1, 1), (8, 8), (9, 1), (250, 1)])
def test_where_there_is_much_that_could_all_of_it_is_of_fixed_width(count: int, marks: int) -> None:
    handles = " and ".join(f"@person{n}" for n in range(count))
    message = foreign(f"We saw {handles} there")
    parts = found_in(message)
    assert len(parts["code"]) == marks
    assert "mention" not in parts
    assert parts["code"][0].startswith("@person0")
    assert parts["code"][-1].endswith(f"@person{count - 1}")


def bold(text: str, marks: int = 1) -> Message:
    message = Message()
    for _ in range(marks):
        message.add(text, "bold")
    return message


@pytest.mark.parametrize(
    ("blocks", "lengths"),
    [
        ([], []),
        ([bold("a" * 2000), bold("b" * 2094)], [LIMIT]),
        ([bold("a" * 2000), bold("b" * 2095)], [2000, 2095]),
        ([bold("😀" * 1000), bold("😀" * 1047)], [LIMIT]),
        ([bold("😀" * 1000), bold("😀" * 1048)], [2000, 2096]),
        ([bold("a", 60), bold("b", 40)], [102]),
        ([bold("a", 60), bold("b", 41)], [60, 41]),
        ([bold("a" * 4000), bold("b"), bold("c" * 4000)], [4003, 4000]),
    ],
)
def test_blocks_are_joined_as_far_as_the_limits_allow(blocks: list[Message], lengths: list[int]) -> None:
    marks = [block.text[m.start : m.end] for block in blocks for m in block.marks]
    joined = join(blocks)
    assert [utf16(message.text) for message in joined] == lengths
    assert all(len(entities(message)) <= ENTITIES for message in joined)
    assert [message.text[m.start : m.end] for message in joined for m in message.marks] == marks

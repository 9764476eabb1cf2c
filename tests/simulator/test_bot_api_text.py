"""Texts, entities and keyboards, as Telegram keeps or refuses them."""

import pytest
from bot_api_text import Refused, found, span, tidy, tidy_keyboard

URL = {"text": "Open", "url": "https://bbc.co.uk/news"}


def entity(kind: str, offset: int, length: int, **more: object) -> dict:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("raw", "entities", "text", "kept"),
    [
        (" \n a\tb\r\n ", [entity("bold", 3, 3)], "a b", [entity("bold", 0, 3)]),
        ("  a", [entity("bold", 1, 2)], " a", [entity("bold", 0, 2)]),
        ("\r a", [entity("bold", 0, 1)], "a", []),
        ("a\u2028\u202eb", [entity("bold", 3, 1)], "ab", [entity("bold", 1, 1)]),
        ("\u200e\u200f\u00a0", [], "\u200c\u200f\u00a0", []),
        ("😀\r b", [entity("bold", 4, 1)], "😀 b", [entity("bold", 3, 1)]),
        ("ab", [entity("text_link", 0, 1, url="http://localhost/x")], "ab", []),
        ("ab", [entity("text_link", 0, 1, url="ftp://a.b/c")], "ab", []),
        ("ab", [entity("blockquote", 0, 2), entity("blockquote", 1, 1)], "ab", [entity("blockquote", 0, 2)]),
        ("😀" * 2048 + " ", [], "😀" * 2048, []),
    ],
)
def test_text_is_cleaned(raw: str, entities: list, text: str, kept: list) -> None:
    assert tidy(raw, entities) == (text, kept)


@pytest.mark.parametrize(
    ("text", "entities", "why"),
    [
        (" \n\t", [], "must be non-empty"),
        ("😀" * 2048 + "a", [], "too long"),
        ("ab", [entity("bold", 1, 2)], "after the end"),
        ("😀", [entity("bold", 0, 1)], "splits"),
    ],
)
def test_text_is_refused(text: str, entities: list, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tidy(text, entities)


def named(text: str, entities: list) -> list[tuple[str, str]]:
    """The kind of each entity and what stands under it, where there is nothing beyond U+FFFF."""
    return [(e["type"], text[slice(*span(e))]) for e in entities]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask @Some_body, @x or (@gif)", [("mention", "@Some_body"), ("mention", "@gif")]),
        ("a@name @" + "n" * 33, []),
        ("/ask@test_bot why /not, and/or", [("bot_command", "/ask@test_bot"), ("bot_command", "/not")]),
        ("see https://t.me/@durov.", [("url", "https://t.me/@durov")]),
        ("the pact.In Baghdad", [("url", "pact.In")]),
        ("the end.Then 3.14 e.g. file.qqq", []),
        ("bbc.co.uk/news?x=1, tg://resolve?domain=x", [("url", "bbc.co.uk/news?x=1")]),
        ("http://café.example.com:80/a_(b)!", [("url", "http://café.example.com:80/a_(b")]),
        ("write to ann.lee@post.bbc.co.uk!", [("email", "ann.lee@post.bbc.co.uk")]),
        ("😀 @somebody", [("mention", "@somebody")]),
    ],
)
def test_what_telegram_finds_in_a_text(text: str, expected: list) -> None:
    assert named(text.replace("😀", "ab"), found(text)) == expected


def test_what_is_found_is_added_but_not_in_code_or_in_a_link() -> None:
    text = "@first @second @third @fourth @fifth"
    given = [
        entity("blockquote", 0, 14),
        entity("code", 7, 7),
        entity("text_link", 15, 6, url="https://a.b/"),
        entity("bold", 22, 7),
        entity("mention", 30, 3),
    ]
    kept = named(text, tidy(text, given)[1])
    assert kept == [
        ("blockquote", "@first @second"),
        ("mention", "@first"),
        ("code", "@second"),
        ("text_link", "@third"),
        ("bold", "@fourth"),
        ("mention", "@fourth"),
        ("mention", "@fifth"),
    ]


@pytest.mark.parametrize("code", ["code", "pre"])
def test_styles_go_around_code(code: str) -> None:
    given = [entity("bold", 0, 9), entity(code, 3, 3), entity("italic", 4, 1), entity("blockquote", 0, 9)]
    assert named("abcdefghi", tidy("abcdefghi", given)[1]) == [
        ("blockquote", "abcdefghi"),
        ("bold", "abc"),
        (code, "def"),
        ("bold", "ghi"),
    ]


def test_a_date_is_kept_with_its_format_and_excludes_a_link() -> None:
    date = entity("date_time", 0, 6, unix_time=1_700_000_000, date_time_format="wDt")
    assert tidy("Monday", [date, entity("text_link", 2, 3, url="https://a.b/")])[1] == [date]


@pytest.mark.parametrize(
    "wrong",
    [
        entity("date_time", 0, 1),
        entity("date_time", 0, 1, unix_time=5, date_time_format="rD"),
        entity("blink", 0, 1),
    ],
    ids=str,
)
def test_an_entity_is_refused(wrong: dict) -> None:
    with pytest.raises(Refused):
        tidy("ab", [wrong])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([[URL], []], "row"),
        ([[URL | {"text": ""}]], "non-empty"),
        ([[{"text": "x"}]], "action"),
        ([[URL | {"callback_data": "x"}]], "action"),
        ([[{"text": "x", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": "é" * 33}]], "BUTTON_DATA_INVALID"),
        ([[URL | {"url": "http://localhost/"}]], "URL"),
        ([[{"text": "x", "copy_text": {"text": ""}}]], "COPY_TEXT"),
        ([[{"text": "x", "copy_text": {"text": "x" * 257}}]], "COPY_TEXT"),
        ([[URL]] * 101, "too long"),
    ],
)
def test_a_keyboard_is_refused(rows: list, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tidy_keyboard({"inline_keyboard": rows})


def test_a_keyboard_is_kept_unless_it_has_no_buttons() -> None:
    data = {"text": "x", "callback_data": "é" * 32}
    rows = {"inline_keyboard": [[URL, data, {"text": "x", "copy_text": {"text": "x" * 256}}], *[[URL]] * 97]}
    assert tidy_keyboard(rows) == rows
    assert tidy_keyboard({"inline_keyboard": []}) is None
    assert tidy_keyboard({"force_reply": True}) == {"force_reply": True}

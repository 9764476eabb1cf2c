"""The catalogues say the same in every language, and say it as the language does."""

import ast as python
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

import bot
from bot.chats.router import Router
from bot.routes import routes
from bot.text import words as module
from bot.text.words import CATALOGUES, LANGUAGES, Words, isolated, words_for
from index.language.times import Period

COUNTS = (0, 1, 2, 3, 5, 11, 21, 100)
NUMBERS = {"count", "days", "limit", "percent", "coverage", "missing"}
PLURALS = {"zero", "one", "two", "few", "many", "other"}
BUTTONS = {
    "more", "back", "context", "context-numbered", "open", "copy-citation", "copy-link", "show-nearest",
    "answer-now", "settings-quiet", "language-auto", "inline-ask", "inline-nothing",
    "inline-closed", "inline-away", "read", "ask-about", "menu-what", "menu-when", "menu-how", "menu-next",
    "menu-unsubscribe", "what-feeds", "what-outlets", "what-languages", "what-words", "what-everything",
    "when-now", "when-daily", "when-weekly", "zone-other", "quiet-off", "how-silent", "how-preview",
    "how-hashtags", "pick-channel", "pick-group", "our-chat",
}  # fmt: skip
NOTICES = {
    "thanks", "vote-taken-back", "answer-too-old", "no-more", "not-yours", "button-unknown", "changed-since",
    "settings-only-admins", "settings-saved", "subscribe-only-admins", "subscription-gone",
    "asked-in-private",
}  # fmt: skip
FSI, PDI = "\u2068", "\u2069"


class Found(Visitor):
    """The variables of a message, and what each selection chooses between."""

    def __init__(self, message: ast.Message) -> None:
        self.variables: set[str] = set()
        self.selections: list[tuple[str, frozenset[str]]] = []
        self.visit(message)

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.variables.add(node.id.name)

    def visit_SelectExpression(self, node: ast.SelectExpression) -> None:  # noqa: N802
        keys = (v.key.name if isinstance(v.key, ast.Identifier) else v.key.value for v in node.variants)
        self.selections.append((node.selector.id.name, frozenset(keys)))
        self.generic_visit(node)


def parsed(code: str) -> list[ast.Message]:
    body = FluentParser().parse((CATALOGUES / f"{code}.ftl").read_text()).body
    assert not any(isinstance(entry, ast.Junk) for entry in body)
    return [entry for entry in body if isinstance(entry, ast.Message)]


FOUND = {code: {message.id.name: Found(message) for message in parsed(code)} for code in LANGUAGES}
each_language = pytest.mark.parametrize("code", LANGUAGES)
each_translation = pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])


def renderings(code: str) -> Iterator[tuple[str, str]]:
    """Every message with every sample value of what it selects by or counts."""
    words = words_for(code)
    for name, found in FOUND["en"].items():
        text = dict.fromkeys(found.variables - NUMBERS, "Acme")
        counted = found.variables & NUMBERS
        chosen = [{s: key} for s, keys in found.selections if s not in NUMBERS for key in keys]
        for number in COUNTS if counted else (0,):
            for choice in chosen or [{}]:
                yield name, words(name, **text | dict.fromkeys(counted, number) | choice)


def without_isolates(text: str) -> str:
    inner = re.compile(f"{FSI}[^{FSI}{PDI}]*{PDI}")
    while inner.search(text):
        text = inner.sub("", text)
    return text


def bare(text: str) -> str:
    return text.replace(FSI, "").replace(PDI, "")


def said(
    period: tuple[str | None, str | None], code: str, *, latest: bool = False, order: bool = True
) -> str:
    start, end = (date.fromisoformat(day) if day else None for day in period)
    return words_for(code).period(Period(start, end, latest, "What leaks?"), order=order)


def test_every_catalogue_is_a_language_of_the_bot() -> None:
    assert {path.stem for path in CATALOGUES.glob("*.ftl")} == set(LANGUAGES)


def used() -> set[str]:
    """The messages that the bot says: what it calls `words` with, a choice of two or a name among them.

    What a name stands for is whatever the function around it names that is a message; `command-…` is
    said of every command of the menus.
    """
    found = {f"command-{name}" for menu in ("group", "admin") for name in Router(routes(None)).menu(menu)}
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for function in python.walk(python.parse(path.read_text())):
            if isinstance(function, python.FunctionDef | python.AsyncFunctionDef):
                found |= _said(function)
    return found


def _said(function: python.FunctionDef | python.AsyncFunctionDef) -> set[str]:
    nodes = list(python.walk(function))
    texts = {n.value for n in nodes if isinstance(n, python.Constant) and isinstance(n.value, str)}
    said: set[str] = set()
    for call in nodes:
        name = python.unparse(call.func) if isinstance(call, python.Call) and call.args else ""
        if re.fullmatch(r"(\w+\.)?_?words|words_for\(.*\)|self", name):
            first = call.args[0]
            branches = [first.body, first.orelse] if isinstance(first, python.IfExp) else [first]
            said |= {each.value for each in branches if isinstance(each, python.Constant)}
            if any(isinstance(each, python.Name) for each in branches):
                said |= texts & FOUND["en"].keys()
    return said


def test_the_bot_says_what_the_catalogues_hold_and_nothing_else() -> None:
    assert used() == FOUND["en"].keys()


@each_language
def test_no_message_stands_twice(code: str) -> None:
    names = [message.id.name for message in parsed(code)]
    assert len(names) == len(set(names))


@each_translation
def test_a_translation_has_the_same_messages_with_the_same_variables(code: str) -> None:
    variables = {name: found.variables for name, found in FOUND[code].items()}
    assert variables == {name: found.variables for name, found in FOUND["en"].items()}


@each_translation
def test_a_translation_chooses_between_the_same_words(code: str) -> None:
    def choices(language: str) -> dict[str, list[tuple[str, frozenset[str]]]]:
        return {
            name: [selection for selection in found.selections if selection[0] not in NUMBERS]
            for name, found in FOUND[language].items()
        }

    assert choices(code) == choices("en")


@each_language
def test_a_count_has_every_plural_form_of_its_language(code: str) -> None:
    forms = Locale(code).plural_form.tags | {"other"}
    forms -= {"many"} if code == "es" else set()  # of millions
    wrong = [
        (name, keys)
        for name, found in FOUND[code].items()
        for selector, keys in found.selections
        if selector in NUMBERS and keys & (PLURALS - {"other"})
        if keys & PLURALS != (forms - {"zero"} if "0" in keys else forms)
    ]
    assert wrong == []


@each_language
def test_every_message_can_be_said(code: str) -> None:
    for name, text in renderings(code):
        assert text.strip() == text != "", name
        assert not re.search("[{}\"'$]|\\?\\?\\?|  |\\.\\.", text), (name, text)
        assert len(text) <= 4096


@each_language
def test_every_name_and_number_given_is_said(code: str) -> None:
    for name, found in FOUND[code].items():
        selectors = {selector for selector, _ in found.selections}
        given = {variable: 4321 if variable in NUMBERS else f"<{variable}>" for variable in found.variables}
        text = bare(words_for(code)(name, **given))
        plain = [value for variable, value in given.items() if variable not in selectors]
        assert all(str(value) in re.sub(r"(?<=4)\W(?=321)", "", text) for value in plain), name


@each_translation
def test_commands_are_the_same_everywhere(code: str) -> None:
    commands = {
        code: [(n, set(re.findall("/[a-z]+", text))) for n, text in renderings(code)] for code in ("en", code)
    }
    assert commands[code] == commands["en"]


@each_language
def test_buttons_and_notices_are_short(code: str) -> None:
    long = {
        (name, text)
        for name, text in renderings(code)
        if (name in BUTTONS and len(bare(text)) > 24)
        or (name == "settings-mode" and len(bare(text)) > 45)
        or (name in NOTICES and len(text) > 200)
        or (name.startswith("command-") and len(text) > 256)
        or (name == "description" and len(text) > 120)
    }
    assert long == set()
    assert FOUND["en"].keys() >= BUTTONS | NOTICES


def test_names_are_isolated_in_arabic_alone() -> None:
    title = {code: words_for(code)("may-not-write", title="BBC News") for code in LANGUAGES}
    assert f"{FSI}BBC News{PDI}" in title["ar"]
    assert [code for code in LANGUAGES if FSI in title[code] or PDI in title[code]] == ["ar"]


def test_latin_letters_in_arabic_stand_apart() -> None:
    """Else a slash or a question mark goes to the wrong side of its word."""
    left = {(name, text) for name, text in renderings("ar") if re.search("[A-Za-z/]", without_isolates(text))}
    assert left == set()


@pytest.mark.parametrize(
    ("code", "count", "counted"),
    [
        ("en", 1, "one article."), ("en", 0, "0 articles."), ("en", 12345, "12,345 articles."),
        ("es", 12345, "12.345 artículos."), ("de", 1, "einen Artikel."), ("de", 12345, "12.345 Artikel."),
        ("ru", 1, "1 статья."), ("ru", 3, "3 статьи."), ("ru", 11, "11 статей."), ("ru", 21, "21 статья."),
        ("ar", 1, "مقال واحد."), ("ar", 2, "مقالين."), ("ar", 3, "3 مقالات."), ("ar", 11, "11 مقالًا."),
        ("ar", 100, "100 مقال."),
    ],
)  # fmt: skip
def test_articles_are_counted_as_the_language_does(code: str, count: int, counted: str) -> None:
    assert bare(words_for(code)("not-held", count=count)).endswith(f" {counted}")


@pytest.mark.parametrize(
    ("code", "day"),
    [("en", "1 Sep 2024"), ("es", "1 sept 2024"), ("de", "01.09.2024"),
     ("ru", "1 сент. 2024\u202fг."), ("ar", f"{FSI}1 سبتمبر 2024{PDI}")],
)  # fmt: skip
def test_a_day_is_written_as_the_language_does(code: str, day: str) -> None:
    assert words_for(code).day("2024-09-01") == words_for(code).day("2024-09-01T23:30:00+01:00") == day


@each_language
def test_a_sentence_that_ends_in_a_day_ends_in_one_full_stop(code: str) -> None:
    words = words_for(code)
    text = bare(words("not-held-newest", count=5, date=words.day("2024-11-28")))
    assert re.search(r"[^.]\.\Z", text)


@pytest.mark.parametrize(
    ("start", "end", "in_english", "in_german"),
    [
        ("2024-05-01", None, "since 1 May 2024", "seit dem 01.05.2024"),
        (None, "2024-05-01", "until 1 May 2024", "bis zum 01.05.2024"),
        ("2023-01-01", "2023-12-31", "of 2023", "aus dem Jahr 2023"),
        ("2024-05-01", "2024-05-31", "of May 2024", "vom Mai 2024"),
        ("2024-02-01", "2024-02-29", "of February 2024", "vom Februar 2024"),
        ("2024-02-01", "2024-02-28", "from 1 Feb 2024 to 28 Feb 2024", "vom 01.02.2024 bis zum 28.02.2024"),
        ("2024-11-28", "2024-11-28", "of 28 Nov 2024", "vom 28.11.2024"),
        ("2024-05-01", "2024-06-30", "from 1 May 2024 to 30 Jun 2024", "vom 01.05.2024 bis zum 30.06.2024"),
        ("2022-01-01", "2023-12-31", "from 1 Jan 2022 to 31 Dec 2023", "vom 01.01.2022 bis zum 31.12.2023"),
        ("2023-05-01", "2024-05-31", "from 1 May 2023 to 31 May 2024", "vom 01.05.2023 bis zum 31.05.2024"),
    ],
)  # fmt: skip
def test_a_period_has_its_shortest_name(
    start: str | None, end: str | None, in_english: str, in_german: str
) -> None:
    assert said((start, end), "en") == in_english
    assert said((start, end), "de") == in_german


def test_a_period_says_that_the_newest_come_first() -> None:
    may = ("2024-05-01", "2024-05-31")
    assert said(may, "en", latest=True) == "of May 2024, newest first"
    assert said(may, "en", latest=True, order=False) == "of May 2024"
    assert said((None, None), "en", latest=True) == "by date, newest first"
    assert said(may, "es", latest=True) == "de mayo de 2024, primero los más recientes"


def test_choices_are_joined_as_the_language_does() -> None:
    assert words_for("en").either(["this", "that", "a third"]) == "this, that, or a third"
    assert words_for("de").either(["dies", "das"]) == "dies oder das"


@pytest.mark.parametrize(
    ("code", "language"),
    [("de", "de"), ("es-MX", "es"), ("ar_EG", "ar"), ("RU", "ru"), ("pt-br", "en"), ("", "en"), (None, "en"),
     ("../de", "en"), ("x" * 1000, "en")],
)  # fmt: skip
def test_a_language_code_finds_its_words_or_english(code: str | None, language: str) -> None:
    assert words_for(code) is words_for(language)
    assert words_for(code).code == language


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(KeyError, match="no-such-message"):
        words_for("de")("no-such-message")


def test_a_missing_variable_is_warned_of_and_said_in_english() -> None:
    with pytest.warns(RuntimeWarning, match=r"not-held \(.+\): Unknown external: count") as warned:
        text = words_for("de")("not-held")
    assert len(warned) == 2
    assert text.startswith("That is not in the articles.")
    assert not re.search("[{}$]", text)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Words]:
    """German of which only two messages are there, one of them wrong."""
    (tmp_path / "en.ftl").write_text("more = More\nback = Back\nopen = Open\n")
    (tmp_path / "de.ftl").write_text("more = Mehr\nback = { $where }\n")
    monkeypatch.setattr(module, "CATALOGUES", tmp_path)
    module._catalogue.cache_clear()
    yield Words("de")
    module._catalogue.cache_clear()


def test_what_a_catalogue_lacks_is_said_in_english(german: Words) -> None:
    assert (german("more"), german("open")) == ("Mehr", "Open")
    with pytest.warns(RuntimeWarning, match="back"):
        assert german("back") == "Back"


@pytest.mark.parametrize(
    ("text", "is_isolated"),
    [("BBC News", False), ("", False), ("1 + 1", False), ("Привет", False), ("الجزيرة", True),
     ("BBC عربي", True), ("ישראל", True)],
)  # fmt: skip
def test_only_what_holds_right_to_left_letters_is_isolated(text: str, is_isolated: bool) -> None:
    assert isolated(text) == (f"{FSI}{text}{PDI}" if is_isolated else text)

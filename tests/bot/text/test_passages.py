"""What a person reads: quotations to the letter, each with its source, within Telegram's limits."""

import itertools
import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from babel import Locale
from bot_api_text import tidy

from bot.terminal.chat import styled
from bot.text.links import deep_link
from bot.text.message import ENTITIES, LIMIT, Message, shown, utf16
from bot.text.passages import AROUND, answer, citation, in_context, listing, not_held, opening, title
from bot.text.passages import passage as laid_out
from bot.text.words import LANGUAGES, words_for
from bot.transport.sender import entities
from corpus.article import Article
from index.language.passages import passages, window
from index.searching.confidence import ANSWERED, PERHAPS, Signals, State
from index.searching.result import Barrier, Hit, Result

words = words_for("en")
TEXT = """The council approved the bridge. It will cost £12 million, said Ines Vidal. Work begins in May. \
Three firms have bid for it, and the council means to choose one of them by the end of March. It is to be \
wide enough for two lanes of cars, for a tramway, and for people on foot, who were left out of all the plans \
that were drawn before. Half of the money comes from the state, and half from a loan.
A ferry has crossed here since 1890. It carried 900 people a day. Its last captain, who is to retire when \
the bridge opens, said that he would miss the seals more than the passengers. The boat itself, which was \
built of oak and has been repaired so often that hardly a plank of it is old, goes to the museum of the \
harbour, where children may stand at its wheel. The landing stage is to be sold.
The old pier stays closed. Nobody was hurt. A storm had torn away forty of its planks during the night, \
and divers who looked at the piles the next morning found that every third one was rotten. The council \
had been told so nine years ago, in a report that nobody could find afterwards. Whether the pier will be \
built again has not been decided, and those who fish from it have to do without."""
"""Three paragraphs, each a passage of its own that is shown whole."""
NOT_HELD = "That is not in the articles."
SIGNALS = Signals(cosine=0, match=0, coverage=0, missing=0, size=0)
UNSURE = "I am not sure that this answers it. The nearest passages:"
SURE: dict[State, float] = {"answered": ANSWERED, "perhaps": PERHAPS, "absent": PERHAPS - 0.01}
URL = "https://example.com/bridge"


def article(text: str = TEXT, **more: str | None) -> Article:
    known = {"title": "A bridge at last", "outlet": "Cape Courier", "url": URL, "published": "2024-11-28"}
    return Article("bridge", text=text, **(known | more))


def hits(source: Article, mark: int = 0) -> list[Hit]:
    """What is shown of every passage as a hit, its sentence number `mark` (or its last one) marked."""
    found = []
    for passage in passages(source):
        best = min(mark, len(passage.lines) - 1)
        spans = [(line.start, line.end) for line in passage.lines]
        edges = window(spans, [float(n == best) for n in range(len(spans))])
        found.append(Hit(source, *edges, spans[best], 1.0, SURE["answered"], SIGNALS))
    return found


def as_sure(found: Iterable[Hit], state: State) -> tuple[Hit, ...]:
    return tuple(replace(hit, confidence=SURE[state]) for hit in found)


def result(found: Iterable[Hit], *, articles: int = 1, newest: str | None = None) -> Result:
    return Result("?", tuple(found), articles, newest, "g1")


def marked(message: Message, kind: str) -> list[str]:
    return [message.text[m.start : m.end] for m in message.marks if m.kind == kind]


def sent(message: Message) -> tuple[str, list[dict]]:
    """What Telegram makes of a message, with what it finds in the text by itself."""
    return tidy(message.text, [entity.to_dict() for entity in entities(message)])


def pieces(text: str, found: Sequence[dict], kind: str) -> list[str]:
    """The parts of a text under Telegram's entities of one kind; fails on half a surrogate pair."""
    raw = text.encode("utf-16-le")
    spans = [(2 * e["offset"], 2 * (e["offset"] + e["length"])) for e in found if e["type"] == kind]
    assert all(0 <= start < end <= len(raw) for start, end in spans)
    return [raw[start:end].decode("utf-16-le") for start, end in spans]


@pytest.mark.parametrize("state", SURE)
def test_a_corrected_question_is_shown_above_its_answer(state: State) -> None:
    found = replace(result(as_sure(hits(article()), state)), corrected="Yvette\u200b Cooper")
    first, *_ = answer(found, words)
    assert first.text.startswith("Searched for: Yvette Cooper\n\n")
    assert answer(replace(found, corrected=None), words)[0].text == first.text.split("\n\n", 1)[1]


def test_an_answer_quotes_marks_and_names_its_source() -> None:
    (message,) = answer(result(hits(article(), mark=1)[:1]), words)
    quoted, source = message.text.split("\n")
    assert marked(message, "quote") == [quoted] == [TEXT.split("\n")[0]]
    assert marked(message, "bold") == ["It will cost £12 million, said Ines Vidal."]
    assert source == "— A bridge at last · Cape Courier · 28 Nov 2024"
    assert marked(message, "link") == ["A bridge at last"]
    (link,) = (m.url for m in message.marks if m.kind == "link")
    assert link.startswith(f"{URL}#:~:text=It%20will%20cost")


def test_three_passages_come_best_first_each_with_one_source_line() -> None:
    found = hits(article())[::-1]
    (message,) = answer(result(found), words)
    assert marked(message, "quote") == TEXT.split("\n")[::-1]
    assert [message.text[q.start : q.end] for q in message.quotations] == [hit.text for hit in found]
    assert message.text.count("\n— A bridge at last · Cape Courier · 28 Nov 2024") == 3
    assert len(marked(message, "link")) == 3


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"outlet": None}, "A bridge at last · 28 Nov 2024"),
        ({"published": None}, "A bridge at last · Cape Courier"),
        ({"outlet": None, "published": None, "url": None}, "A bridge at last"),
        ({"published": "2024-11-05T23:30:00+01:00"}, "A bridge at last · Cape Courier · 5 Nov 2024"),
        ({"title": "", "outlet": None, "published": None}, "The council approved the bridge."),
        ({"title": "\u200b \u202e", "outlet": "\n", "published": None}, "The council approved the bridge."),
        ({"title": "One\n\nTwo", "outlet": "A\nB\t C"}, "One Two · A B C · 28 Nov 2024"),
    ],
)
def test_a_source_line_says_what_is_known_and_no_more(known: dict, line: str) -> None:
    (message,) = answer(result(hits(article(**known))[:1]), words)
    assert message.text.split("\n")[1].startswith(f"— {line}")
    assert len(message.text.split("\n")) == 2
    assert bool(marked(message, "link")) == (known.get("url", URL) is not None)


def test_a_long_title_or_outlet_is_cut_at_a_word() -> None:
    long = article(title="word " * 100, outlet="other " * 100)
    (message,) = answer(result(hits(long)[:1]), words)
    source = message.text.split("\n")[1]
    assert len(source) < 250
    assert re.fullmatch(r"— (word )+word… · (other )+other… · 28 Nov 2024", source)
    assert title(article(title="x" * 500)) == "x" * 100 + "…"


@pytest.mark.parametrize(
    ("count", "newest", "said"),
    [
        (0, None, "There are no articles yet, so I can’t answer."),
        (1, None, f"{NOT_HELD} I looked through one article."),
        (1, "2024-11-28", f"{NOT_HELD} I looked through one article, the newest from 28 Nov 2024."),
        (2, None, f"{NOT_HELD} I looked through 2 articles."),
        (12_345, "2025-01-02T10:00:00+00:00",
         f"{NOT_HELD} I looked through 12,345 articles, the newest from 2 Jan 2025."),
    ],
)  # fmt: skip
def test_what_is_not_held_is_said_to_be_so(count: int, newest: str | None, said: str) -> None:
    assert not_held(count, newest, words) == said
    (message,) = answer(result([], articles=count, newest=newest), words)
    assert (message.text, message.marks) == (said, [])


BARRIER = Barrier("de", ("en", "ru"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_question_that_can_not_be_compared_is_told_so_with_the_names_of_the_languages(code: str) -> None:
    nothing = replace(result(as_sure(hits(article()), "absent")), barrier=BARRIER)
    (message,) = answer(nothing, words_for(code))
    names = Locale.parse(code).languages
    places = [message.text.index(names[language]) for language in ("de", "en", "ru")]
    assert places == sorted(places)
    assert not_held(1, None, words_for(code)) not in message.text
    assert message.marks == []


def test_it_is_told_in_which_languages_to_ask() -> None:
    for articles, said in ((("en", "ru"), "English or Russian"), (("", "en"), "English")):
        (message,) = answer(replace(result([]), barrier=Barrier("de", articles)), words)
        assert message.text == (
            f"I can’t search these articles in German: they are in {said}, and my model doesn’t read both. "
            f"Please try asking in {said}."
        )


def test_of_one_article_it_is_told_likewise() -> None:
    head, shown_hits = opening(replace(result([]), barrier=BARRIER), words, about=article())
    first, second = head.split("\n\n")
    assert "A bridge at last" in first
    assert second.startswith("I can’t search these articles in German")
    assert shown_hits == []


def test_articles_in_languages_that_nobody_knows_are_told_of_as_any() -> None:
    (message,) = answer(replace(result([]), barrier=Barrier("de", ("",))), words)
    assert message.text == f"{NOT_HELD} I looked through one article."


def test_passages_that_may_answer_are_shown_whatever_the_languages() -> None:
    unsure = replace(result(as_sure(hits(article()), "perhaps")), barrier=BARRIER)
    assert answer(unsure, words)[0].text.startswith(f"{UNSURE}\n\n")


def test_at_most_two_passages_are_shown_where_it_is_not_sure_that_they_answer() -> None:
    unsure = as_sure(hits(article()), "perhaps")
    (message,) = answer(result(unsure), words)
    assert message.text.startswith(f"{UNSURE}\n\n{unsure[0].text}\n— A bridge")
    assert marked(message, "quote") == TEXT.split("\n")[:2]


def test_of_a_certain_answer_only_the_passages_that_may_answer_are_shown() -> None:
    sure, unsure, other = hits(article())
    (message,) = answer(result([sure, *as_sure([unsure], "perhaps"), *as_sure([other], "absent")]), words)
    assert marked(message, "quote") == TEXT.split("\n")[:2]
    assert UNSURE not in message.text


def test_what_surely_does_not_answer_is_not_shown() -> None:
    (message,) = answer(result(as_sure(hits(article()), "absent")), words)
    assert (message.text, message.marks) == (f"{NOT_HELD} I looked through one article.", [])


def test_what_several_articles_say_is_quoted_once_and_names_them() -> None:
    (first, *_) = hits(article())
    others = tuple(
        article(title=f"Copy {n}", outlet=None, url=f"{URL}/{n}", published=None) for n in range(1, 6)
    )
    (message,) = answer(result([replace(first, also=others[:3])]), words)
    quoted, source, *also = message.text.split("\n")
    assert marked(message, "quote") == [quoted]
    assert source.startswith("— A bridge at last")
    assert also == ["   also in Copy 1", "   also in Copy 2", "   also in Copy 3"]
    assert [m.url for m in message.marks if m.kind == "link"][1:] == [f"{URL}/{n}" for n in (1, 2, 3)]
    (message,) = answer(result([replace(first, also=others)]), words)
    assert message.text.split("\n")[-2:] == ["   also in Copy 3", "   and in 2 more articles"]


@pytest.mark.parametrize(
    ("hit", "promoted", "shown_from", "shown_to"),
    [(0, None, 0, 1), (1, None, 0, 2), (2, None, 1, 2), (1, 0, 1, 2), (1, 2, 0, 1), (0, 2, 0, 1)],
)
def test_the_context_of_a_passage_is_its_paragraph_and_those_beside_it_without_promotion(
    hit: int, promoted: int | None, shown_from: int, shown_to: int
) -> None:
    lines = TEXT.split("\n")
    spans = [(TEXT.index(line), TEXT.index(line) + len(line)) for line in lines]
    source = article() if promoted is None else replace(article(), promotion=(spans[promoted],))
    start = spans[hit][0]
    first = (start, TEXT.index(".", start) + 1)
    around = in_context(Hit(source, *first, first, 1.0, SURE["answered"], SIGNALS))
    assert around.text == "\n".join(lines[shown_from : shown_to + 1])
    assert around.sentence == first


def test_the_context_of_a_passage_of_several_paragraphs_is_them_and_those_beside_them() -> None:
    source = article("It is Monday.\nOne stands.\nTwo fell.\nThree left.\nIt is Sunday.\nAll is well.")
    start, end = source.text.index("One"), source.text.index("\nIt is Sunday")
    for sentence in ("One stands.", "Two fell.", "Three left."):
        marked = place(source.text, sentence)
        around = in_context(Hit(source, start, end, marked, 1.0, SURE["answered"], SIGNALS))
        assert (around.start, around.end) == (0, source.text.index("\nAll is well"))
        assert around.sentence == marked


def test_a_long_context_is_cut_at_sentences_as_far_before_as_after() -> None:
    numbered = [f"Sentence number {n} says that the tide came in again." for n in range(100, 300)]
    source = article(" ".join(numbered))
    place = source.text.index(numbered[100])
    span = (place, place + len(numbered[100]))
    around = in_context(Hit(source, *span, span, 1.0, SURE["answered"], SIGNALS))
    kept = [n for n, sentence in enumerate(numbered) if sentence in around.text]
    assert around.text == " ".join(numbered[kept[0] : kept[-1] + 1])
    assert 1600 < len(around.text) <= AROUND
    assert kept[0] + kept[-1] == 2 * 100


@pytest.mark.parametrize(
    ("known", "limit", "cited"),
    [
        ({}, 256, f"A bridge at last, Cape Courier, 2024-11-28, {URL}"),
        ({"outlet": None, "published": None}, 256, f"A bridge at last, {URL}"),
        ({"url": None}, 256, "A bridge at last, Cape Courier, 2024-11-28"),
        ({"published": "2024-11-05T23:30:00+01:00", "url": None, "outlet": None}, 256,
         "A bridge at last, 2024-11-05"),
        ({"title": "", "url": None, "outlet": None, "published": None}, 33,
         "The council approved the bridge.…"),
        ({"url": URL + "/x" * 60}, 256, "A bridge at last, Cape Courier, 2024-11-28"),
        ({"url": None}, 40, "A bridge at l…, Cape Courier, 2024-11-28"),
        ({"title": "😀" * 9, "url": None}, 40, "😀😀😀😀😀😀…, Cape Courier, 2024-11-28"),
        ({"url": None}, 26, "Cape Courier, 2024-11-28"),
    ],
)  # fmt: skip
def test_a_citation_fits_its_limit_by_leaving_out_a_long_link_and_cutting_the_title(
    known: dict, limit: int, cited: str
) -> None:
    assert citation(article(**known), limit) == cited
    assert utf16(cited) <= limit


def test_a_moment_is_shown_in_the_zone_of_whoever_reads_it_and_a_day_as_it_is() -> None:
    for published, times in (("2024-11-28T10:00:00+00:00", [1_732_788_000]), ("2024-11-28", [])):
        (message,) = answer(result(hits(article(published=published))[:1]), words)
        dates = [entity for entity in sent(message)[1] if entity["type"] == "date_time"]
        assert [date["unix_time"] for date in dates] == times
        assert message.text.endswith("28 Nov 2024")


def test_the_list_of_articles_says_how_many_more_there_are() -> None:
    (message,) = listing([article(), article(url=None)], 5, words)
    first, second, third, last = message.text.split("\n")
    assert first == "I answer from 5 articles:"
    assert second == third == "• A bridge at last · Cape Courier · 28 Nov 2024"
    assert last == "… and 3 more."
    assert [(m.kind, m.url) for m in message.marks] == [("link", URL)]
    assert listing([], 0, words)[0].text == "I answer from 0 articles:"


def test_the_terminal_shows_quotations_behind_a_bar_and_links_written_out() -> None:
    (message,) = answer(result(hits(article("One stands.\nIt is said. So they say.", title="T"))), words)
    link = f"<{URL}#:~:text=One%20stands.>"
    assert styled(message, plain=True).split("\n") == [
        "│ **One stands.**", "│ It is said. So they say.", f"— T {link} · Cape Courier · 28 Nov 2024",
    ]  # fmt: skip
    assert styled(message).startswith("│ \x1b[1mOne stands.\x1b[0m\n│ It is said. So they say.\n— T")


# E2 and E3: hostile texts.

NASTY = [
    "😀", "👩\u200d👩\u200d👧\u200d👦", "🇬🇧", "👍🏽", "مرحبا بالعالم", "שלום", "漢字とかな",
    "ภาษาไทย", "ﷺ", "𝕏", "\u202eevil\u202c", "\u2066x\u2069", "\u200b", "\u200e", "\u200f", "\u200d",
    "\ufeff", "\0", "\x07", "\x1b[31m", "\t", "\r\n", "\r", "\x0b", "\x85", "\xa0", "\u2028", "\U000e0041",
    "\ufffe", "\U0010ffff",
    "\u0301" * 1000, "a\u030angstro\u0308m", "x\u0333", "Z\u0351\u0352\u0353\u0354a",
    "<b>&lt;/b>", "@admin", "#tag", "https://evil.example/x", "[a](tg://user?id=1)", "```", "||",
    "A sentence. Another one! “Said?” Yes.", "。", "…", "word", "12,345.6",
]  # fmt: skip


def nasty(chance: random.Random, longest: int = 60) -> str:
    """A text of hostile parts, some parted by white space."""
    parts = (
        chance.choice(NASTY) + chance.choice(["", " ", " ", ". ", "\n"])
        for _ in range(chance.randint(1, longest))
    )
    return "".join(parts)


def nasty_articles(seed: int, number: int) -> Iterable[Article]:
    chance = random.Random(seed)
    for count in range(number):
        words = chance.choice(["A" * 100_000, "😀" * 50_000, "é" * 5000]) if count % 200 == 0 else ""
        text = "A bridge was built here. " + nasty(chance) + words
        more = {"title": nasty(chance, 20) * chance.choice([1, 1, 50]), "outlet": nasty(chance, 20)}
        yield article(text.strip(), **more)


def unmarked(text: str) -> str:
    """A text without the combining marks that it begins with."""
    return "".join(itertools.dropwhile(unicodedata.combining, text))


@pytest.mark.slow
def test_hostile_texts_stay_whole_and_within_the_limits() -> None:
    for source in nasty_articles(2, 2000):
        found = hits(source, mark=1)
        chosen = random.Random(len(source.text)).sample(found, min(3, len(found)))
        messages = answer(result(chosen), words)
        returned = [sent(message) for message in messages]
        assert max(utf16(message.text) for message in messages) <= LIMIT == 4096
        assert [text for text, _ in returned] == [m.text for m in messages]  # Telegram changes nothing
        assert max(message.entities for message in messages) <= ENTITIES == 100
        assert not {"mention", "bot_command"} & {e["type"] for _, found in returned for e in found}
        quoted = [each for text, found in returned for each in pieces(text, found, "expandable_blockquote")]
        visible = [hit for hit in chosen if shown(hit.text).strip()]
        assert quoted == [shown(hit.text) for hit in visible]  # none is split, none is missing
        bold = [each for message in messages for each in marked(message, "bold")]
        if not any(e["type"] == "code" for _, found in returned for e in found):  # which ends what is bold
            assert bold == [each for text, found in returned for each in pieces(text, found, "bold")]
        sentences = (shown(source.text[slice(*hit.sentence)]) for hit in visible)
        # A mark that begins a sentence may be one too many on the letter before it.
        assert [*filter(None, map(unmarked, bold))] == [*filter(None, map(unmarked, sentences))]


def test_long_answers_are_split_between_passages() -> None:
    sentence = "😀" * 900 + "."
    source = article("\n".join([sentence] * 3), title="T" * 100)
    messages = answer(result(hits(source)), words)
    assert [len(m.quotations) for m in messages] == [2, 1]
    assert [m.text.split("\n")[0] for m in messages] == [sentence, sentence]
    assert all(utf16(m.text) <= LIMIT for m in messages)


@pytest.mark.slow
def test_a_hostile_text_fits_with_what_stands_around_it() -> None:
    for source in nasty_articles(3, 1000):
        visible = [hit for hit in hits(source, mark=1) if shown(hit.text).strip()]  # no other is ever shown
        for hit in visible[:3]:
            around = in_context(hit)
            assert around.start <= hit.start < hit.end <= around.end
            message = laid_out(around, words)
            text, found = sent(message)
            assert text == message.text
            assert utf16(text) <= LIMIT
            assert pieces(text, found, "expandable_blockquote") == [shown(around.text)]


# E1: nothing that an article says becomes markup or a link.

MARKUP = [
    "<b>bold</b>", "</blockquote><a href='https://evil.example'>x</a>", "[x](https://evil.example)", "*b*",
    "&lt;script&gt;", "<script>alert(1)</script>", "tg://user?id=1", "javascript:alert(1)", "data:text/x,",
    "@everyone", "/reindex", "#tag", "||spoiler||", ">quote", "\\", "'; drop table x; --", "%s %(x)s {0}",
    "\u202e<b>", "http://", "https://", "https://[::1", "ftp://a.example/x", "file:///etc/passwd",
    "//evil.example", "HTTPS://A.example", "https://a.example/\x1b]0;x\x07", "https://a.example/ b",
    "https://a.example/\nb", "https://a.example/\u202e", "https://" + "a" * 5000 + ".example",
    "http://a.example:99999/", "https://a.example/?q=<b>&x=\"'",
]  # fmt: skip


def test_hostile_strings_make_no_marks_of_their_own() -> None:
    chance = random.Random(1)
    seen = 0
    for _ in range(500):
        first, second, third, fourth = chance.choices(MARKUP, k=4)
        source = article(
            f"{first} stands here. It is {second}.", title=third, outlet=fourth, url=chance.choice(MARKUP)
        )
        for messages in (
            answer(result(hits(source)), words),
            answer(result(as_sure(hits(source), "perhaps")), words),
            listing([source], 1, words),
        ):
            for message in messages:
                text, found = sent(message)
                kinds = {e["type"] for e in found} - {"url"}  # which Telegram finds, and nobody is reached by
                assert kinds <= {"expandable_blockquote", "bold", "text_link", "code"}
                assert pieces(text, found, "expandable_blockquote") == [
                    shown(q.hit.text) for q in message.quotations
                ]
                for link in (mark.url for mark in message.marks if mark.kind == "link"):
                    assert urlsplit(link).scheme in ("http", "https")
                    assert link.isprintable()
                    assert len(link) <= 2000
                    assert link.partition("#:~:text=")[0].split(":~:")[0] == source.url
                    seen += 1
                assert "\x1b" not in styled(message, plain=True)
    assert seen > 100


# Deep links, held against a small text-fragment matcher (https://wicg.github.io/scroll-to-text-fragment/).


def landing(link: str, text: str) -> tuple[int, int] | None:
    """Where on a page with this text a browser would scroll; None where it finds nothing."""
    directive = link.partition(":~:")[2]
    terms = [unquote(term) for term in directive.removeprefix("text=").split("&")[0].split(",")]
    page, start = " ".join(text.split()).lower(), 0
    spans = []
    for term in terms:
        found = re.compile(rf"(?<!\w){re.escape(term.lower())}(?!\w)").search(page, start)
        if not found:
            return None
        spans.append(found.span())
        start = found.end()
    return spans[0][0], spans[-1][1]


def place(text: str, sentence: str, number: int = 0) -> tuple[int, int]:
    """The span of the sentence's occurrence in a text."""
    start = -1
    for _ in range(number + 1):
        start = text.index(sentence, start + 1)
    return start, start + len(sentence)


LONG = (
    "The minister, who had come to the cape by ferry, told a crowd of some four hundred people "
    "that the new bridge would open in May at last."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "It will cost £12 million, said Ines Vidal.",
        "A well-known, up-to-date & cheap plan: 50% off?",
        "“Every ship,” she said, “is welcome”.",
        "Это мост. ",
        "C++ & C# – “naïve” + 100%...",
        LONG,
        LONG.replace(" ", "\n", 7),
    ],
)
@pytest.mark.parametrize("url", [URL, f"{URL}#part-2", f"{URL}?a=b&c=d", f"{URL}#:~:text=old"])
def test_a_link_lands_on_its_sentence(sentence: str, url: str) -> None:
    sentence = sentence.strip()
    text = f"Before it all. {sentence} And after it all."
    start, end = place(text, sentence)
    link = deep_link(article(text, url=url), (start, end))
    found = landing(link, text)
    assert found is not None
    assert " ".join(text.split())[slice(*found)] == " ".join(sentence.split())
    bare, _, directive = link.partition(":~:")
    assert bare == (url.partition(":~:")[0] if "#" in url else f"{url}#")
    assert re.fullmatch(r"text=[\w.~%]+(,[\w.~%]+)?", directive, re.ASCII)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("He won. She lost. He won.", "He won."),
        ("He won. She lost. HE  WON.", "He won."),
        ("ha ha ha", "ha ha"),  # overlapping
        (f"{LONG} And {LONG}", LONG),
        (LONG.split(" told")[0] + f" left. {LONG}", LONG),  # the same first words
        ("It is so. " + "漢" * 900 + "。", "漢" * 900 + "。"),  # too long for a link
    ],
)
def test_a_link_is_the_plain_url_where_the_sentence_would_not_be_found(text: str, sentence: str) -> None:
    number = text.count(sentence) - 1
    assert deep_link(article(text), place(text, sentence, number)) == URL


def test_a_long_sentence_is_linked_by_both_ends_only_where_its_end_is_told() -> None:
    again = "and so it goes once more " * 5 + "and so it goes once more."
    text = f"{LONG} We say that {again}"
    assert deep_link(article(text), place(text, LONG)).endswith(",open%20in%20May%20at%20last.")
    home = "they all went home and"
    ends = f"We say that once upon a time {home} {home} {'x' * 40} {home}"
    assert deep_link(article(ends), (0, len(ends))) == URL


@pytest.mark.parametrize(
    "url",
    [None, "", "example.com/x", "ftp://example.com", "javascript:alert(1)", "https://", "https://[::1",
     "mailto:a@b.c", "https://example.com/a b", "https://example.com/\x1b[0m", f"{URL}/{'x' * 2000}"],
)  # fmt: skip
def test_there_is_no_link_without_a_web_address(url: str | None) -> None:
    source = article(url=url)
    assert deep_link(source, (0, 10)) == ""
    assert not marked(answer(result(hits(source)[:1]), words)[0], "link")


@pytest.mark.slow
def test_links_land_on_the_sentence_or_are_plain() -> None:
    chance = random.Random(5)
    words = ["the", "a", "bridge,", "ferry-boat", "cost", "£12", "&", "May;", "“so”", "50%", "naïve", "(old)"]
    landed = 0
    for _ in range(1500):
        sentences = [" ".join(chance.choices(words, k=chance.randint(1, 30))) + "." for _ in range(5)]
        text = " ".join(sentences)
        sentence = chance.choice(sentences)
        start, end = place(text, sentence)
        link = deep_link(article(text), (start, end))
        if link != URL:
            found = landing(link, text)
            assert found is None or text[slice(*found)] == sentence, link
            landed += found is not None
    assert landed > 1000

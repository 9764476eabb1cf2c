"""Files and pages become articles with nothing lost or guessed, or are refused with a reason."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import DATA

import corpus
from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.reading.extract import extract, opening, slug

PAGES = DATA / "pages"
BUNDLED = Path(corpus.__file__).parent / "articles" / "uk-iraq-border-pact.txt"
SENTENCE = "The old bridge stayed shut for a week."
RUSSIAN = "Мост был закрыт целую неделю, и ремонт обойдётся городу дорого."


def page(name: str) -> Article:
    return extract((PAGES / name).read_bytes(), name)


def html(body: str, head: str = "", tag: str = "<html>") -> bytes:
    return (
        f"<!DOCTYPE html>{tag}<head><title>Bridge</title>{head}</head><body><article>"
        f"<h1>Bridge</h1>{body}<p>{SENTENCE}</p><p>Nobody was hurt when the first stones "
        "fell into the river on Monday morning, the police said.</p></article></body></html>"
    ).encode()


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(NotAnArticle) as caught:
        extract(data, name)
    message = str(caught.value)
    assert message.startswith(name)
    assert message.endswith(".")
    assert "\n" not in message
    return message


# Plain text


def test_the_bundled_article_comes_through_to_the_letter() -> None:
    article = extract(BUNDLED.read_bytes(), BUNDLED.name)
    assert article.text.encode() == BUNDLED.read_bytes()
    assert article.id == "uk-iraq-border-pact"
    assert article.title == article.text.split("\n")[0]
    assert article.title.startswith("Home Secretary Yvette Cooper flew to Baghdad")
    assert (article.published, article.author, article.url) == (None, None, None)
    assert (article.outlet, article.language, article.promotion) == (None, None, ())


def test_plain_text_keeps_its_spaces_and_looks_of_markup() -> None:
    text = f"\n  Title \n\n\n# {SENTENCE}\t\n<b>**Bold**</b> & plain.  \n"
    article = extract(text.encode(), "bridge.txt")
    assert article.text == text
    assert article.title == "Title"


def test_a_first_line_of_250_characters_is_the_title() -> None:
    line = "a" * 245 + " bcd."
    assert opening(f"{line}\nMore.") == line


def test_a_longer_first_line_is_cut_at_a_word() -> None:
    assert opening("abcd " * 60) == ("abcd " * 50).strip() + "…"


def test_a_long_line_without_spaces_is_cut_at_the_limit() -> None:
    assert opening("橋" * 300) == "橋" * 250 + "…"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bridge.txt", "bridge"),
        ("report.v2.txt", "report.v2"),
        ("/home/ana/my bridge (final).txt", "my-bridge-final"),
        ("C:\\texts\\bridge_2.txt", "bridge_2"),
        ("Мост закрыт.txt", "Мост-закрыт"),
        ("สะพาน.txt", "สะพาน"),
        ("../../..txt", "article"),
        ("../../x/.htaccess", "htaccess"),
        ("???.txt", "article"),
        ("https://harbour.example/news/bridge-shut.txt?x=1#top", "bridge-shut"),
        ("https://harbour.example/%D0%9C%D0%BE%D1%81%D1%82", "Мост"),
        ("https://harbour.example/", "harbour.example"),
        ("https://harbour.example", "harbour.example"),
        ("https://[broken/x.txt", "page"),
        ("", "article"),
    ],
)
def test_the_id_is_the_stem_of_the_name(name: str, expected: str) -> None:
    assert extract(SENTENCE.encode(), name).id == expected


def test_an_id_is_short_enough_for_a_file_name() -> None:
    assert slug("x" * 500) == "x" * 100


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("bridge.txt", None),
        ("https://harbour.example/bridge.txt", "https://harbour.example/bridge.txt"),
        ("ftp://harbour.example/bridge.txt", None),
    ],
)
def test_a_text_that_came_from_the_web_keeps_its_address(name: str, url: str | None) -> None:
    assert extract(SENTENCE.encode(), name).url == url


@pytest.mark.parametrize("name", ["bridge", "bridge.text", "https://harbour.example/news/bridge"])
def test_an_unknown_suffix_is_html_only_when_it_begins_so(name: str) -> None:
    assert extract(f"<3 bridges. {SENTENCE}".encode(), name).text == f"<3 bridges. {SENTENCE}"
    assert SENTENCE in extract(html(""), name).text.split("\n")
    assert "<" not in extract(html(""), name).text


# Markdown


def test_front_matter_fills_the_fields() -> None:
    source = f"""---
title: Bridge shut
outlet: The Harbour Post
author: Ana Mendes
url: https://harbour.example/bridge
published: 2024-05-31
language: en-GB
tags: [bridges]
---
{SENTENCE}
"""
    assert extract(source.encode(), "bridge.md") == Article(
        id="bridge",
        title="Bridge shut",
        text=SENTENCE,
        outlet="The Harbour Post",
        author="Ana Mendes",
        url="https://harbour.example/bridge",
        published="2024-05-31",
        language="en",
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2024-05-31", "2024-05-31"),
        ("'2024-05-31'", "2024-05-31"),
        ("2024-05-31 10:00:00", "2024-05-31T10:00:00"),
        ("2024-05-31T10:00:00+02:00", "2024-05-31T10:00:00+02:00"),
        ("'2024-05-31T10:00Z'", "2024-05-31T10:00:00+00:00"),
        ("Fri, 31 May 2024 10:00:00 +0200", "2024-05-31T10:00:00+02:00"),
        ("", None),
        ("''", None),
        ("~", None),
    ],
)
def test_a_date_in_front_matter_becomes_iso(stated: str, expected: str | None) -> None:
    source = f"---\npublished: {stated}\n---\n{SENTENCE}"
    assert extract(source.encode(), "bridge.md").published == expected


@pytest.mark.parametrize(
    ("front", "part"),
    [
        ("title: 1984", "whose title is not text"),
        ("author: [Ana, Ida]", "whose author is not text"),
        ("outlet: {name: Post}", "whose outlet is not text"),
        ("url: 7", "whose url is not text"),
        ("url: ftp://harbour.example/x", "whose url is not a web address"),
        ("url: javascript:alert(1)", "whose url is not a web address"),
        ("url: harbour.example", "whose url is not a web address"),
        ("published: last week", "whose published is not a date"),
        ("published: '03/04/2024'", "whose published is not a date"),
        ("published: 2024", "whose published is not text"),
        ("language: English", "whose language is not a language code"),
        ("language: no", "whose language is not text"),
        ("title: Bridge\nurl: [x", "not valid YAML at line 4"),
        ("title: Bridge: shut", "not valid YAML at line 2"),
        ("title: Bridge\n\tauthor: Ana", "not valid YAML at line 3"),
        ("published: 2024-13-45", "not valid YAML"),
        ("author: &a Ana\ntitle: *a", "not valid YAML at line 3"),
        ("title: *Bridge*", "not valid YAML at line 2"),
        ("just a line", "not a list of fields"),
        ("- title", "not a list of fields"),
    ],
)
def test_front_matter_that_cannot_be_used_is_named(front: str, part: str) -> None:
    message = refusal(f"---\n{front}\n---\n{SENTENCE}".encode(), "bridge.md")
    assert part in message


@pytest.mark.parametrize(
    "source", [f"{SENTENCE}", f"---\n---\n{SENTENCE}", f"---\n\n{SENTENCE}", f"***\n{SENTENCE}"]
)
def test_without_front_matter_nothing_is_known(source: str) -> None:
    article = extract(source.encode(), "bridge.markdown")
    assert article == Article(id="bridge", title=SENTENCE, text=SENTENCE)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (f"---\ntitle: From above\n---\n# Heading\n\n{SENTENCE}", "From above"),
        (f"# A *bright* `heading`\n\n{SENTENCE}", "A bright heading"),
        (f"{SENTENCE}\n\nHeading\n=======\n", "Heading"),
        (f"## Only second\n\n{SENTENCE}", "Only second"),
        (SENTENCE, SENTENCE),
    ],
)
def test_the_title_is_the_front_matters_or_the_first_headings(source: str, title: str) -> None:
    assert extract(source.encode(), "bridge.md").title == title


@pytest.mark.parametrize(
    ("source", "paragraphs"),
    [
        ("# Heading\n\n## Second ##", ["Heading", "Second"]),
        ("**Bold**, *slanted*, ~~gone~~ and `code`.", ["Bold, slanted, gone and code."]),
        ("A [link](https://x.example 'title') and <https://y.example>.", ["A link and https://y.example."]),
        ("Before ![alt text](a.png) after.", ["Before  after."]),
        ("![alt text](a.png)\n\nText.", ["Text."]),
        ("One line\ngoes on.", ["One line goes on."]),
        ("One line  \nbreaks.", ["One line\nbreaks."]),
        ("One<br>two <b>three</b>.", ["One\ntwo three."]),
        ("- One\n- Two\n  - Three\n\n1. Four", ["One", "Two", "Three", "Four"]),
        ("- One\n\n  More of one", ["One", "More of one"]),
        ("> Quoted\n> words.", ["Quoted words."]),
        ("```py\nx = 1\n\ny = 2\n```", ["x = 1\n\ny = 2"]),
        ("    indented = 1", ["indented = 1"]),
        ("| Year | Toll |\n|---|---|\n| 2019 | **£2** |", ["Year\tToll", "2019\t£2"]),
        ("<div>\nDropped.\n</div>\n\nKept.", ["Kept."]),
        ("One.\n\n---\n\nTwo.", ["One.", "Two."]),
        ("5 &lt; 6 &amp; \\*plain\\*", ["5 < 6 & *plain*"]),
    ],
)
def test_markdown_becomes_plain_paragraphs(source: str, paragraphs: list[str]) -> None:
    article = extract(f"{SENTENCE}\n\n{source}\n".encode(), "bridge.md")
    assert article.text == "\n\n".join([SENTENCE, *paragraphs])


# HTML


def test_a_page_gives_its_main_text_and_what_it_states_of_itself() -> None:
    assert page("bridge.html") == Article(
        id="bridge",
        title="Bridge shut for a week",
        text="Bridge shut for a week\n"
        "The old bridge stayed shut for a week, and the council’s engineer said it "
        "would cost £40,000 to repair.\n"
        "No warning\n"
        "“We had no warning,” she said. The bridge was built in 1931 and has been repaired "
        "twice since.\n"
        "Cars go round by the mill.\n"
        "Buses stop at the station.\n"
        "Nobody was hurt when the first stones fell into the river on Monday morning.",
        outlet="The Harbour Post",
        author="Ana Mendes",
        url="https://harbour.example/news/bridge-shut",
        published="2024-05-31T10:00:00+01:00",
        language="en",
    )


def test_what_a_page_does_not_state_is_not_guessed() -> None:
    article = page("undated.html")
    assert article.title == "Ferry returns to the island"
    assert "On 12 March 2021 the harbour master promised" in article.text
    assert (article.published, article.author, article.outlet) == (None, None, None)
    assert (article.url, article.language) == (None, None)


def test_neither_the_address_nor_the_host_is_taken_for_a_date_or_an_outlet() -> None:
    article = extract(html(""), "https://harbour.example/2024/05/31/bridge.html")
    assert article.url == "https://harbour.example/2024/05/31/bridge.html"
    assert (article.published, article.outlet) == (None, None)


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ('<meta property="article:published_time" content="2024-05-31">', "", "2024-05-31"),
        ('<meta name="date" content="2024/05/31">', "", "2024-05-31"),
        ('<meta name="DC.date.issued" content="2024-05-31">', "", "2024-05-31"),
        ('<meta itemprop="datePublished" content="2024-05-31T08:00Z">', "",
         "2024-05-31T08:00:00+00:00"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", '
         '"datePublished": "2024-05-31", "dateModified": "2024-06-02"}</script>', "", "2024-05-31"),
        ('<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": '
         '["BlogPosting"], "datePublished": "2024-05-31"}]}</script>', "", "2024-05-31"),
        ("", '<time datetime="2024-05-31">31 May</time>', "2024-05-31"),
        ("", '<p>By Ana, <time datetime="2024-05-31T10:00:00">Friday</time></p>',
         "2024-05-31T10:00:00"),
        ("", '<time pubdate datetime="2024-05-31">x</time><time datetime="2020-01-01">y</time>',
         "2024-05-31"),
        ("", '<time datetime="2024-05-31">x</time><time datetime="2020-01-01">y</time>', None),
        ("", '<aside><time datetime="2024-05-31">x</time></aside>', None),
        ("", "<time>31 May 2024</time>", None),
        ("", '<p class="date">31 May 2024</p><p>Copyright 2023</p>', None),
        ('<meta property="article:modified_time" content="2024-05-31">', "", None),
        ('<meta name="last-modified" content="2024-05-31">', "", None),
        ('<meta name="date" content="03/04/2024">', "", None),
        ('<meta name="date" content="0001-01-01T00:00:00Z">', "", None),
        ('<script type="application/ld+json">{"@type": "Event", "datePublished": "2024-05-31"}'
         "</script>", "", None),
        ('<script type="application/ld+json">{"datePublished": "2024-</script>', "", None),
    ],
)  # fmt: skip
def test_a_page_is_dated_only_by_what_it_states(head: str, body: str, published: str | None) -> None:
    assert extract(html(body, head), "bridge.html").published == published


@pytest.mark.parametrize(
    ("head", "name", "url"),
    [
        ('<link rel="canonical" href="https://a.example/x">', "x.html", "https://a.example/x"),
        ('<link rel="canonical" href="/x">', "https://a.example/y?z", "https://a.example/x"),
        ('<link rel="canonical" href="/x">', "x.html", None),
        ('<link rel="canonical" href="ftp://a.example/x">', "x.html", None),
        ('<link rel="canonical" href="javascript:x()">', "https://a.example/y",
         "https://a.example/y"),
        ('<link rel="canonical" href="">', "x.html", None),
        ('<link rel="canonical" href="http://[x">', "x.html", None),
        ('<link rel="canonical" href="https:///x">', "x.html", None),
        ('<link rel="canonical" href="https://a.example:port/">', "x.html", None),
        ('<link rel="canonical" href="https://a.example/a b">', "x.html", None),
        ('<meta property="og:url" content="https://a.example/x">', "x.html", "https://a.example/x"),
        ("", "x.html", None),
    ],
)  # fmt: skip
def test_only_web_addresses_are_kept(head: str, name: str, url: str | None) -> None:
    assert extract(html("", head), name).url == url


@pytest.mark.parametrize(
    ("tag", "head", "language"),
    [
        ('<html lang="de">', "", "de"),
        ('<html lang="pt_BR">', "", "pt"),
        ('<html lang="fil">', "", None),
        ('<html lang="">', "", None),
        ("<html>", '<meta property="og:locale" content="fr_FR">', "fr"),
        ("<html>", "", None),
    ],
)
def test_a_page_states_its_language(tag: str, head: str, language: str | None) -> None:
    assert extract(html("", head, tag), "bridge.html").language == language


@pytest.mark.parametrize(
    ("head", "outlet"),
    [
        ('<meta property="og:site_name" content="The Harbour Post">', "The Harbour Post"),
        ('<meta property="og:site_name" content="die harfe">', "die harfe"),
        ('<meta property="og:site_name" content=" ">', None),
        ('<script type="application/ld+json">{"@type": "Article", "publisher": '
         '{"@type": "Organization", "name": "The Harbour Post"}}</script>', "The Harbour Post"),
        ('<meta name="twitter:site" content="@harbour">', None),
    ],
)  # fmt: skip
def test_an_outlet_is_named_as_the_page_names_it(head: str, outlet: str | None) -> None:
    assert extract(html("", head), "bridge.html").outlet == outlet


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", None, None),
        ("utf-8", None, "utf-8"),
        ("utf-8", "windows-1251", None),
        ("utf-8", None, "windows-1251"),
        ("utf-8", "iso-8859-1", "koi8-r"),
        ("utf-8-sig", "windows-1251", "koi8-r"),
        ("utf-16", "windows-1251", "utf-8"),
        ("utf-16", None, None),
        ("utf-16-le", "utf-16le", None),
        ("cp1251", "windows-1251", None),
        ("cp1251", None, "windows-1251"),
        ("cp1251", "windows-1251", "utf-8"),
        ("cp1251", "windows-1251", "koi8-r"),
        ("cp1251", "utf-8", None),
        ("cp1251", "nonsense", "windows-1251"),
        ("cp1251", None, "nonsense"),
        ("cp1251", None, None),
        ("koi8-r", "KOI8-R", "windows-1251"),
        ("koi8-r", None, "koi8-r"),
        ("koi8-r", None, None),
        ("iso8859-5", None, "iso-8859-5"),
        ("cp866", None, "ibm866"),
    ],
)
def test_the_header_goes_before_the_meta_tag_and_valid_utf8_before_both(
    encoding: str, header: str | None, meta: str | None
) -> None:
    head = f'<meta charset="{meta}">' if meta else ""
    data = html(f"<p>{RUSSIAN}</p>", head).decode().encode(encoding)
    assert RUSSIAN in extract(data, "bridge.html", header).text.split("\n")


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<meta charset=windows-1251>",
        "<META CHARSET='Windows-1251'>",
    ],
)
def test_a_meta_charset_is_found_in_every_spelling(head: str) -> None:
    data = html(f"<p>{RUSSIAN}</p>", head).decode().encode("cp1251")
    assert RUSSIAN in extract(data, "bridge.html").text.split("\n")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<p>A <b>bold</b> <q>quoted word</q> is <code>here</code>.</p>",
         ["A bold quoted word is here."]),
        ("<p>One line<br>and another.</p>", ["One line", "and another."]),
        ("<p>– A dash begins it.</p><p>- So does a hyphen.</p>",
         ["– A dash begins it.", "- So does a hyphen."]),
        ("<ul><li>First of two.</li><li>Second of two.</li></ul>",
         ["First of two.", "Second of two."]),
        ("<p>H<sub>2</sub>O is\n   wet.</p>", ["H2O is wet."]),
        ("<figure><img src='a.png' alt='Alt text'></figure><p>Text.</p>", ["Text."]),
        ("<p>Twice the same.</p><p>Twice the same.</p>", ["Twice the same.", "Twice the same."]),
        ("<script>var x = 'no';</script><style>p {}</style><!-- no --><p>Text.</p>", ["Text."]),
    ],
)  # fmt: skip
def test_paragraphs_of_a_page_are_lines_without_markup(body: str, lines: list[str]) -> None:
    text = extract(html(body), "bridge.html").text
    assert text.split("\n")[1:-2] == lines


def test_a_caption_does_not_run_the_paragraphs_of_a_short_page_together() -> None:
    caption = "<figure><img src='a.png'><figcaption>The bridge, seen from the mill.</figcaption>"
    lines = extract(html(caption + "</figure>"), "bridge.html").text.split("\n")
    assert SENTENCE in lines


def test_a_character_reference_and_a_control_character_do_no_harm() -> None:
    text = extract(html("<p>Fish &amp; chips cost &pound;9, &#8217;tis said\x0b here.</p>"), "x.htm")
    assert "Fish & chips cost £9, ’tis said here." in text.text


def test_nothing_of_a_page_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    refusal(b"<html><body></body></html>", "empty.html")
    assert caplog.records == []


# Refusals and their near misses


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("login.html", "is a login page"),
        ("cookies.html", "is a cookie notice"),
        ("paywall.html", "is a paywall's stub"),
        ("javascript.html", "is a page that wants JavaScript"),
        ("challenge.html", "is a page that wants JavaScript"),
        ("missing.html", "is an error page"),
    ],
)
def test_what_stands_in_place_of_an_article_is_refused(name: str, part: str) -> None:
    assert part in refusal((PAGES / name).read_bytes(), name)


@pytest.mark.parametrize("name", ["about-logins.txt", "about-cookies.md", "about-404.txt"])
def test_an_article_about_walls_is_an_article(name: str) -> None:
    assert len(page(name).text) > 1000


def test_a_short_article_with_a_banner_and_a_login_link_is_read() -> None:
    around = (
        '<div class="cookie-banner">This website uses cookies. Accept all cookies. Cookie settings.'
        "</div><noscript>Please enable JavaScript.</noscript><nav><a>Already a member?</a></nav>"
    )
    data = html("").replace(b"<article>", around.encode() + b"<article>")
    assert SENTENCE in extract(data, "bridge.html").text.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading. Already a subscriber? Log in.",
        "Melden Sie sich an, um den Artikel zu lesen. Passwort vergessen?",
        "Страница не найдена. Проверьте адрес и попробуйте ещё раз.",
        "Nous utilisons des cookies pour vous proposer un meilleur service.",
        "Please enable JavaScript to view this page in your browser.",
    ],
)
def test_a_wall_is_known_in_text_and_in_other_languages(text: str) -> None:
    assert "is a" in refusal(text.encode(), "saved.txt")


@pytest.mark.parametrize(
    "text",
    [
        "The baker sold two hundred cookies before noon on the first day.",
        "The court heard that he had used her password to read her letters.",
        "Flight 404 landed an hour late, and nobody on it was told why.",
        "Subscribers to the paper fell by a third in ten years, the owner said.",
        "“Just a moment,” she said, and went to look for the key of the mill.",
        "He was refused at the border: access denied, said the screen in red.",
        "“Remember me when it rains,” her father wrote from the front.",
        "The committee said that the script was written in the language of Java.",
    ],
)
def test_one_sentence_that_shares_a_word_with_a_wall_is_read(text: str) -> None:
    assert extract(text.encode(), "brief.txt").text == text


@pytest.mark.parametrize("data", [b"", b"  \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe \0\n\0"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a"])
def test_an_empty_file_is_refused(data: bytes, name: str) -> None:
    message = refusal(data, name)
    assert "empty" in message or "no text" in message


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><body><script>var x = 'A b c d e.';</script></body></html>", "a.html"),
        (b"<!-- A comment with a whole sentence in it. -->", "a.md"),
        (b"---\ntitle: Only a title\n---\n", "a.md"),
    ],
)
def test_a_file_without_visible_text_is_refused(data: bytes, name: str) -> None:
    assert "holds no" in refusal(data, name)


@pytest.mark.parametrize(
    "text",
    [
        "Home\nSport\nWeather\nContact",
        "Three words only.",
        "Version 3.14 of the programme at www.harbour.example",
        "a b c d e f g h",
        "สะพานปิดหนึ่งสัปดาห์",
        "橋閉鎖。",  # three words
    ],
)
def test_text_without_a_whole_sentence_is_refused(text: str) -> None:
    assert "no whole sentence" in refusal(text.encode(), "a.txt")


@pytest.mark.parametrize(
    "text",
    [
        "It took four words.",
        "Did it take four?",
        "He said it again…",
        "“He said it again.”",
        "橋は一週間閉鎖された。",
        "पुल एक सप्ताह बंद रहा।",
        "هل بقي الجسر مغلقا أسبوعا؟",
        "پل ایک ہفتے تک بند رہا۔",
        "ድልድዩ ለአንድ ሳምንት ተዘግቶ ነበር።",
        "Կամուրջը մեկ շաբաթ փակ էր։",
        "สะพานปิดหนึ่งสัปดาห์และวิศวกรกล่าวว่าการซ่อมจะมีค่าใช้จ่ายสูง" * 5,
    ],
)
def test_one_whole_sentence_of_any_script_is_enough(text: str) -> None:
    assert extract(text.encode(), "a.txt").text == text


@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCE}\n" * 20,
        f"{SENTENCE} " * 20,
        f"{SENTENCE} It will open again. Nobody was hurt. " * 10,
        "Title of it\n" + f"{SENTENCE}\n" * 4,
    ],
)
def test_the_same_text_in_a_loop_is_refused(text: str) -> None:
    assert "over and over" in refusal(text.encode(), "a.txt")


@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCE}\n{SENTENCE}\n",
        "It rained all day long.\nHallelujah.\nIt snowed all night long.\nHallelujah.\n"
        "It froze all week long.\nHallelujah.\nIt thawed in the end.\nHallelujah.\n",
        f"* * *\n{SENTENCE}\n* * *\nNobody was hurt at all.\n* * *\nIt opens again.\n* * *\n",
    ],
)
def test_a_refrain_or_a_rule_is_no_loop(text: str) -> None:
    assert extract(text.encode(), "a.txt").text == text


@pytest.mark.parametrize(
    "name", ["report.pdf", "REPORT.PDF", "photo.jpg", "https://a.example/x.docx?y=1", "a.epub"]
)
def test_a_known_binary_suffix_is_refused_whatever_it_holds(name: str) -> None:
    assert "save its text as .txt" in refusal(SENTENCE.encode(), name)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a"])
def test_a_pdf_under_another_name_is_refused(name: str) -> None:
    assert "looks like a PDF" in refusal(b"%PDF-1.7\n" + SENTENCE.encode(), name)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_mojibake_is_refused_and_not_repaired(name: str) -> None:
    text = "<p>The councilâ€™s engineer said â€œnoâ€\x9d. It isnâ€™t safe.</p>"
    assert "wrong character set" in refusal(text.encode(), name)


def test_a_page_whose_header_misleads_is_refused_although_its_markup_is_sound() -> None:
    data = html(f"<p>{RUSSIAN * 9}</p>").decode().replace(SENTENCE, RUSSIAN).encode("cp1251")
    with pytest.raises(NotAnArticle, match="wrong character set"):
        extract(data, "bridge.html", "iso-8859-1")


def test_a_page_whose_text_is_broken_is_refused_although_its_markup_is_sound() -> None:
    data = html("<p>Th\ufffd br\ufffdge w\ufffds sh\ufffdt.</p>", "<!-- x -->" * 100)
    assert "lost many of its letters" in refusal(data, "bridge.html")


def test_a_name_with_line_breaks_still_makes_one_sentence() -> None:
    with pytest.raises(NotAnArticle, match=r"^a b\.txt is empty; [^\n]*\.$"):
        extract(b"", "a\nb.txt")


@pytest.mark.parametrize("piece", ["<", "<div>", "[", "*a ", "&", "<!--", "a", ". ", "|a", "â€", "`"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_hostile_repetition_is_refused_quickly(piece: str, name: str) -> None:
    refusal((piece * 20_000).encode(), name)


@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    name=st.sampled_from(["a.txt", "a.md", "a.html", "a", "https://a.example/x"]),
    charset=st.sampled_from([None, "latin1", "utf-16", "iso-2022-jp", "big5", "no-such"]),
)
@settings(max_examples=150)
def test_any_bytes_become_an_article_or_one_sentence(data: bytes, name: str, charset: str | None) -> None:
    try:
        article = extract(data, name, charset)
    except NotAnArticle as refused:
        message = str(refused)
        held = message.startswith(name) and "\n" not in message
    else:
        held = bool(article.id and article.title and article.text.strip())
    assert held


def test_reading_text_does_not_load_trafilatura() -> None:
    program = (
        "import sys; from corpus.reading.extract import extract; "
        "extract(b'It took four words.', 'a.md'); print('trafilatura' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

"""Pages and feeds that are made to keep a parser busy, or to make it read what nobody gave it."""

from collections.abc import Callable
from itertools import pairwise

Bomb = Callable[[int], bytes]
"""Makes about so many bytes."""

ITEM = "<item><title>t{0}</title><link>https://a.example/{0}</link><guid>{0}</guid></item>"


def repeated(piece: str, size: int, end: str = "") -> str:
    """`piece`, with its number in place of {0}, so often that it is long; then `end` as often."""
    count = max(1, size // (len(piece.format(0)) + len(end)))
    return "".join(piece.format(n) for n in range(count)) + end * count


def page(inside: str, head: str = "") -> bytes:
    """A web page around something."""
    return f"<html><head><title>x</title>{head}</head><body>{inside}</body></html>".encode()


def rss(inside: str, before: str = "") -> bytes:
    """A feed around something."""
    start = f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>t</title>'
    return f"{start}{inside}</channel></rss>".encode()


def entities(size: int) -> bytes:
    """A billion laughs."""
    names = "abcdefghij"
    chain = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    doctype = f'<!DOCTYPE rss [<!ENTITY a "{"ha" * 50}">{chain}]>'
    return rss("<item><title>&j;</title><link>https://a.example/1</link></item>" + " " * size, doctype)


PAGES: dict[str, Bomb] = {
    "attributes": lambda size: page(f"<p {repeated('a{0}=x ', size)}>x</p>"),
    "one attribute": lambda size: page(f'<p class="{"x " * (size // 2)}">x</p>'),
    "nested blocks": lambda size: page(repeated("<div>", size, "</div>")),
    "nested and never closed": lambda size: page(repeated("<div><p>x ", size)),
    "nested letters": lambda size: page(repeated("<b><i>", size, "</i></b>")),
    "misnested letters": lambda size: page(repeated("<b><p></b>", size)),
    "tables in tables": lambda size: page(repeated("<table><tr><td>x", size)),
    "cells": lambda size: page(f"<table>{repeated('<tr><td>x<td>y', size)}</table>"),
    "lists in lists": lambda size: page(repeated("<ul><li>x", size)),
    "links": lambda size: page(repeated('<a href="/{0}">link {0}</a> ', size)),
    "paragraphs": lambda size: page(
        repeated("<p>Number {0} is said here. It is no more than that.</p>", size)
    ),
    "comments": lambda size: page(repeated("<!-- x --", size)),
    "opening signs": lambda size: page("<" * size),
    "closing tags": lambda size: page("</p>" * (size // 4)),
    "character references": lambda size: page("<p>" + repeated("&#{0};&amp", size)),
    "one word": lambda size: page(f"<article><p>{'x' * size}. It is here.</p></article>"),
    "metadata": lambda size: page("", repeated('<meta property="og:x{0}" content="y">', size)),
    "linked data": lambda size: page("", f'<script type="application/ld+json">{"[" * size}</script>'),
    "scripts never closed": lambda size: page(repeated("<script>x<!--", size)),
    "quotation marks": lambda size: page(f"<p>{'“ ” ' * (size // 8)}</p>"),
    "line ends": lambda size: page(f"<article><p>x{'<br>' * (size // 4)}</p></article>"),
    "namespaces": lambda size: page(repeated('<x:y{0} xmlns:z{0}="u">', size)),
}

FEEDS: dict[str, Bomb] = {
    "entities in entities": entities,
    "one entity many times": lambda size: rss(
        f"<item><title>{'&a;' * (size // 8)}</title></item>",
        f'<!DOCTYPE rss [<!ENTITY a "{"x" * (size // 4)}">]>',
    ),
    "a file": lambda size: rss(
        "<item><title>&a;</title><link>https://a.example/1</link></item>",
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ),
    "an address": lambda size: rss(
        "<item><title>&a;</title><link>https://a.example/1</link></item>",
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "http://127.0.0.1:9/">]>',
    ),
    "a definition elsewhere": lambda size: rss("", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "a parameter elsewhere": lambda size: rss(
        "", '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>'
    ),
    "items": lambda size: rss(repeated(ITEM, size)),
    "one item": lambda size: rss(
        f"<item><title>t</title><description>{'x ' * (size // 2)}</description></item>"
    ),
    "one title": lambda size: rss(f"<item><title>{'x' * size}</title></item>"),
    "attributes": lambda size: rss("<item " + repeated("a{0}='x' ", size) + "/>"),
    "nested elements": lambda size: rss(repeated("<x>", size, "</x>")),
    "nested items": lambda size: rss(repeated("<item><title>", size)),
    "links": lambda size: rss(f"<item>{repeated('<link>https://a.example/{0}</link>', size)}</item>"),
    "categories": lambda size: rss(f"<item>{repeated('<category>{0}</category>', size)}</item>"),
    "namespaces": lambda size: rss(repeated('<x{0}:y xmlns:x{0}="u{0}"/>', size)),
    "comments": lambda size: rss(repeated("<!-- x -->", size)),
    "markup in a title": lambda size: rss(f"<item><title><![CDATA[{'<b>' * (size // 3)}]]></title></item>"),
    "broken markup": lambda size: rss(repeated("<item><title>a < b & c </itme>", size)),
    "nested json": lambda size: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * size,
    "long numbers of json": lambda size: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[' + b"9" * size + b"]}"
    ),
}

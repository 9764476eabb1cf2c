"""Markdown to an article: front matter to fields, the body to plain text without markup."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.reading.metadata import iso_date, language_code, web_url

FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
FIELDS = ("title", "outlet", "author", "url", "published", "language")
BREAKS = {"softbreak": " ", "hardbreak": "\n"}


class FrontMatterLoader(yaml.SafeLoader):
    """YAML without aliases: a few hundred bytes of aliases in aliases would fill the memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.anchors.clear()  # so that an alias finds nothing, which is an error with its line
        return super().compose_node(parent, index)


def read_markdown(source: str, name: str) -> Article:
    """The article in `source`; its title is empty where nothing gives one.

    Raises NotAnArticle, beginning with `name`, for front matter that can't be used.
    """
    fields, body = split_front_matter(source, name)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    text = "\n\n".join(plain_paragraphs(tokens))
    title = fields.get("title") or _first_heading(tokens) or ""
    return Article(
        id="",
        title=title,
        text=text,
        outlet=fields.get("outlet"),
        author=fields.get("author"),
        url=fields.get("url"),
        published=fields.get("published"),
        language=fields.get("language"),
    )


def split_front_matter(source: str, name: str) -> tuple[dict[str, str | None], str]:
    """The checked fields of the front matter, and what comes after it."""
    found = FRONT_MATTER.match(source)
    if not found:
        return {}, source
    values = _load(found[1], name)
    return {key: _field(key, values.get(key), name) for key in FIELDS}, source[found.end() :]


def _load(front: str, name: str) -> dict[Any, Any]:
    try:
        values = FrontMatterLoader(front).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise NotAnArticle(
            f"{name} has front matter that is not valid YAML at line {line}; "
            "correct that line or put the value in quotes."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: PyYAML makes dates of what only looks like one, as in 2024-13-45
        raise NotAnArticle(
            f"{name} has front matter that is not valid YAML; correct its values or remove it."
        ) from error
    if not isinstance(values, dict | None):
        raise NotAnArticle(
            f"{name} has front matter that is not a list of fields; write lines such as title: Name."
        )
    return values or {}


def _field(key: str, value: object, name: str) -> str | None:
    if isinstance(value, date) and key == "published":
        return value.isoformat()
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise NotAnArticle(f"{name} has front matter whose {key} is not text; put it in quotes.")
    # YAML can spell out lone surrogates, which UTF-8 can't hold.
    storable = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _checked(key, " ".join(storable.split()), name)


def _checked(key: str, value: str, name: str) -> str:
    checks = {
        "url": (web_url, "a web address; let it begin with https:// or http://"),
        "published": (iso_date, "a date; write it like 2024-05-31"),
        "language": (language_code, "a language code; write two letters, like en"),
    }
    if key not in checks:
        return value
    check, wanted = checks[key]
    result = check(value)
    if result is None:
        raise NotAnArticle(f"{name} has front matter whose {key} is not {wanted}.")
    return result


def _first_heading(tokens: Sequence[Token]) -> str | None:
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h1":
            return " ".join(plain(content).split()) or None
    return None


def plain_paragraphs(tokens: Sequence[Token]) -> Iterator[str]:
    """Each block of the document as plain text; a table gives one paragraph a row."""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield from filter(None, ["\t".join(row).strip()])
            row = None
        elif token.type == "inline" and row is not None:
            row.append(plain(token).strip())
        elif text := plain(token).strip("\n"):
            yield text


def plain(token: Token) -> str:
    """The text of one block token without its markup."""
    if token.type in ("fence", "code_block"):
        return token.content
    return "".join(_inline(child) for child in token.children or ()).strip()


def _inline(token: Token) -> str:
    if token.type in ("text", "code_inline"):
        return token.content
    if token.type == "html_inline" and token.content.lower().startswith("<br"):
        return "\n"
    return BREAKS.get(token.type, "")

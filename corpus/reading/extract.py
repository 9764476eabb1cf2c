"""The bytes of a file or a page to an article, or one sentence that says why they are none."""

import re
import unicodedata
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.reading.charsets import codec
from corpus.reading.decode import decode, refuse_garbage
from corpus.reading.html import is_html, meta_charset, read_html
from corpus.reading.markdown import read_markdown
from corpus.reading.metadata import web_url
from corpus.reading.refusals import refuse_unquotable

TITLE = 250  # characters; a longer first line is a paragraph
WEB = re.compile("https?://", re.IGNORECASE)
HTML = frozenset({".html", ".htm", ".xhtml"})
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/xml", "application/xml"})
MARKDOWN = frozenset({".md", ".markdown"})
BINARY = frozenset(
    {
        *(".7z", ".bin", ".exe", ".gz", ".iso", ".rar", ".tar", ".zip"),
        *(".doc", ".docx", ".epub", ".mobi", ".odp", ".ods", ".odt", ".pdf", ".ppt", ".pptx"),
        *(".rtf", ".xls", ".xlsx"),
        *(".bmp", ".gif", ".heic", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff"),
        *(".avi", ".flac", ".m4a", ".mkv", ".mov", ".mp3", ".mp4", ".ogg", ".wav", ".webm"),
        ".webp",
    }
)
NAME_LENGTH = 100  # characters of an id, so that it also fits into a file name


def extract(data: bytes, name: str, charset: str | None = None, content_type: str = "") -> Article:
    """The article in `data`, read as its Content-Type or the suffix of `name` (a file name or a URL) tells.

    A URL's suffix does not make a web page anything else. `charset` is what the HTTP header states.
    Raises NotAnArticle, whose one sentence begins with `name`, for what is empty, binary, misread, or
    a page that stands where an article should be.
    """
    shown = " ".join(name.split()) or "This file"
    path = _path(name)
    stated = content_type.partition(";")[0].strip().lower()
    _refuse_type(stated, shown)
    if stated not in HTML_TYPES:
        _refuse_suffix(path.suffix.lower(), shown)
    if not data.strip(b"\0 \t\r\n\f"):
        raise NotAnArticle(f"{shown} is empty; send the file again once it holds the article.")
    is_page = stated in HTML_TYPES or (WEB.match(name) and is_html(data))
    suffix = ".html" if is_page else path.suffix.lower()
    article = _read(data, suffix, shown, charset)
    refuse_garbage(article.text, shown)  # again, since markup outweighs the text of a page
    refuse_unquotable(article, shown)
    return replace(
        article,
        id=slug(path.stem),
        title=article.title or opening(article.text),
        url=article.url or web_url(name),
    )


def _path(name: str) -> PurePosixPath:
    """The last part of a file's path or of a URL's, or the host where that is empty."""
    if WEB.match(name):
        try:
            url = urlsplit(name)
        except ValueError:  # a broken IPv6 host
            return PurePosixPath("page")
        last = PurePosixPath(unquote(url.path)).name
        # a host's last part is no suffix
        return PurePosixPath(last) if last else PurePosixPath((url.hostname or "page") + ".html")
    return PurePosixPath(PurePosixPath(name.replace("\\", "/")).name)


def _refuse_suffix(suffix: str, shown: str) -> None:
    if suffix in BINARY:
        raise NotAnArticle(
            f"{shown} is a {suffix} file, which can't be read; "
            "save its text as .txt, .md or .html and send that."
        )


def _refuse_type(stated: str, shown: str) -> None:
    if stated and stated not in HTML_TYPES | TEXT_TYPES:
        raise NotAnArticle(f"{shown} is {stated}, not a page or a text.")


def _read(data: bytes, suffix: str, shown: str, charset: str | None) -> Article:
    if suffix in HTML or (suffix not in MARKDOWN | {".txt"} and is_html(data)):
        # many servers say UTF-8 of everything; where that is true, decode needs nobody to say so
        declared = charset if codec(charset) not in (None, "utf-8") else meta_charset(data)
        return read_html(decode(data, declared, name=shown), shown)
    text = decode(data, charset, name=shown)
    if suffix in MARKDOWN:
        return read_markdown(text, shown)
    return Article(id="", title="", text=text)


def slug(stem: str) -> str:
    """`stem` with letters, marks and digits of any script, and - _ . kept; never empty."""
    kept = "".join(
        char if unicodedata.category(char)[0] in "LMN" or char in "-_." else " "
        for char in unicodedata.normalize("NFC", stem)
    )
    return "-".join(kept.split())[:NAME_LENGTH].strip("-.") or "article"


def opening(text: str) -> str:
    """The first line of `text` that is not blank, cut at a word and with … where it is long."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if len(line) <= TITLE:
        return line
    cut = line[: TITLE + 1].rsplit(None, 1)
    return (cut[0] if len(cut) > 1 else line[:TITLE]).rstrip() + "…"

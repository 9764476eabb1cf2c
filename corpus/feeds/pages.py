"""Reads the article on a fetched page."""

from dataclasses import replace

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.feeds.fetch import Fetched
from corpus.reading.extract import extract
from corpus.reading.parser_process import ParserProcess
from corpus.urls import canonical, parted, same_site


async def read_page(page: Fetched, parser: ParserProcess) -> tuple[Article, str]:
    """Returns a page's article and the address the page claims, "" if that is of another site.

    Raises NotAnArticle or ParseLimitExceeded.
    """
    article = await parser.run(extract, page.body, page.url, page.charset, page.content_type)
    claimed = canonical(article.url or "") if same_site(article.url or "", page.url) else ""
    return replace(article, url=article.url if claimed else page.url), claimed


def refuse_front_page(asked: str, came: str) -> None:
    """Raises NotAnArticle if a missing page redirected to the site's front page."""
    if _is_front(came) and not _is_front(asked):
        raise NotAnArticle(f"{asked} leads to the front page of {parted(came).hostname}, not to an article.")


def _is_front(url: str) -> bool:
    parts = parted(url)
    return parts.path in ("", "/") and not parts.query

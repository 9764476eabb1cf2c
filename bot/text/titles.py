"""Titles and other one-line text."""

from bot.text.message import Message, shown
from bot.text.words import isolated
from corpus.article import Article

TITLE = 100  # maximum characters of a title or an outlet in a source line
SLOT = "\ufffc"  # placeholder for a title in a translated sentence


def title(article: Article) -> str:
    """Returns an article's title on one line; without a title, its first words."""
    return line(article.title) or line(article.text[: 2 * TITLE])


def line(text: str, longest: int = TITLE) -> str:
    """Returns text on one line, truncated at a word boundary."""
    words = " ".join(shown(text).split())
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + "…"


def with_name(sentence: str, name: str, url: str = "") -> Message:
    """Puts foreign text in place of a sentence's SLOT, linked to `url` if given."""
    before, _, after = sentence.partition(SLOT)
    message = Message(before)
    if url:
        message.add(isolated(name), "link", url)
    else:
        message.add_foreign(isolated(name))
    message.add(after)
    return message

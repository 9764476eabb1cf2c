"""An article as an admin sees it before it is put in."""

from collections.abc import Sequence

from bot.text import Mark, Message, add_about, line, page, shown, title, words_for
from corpus.article import Article
from corpus.reading.paragraphs import paragraphs
from corpus.store import Incoming, Known, Store
from index.language.passages import Passage, passages

OPENING = 400  # characters of its first words
PROMOTION = 5  # paragraphs taken for promotion that are named
WORDS = words_for("en")


def preview(incoming: Incoming, store: Store) -> Message:
    """Title, outlet, date, language, size, first words, what was taken for promotion, what Add would do."""
    article = store.judged(incoming)
    message = Message()
    add_head(message, article)
    _add_size(message, article)
    _add_promotion(message, article)
    message.add_foreign(_becomes(incoming, store))
    return message


def add_head(message: Message, article: Article) -> None:
    """The title, which begins the message, and what the article says of itself."""
    message.add_foreign(title(article))
    message.marks.append(Mark("bold", 0, len(message.text)))
    if article.outlet or article.published:
        message.add("\n")
        add_about(message, article, WORDS)
    message.add(f"\nLanguage: {WORDS.language(article.language) if article.language else 'not stated'}")
    if url := page(article):
        message.add("\n")
        message.add(line(url), "link", url)


def _add_size(message: Message, article: Article) -> None:
    parts = list(passages(article, article.language))
    count = len(paragraphs(article.text))
    message.add(f"\n\nParagraphs: {count}, passages to quote from: {len(parts)}")
    if parts:
        message.add("\n“")
        message.add_foreign(_opening(article, parts))
        message.add("”")


def _opening(article: Article, parts: Sequence[Passage]) -> str:
    """The first words that can be quoted, without the title where the text begins with it."""
    text = "\n".join(article.text[part.start : part.end] for part in parts[:OPENING])
    first, _, rest = text.partition("\n")
    is_titled = rest and _in_one_line(first) == _in_one_line(article.title)
    words = _in_one_line(rest if is_titled else text)
    return words if len(words) <= OPENING else words[:OPENING].rsplit(" ", 1)[0] + " …"


def _in_one_line(text: str) -> str:
    return " ".join(shown(text).split())


def _add_promotion(message: Message, article: Article) -> None:
    spans = article.promotion
    if spans:
        message.add(f"\n\nTaken for promotion, so never quoted: {len(spans)}")
        for start, end in spans[:PROMOTION]:
            message.add("\n• ")
            message.add_foreign(line(article.text[start:end]))


def _becomes(incoming: Incoming, store: Store) -> str:
    """What adding it changes, where it is not simply a new article."""
    known, url = store.known(incoming.origin), incoming.article.url
    if known:
        return f"\n\n{_of_known(known, incoming, store)}"
    same = store.by_url(url) if url else None
    return f"\n\nAn article with that address is here already: {line(same)}" if same else ""


def _of_known(known: Known, incoming: Incoming, store: Store) -> str:
    if known.withdrawn:
        return f"It was withdrawn as {known.id}; Add puts it back."
    stored = store.article(known.id)
    is_same = stored and stored.content_hash == incoming.article.content_hash
    return f"It is here already, as {known.id}." if is_same else f"Add makes it a new version of {known.id}."

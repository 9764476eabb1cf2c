"""Search results as messages: exact passages, each followed by its source."""

from collections.abc import Sequence
from datetime import datetime

from bot.text.links import deep_link, page
from bot.text.message import Mark, Message, Quotation, join, shown, utf16
from bot.text.titles import SLOT, line, title
from bot.text.words import Words, isolated
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences
from index.searching.confidence import PERHAPS, Signals
from index.searching.result import Hit, Result

PASSAGES = 3  # per page
UNSURE = 2  # passages shown if unsure
ALSO = 3  # articles listed under a passage that they share
AROUND = 1800  # characters of a passage with its context; UTF-16 doubles emoji


def answer(result: Result, words: Words, most: int = PASSAGES) -> list[Message]:
    """Returns the messages that answer a question, each within Telegram's limit, split between passages."""
    return laid_out(*opening(result, words, most), words)


def opening(
    result: Result, words: Words, most: int = PASSAGES, *, quiet: bool = False, about: Article | None = None
) -> tuple[str, list[Hit]]:
    """Returns the heading and the passages below it; with `quiet`, no unsure passages.

    `about` is the article that was asked, if only one was.
    """
    hits = [hit for hit in result.hits[:most] if hit.confidence >= PERHAPS and shown(hit.text).strip()]
    head = [words("about-article", title=isolated(title(about)))] if about else []
    head += [words("searched-for", question=shown(result.corrected))] if result.corrected else []
    unsure = result.state != "answered"
    if not hits or (unsure and quiet):
        return "\n\n".join([*head, _nothing(result, words, about)]), []
    if unsure:
        head.append(words("unsure"))
    if result.period:
        head.append(words("from-period", period=words.period(result.period)))
    if result.outside:
        head.append(words("outside-period", period=words.period(result.outside, order=False)))
    return "\n\n".join(head), hits[:UNSURE] if unsure else hits


def _nothing(result: Result, words: Words, about: Article | None) -> str:
    """Returns why there is no answer: the languages, if the model can't compare them, else the articles."""
    languages = [words.language(code) for code in result.barrier.articles if code] if result.barrier else []
    if result.barrier and languages:
        asked = words.language(result.barrier.question)
        return words("cannot-compare", asked=asked, languages=words.either(languages))
    return words("not-held-in-it") if about else not_held(result.articles, result.newest, words)


def laid_out(head: str, hits: Sequence[Hit], words: Words) -> list[Message]:
    """Formats a heading and passages as messages, each within Telegram's limit."""
    return under(head, [passage(hit, words) for hit in hits])


def under(head: str, blocks: Sequence[Message]) -> list[Message]:
    """Puts a heading above blocks, as messages within Telegram's limit."""
    first = Message()
    first.add_foreign(head)  # it may repeat the user's question
    return join([first, *blocks] if head else blocks)


def not_held(articles: int, newest: str | None, words: Words) -> str:
    """Returns the sentence that says the articles don't hold the answer, with their count and newest date."""
    if not articles:
        return words("no-articles")
    if newest:
        return words("not-held-newest", count=articles, date=words.day(newest))
    return words("not-held", count=articles)


def listing(articles: Sequence[Article], total: int, words: Words) -> list[Message]:
    """Lists articles, and says how many more exist."""
    blocks = [Message(words("articles-count", count=total))]
    for article in articles:
        line = Message("• ")
        add_source(line, article, page(article), words)
        blocks.append(line)
    if total > len(articles):
        blocks.append(Message(words("articles-more", count=total - len(articles))))
    return join(blocks, "\n")


def passage(hit: Hit, words: Words) -> Message:
    """Formats one passage, its answering sentence bold, followed by its source."""
    message = _quoted(hit)
    message.add("\n— ")
    add_source(message, hit.article, deep_link(hit.article, hit.sentence), words)
    for article in hit.also[:ALSO]:
        before, _, after = words("also-in", title=SLOT).partition(SLOT)
        message.add(f"\n   {before}")
        add_source(message, article, page(article), words)
        message.add(after)
    if len(hit.also) > ALSO:
        message.add(f"\n   {words('also-in-more', count=len(hit.also) - ALSO)}")
    return message


def in_context(hit: Hit) -> Hit:
    """Returns the passage with its own paragraphs, the previous and the next one, as whole sentences.

    Promotion is left out; sentences at the ends are dropped if it would be longer than AROUND.
    """
    text, promoted = hit.article.text, set(hit.article.promotion)
    spans = paragraphs(text)
    own = [i for i, span in enumerate(spans) if _overlaps(span, {(hit.start, hit.end)})]
    first, last = own[0], own[-1]
    first -= first > 0 and not _overlaps(spans[first - 1], promoted)
    last += last + 1 < len(spans) and not _overlaps(spans[last + 1], promoted)
    parts = [s for span in spans[first : last + 1] for s in sentences(text, *span, hit.article.language)]
    near = [
        s for s in parts if hit.sentence[1] - AROUND // 2 <= s[0] and s[1] <= hit.sentence[0] + AROUND // 2
    ]
    around = [*near, hit.sentence, (hit.start, hit.end)]
    start, end = min(s[0] for s in around), max(s[1] for s in around)
    return Hit(hit.article, start, end, hit.sentence, hit.score, hit.confidence, hit.signals)


def citation(article: Article, limit: int) -> str:
    """Returns title, outlet, date and link as plain text, at most `limit` UTF-16 units."""
    link = page(article)
    rest = [
        line(article.outlet or ""),
        (article.published or "")[:10],
        link if utf16(link) < limit // 2 else "",
    ]
    ending = "".join(f", {part}" for part in rest if part)
    name = title(article)
    while name and utf16(name + ending) > limit:
        name = name[:-2].rstrip("…") + "…" if len(name) > 2 else ""
    return (name + ending).removeprefix(", ")


def add_source(message: Message, article: Article, url: str, words: Words) -> None:
    """Adds an article's title, outlet and date, as far as known."""
    name = isolated(title(article))
    if url:
        message.add(name, "link", url)
    else:
        message.add_foreign(name)
    if article.outlet or article.published:
        message.add(" · ")
        add_about(message, article, words)


def add_about(message: Message, article: Article, words: Words) -> None:
    """Adds an article's outlet and date, as far as known; the date in the reader's time zone."""
    if article.outlet:
        message.add_foreign(isolated(line(article.outlet)))
    if article.published:
        message.add(" · " if article.outlet else "")
        moment = datetime.fromisoformat(article.published)
        known = moment.tzinfo is not None  # otherwise a plain date, the same in every time zone
        message.add(words.day(article.published), "date" if known else None, time=moment if known else None)


def quotation(article: Article, span: Span) -> Message:
    """Returns a span of an article as a quotation without bold."""
    hit = Hit(article, *span, span, 0.0, 0.0, Signals(0.0, 0.0, 0.0, 0.0, 0.0))
    message = Message()
    message.add_foreign(shown(hit.text))
    message.marks.append(Mark("quote", 0, len(message.text)))
    message.quotations.append(Quotation(0, len(message.text), hit))
    return message


def _quoted(hit: Hit) -> Message:
    """Returns a passage as a quotation, its answering sentence bold."""
    text, (start, end) = hit.article.text, hit.sentence
    message = Message()
    quoted = shown(hit.text)
    message.add_foreign(quoted)
    # Measured on the whole passage as shown, because combining marks may stack across the edges.
    first, last = (min(len(shown(text[hit.start : edge])), len(quoted)) for edge in (start, end))
    message.marks.append(Mark("quote", 0, len(quoted)))
    if first < last:
        message.marks.append(Mark("bold", first, last))
    message.quotations.append(Quotation(0, len(quoted), hit))
    return message


def _overlaps(span: Span, others: set[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)

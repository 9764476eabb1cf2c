"""A result as messages: the passages that answer, word for word, each with its source under it."""

from collections.abc import Sequence
from datetime import datetime

from bot.text.links import deep_link, page
from bot.text.message import Mark, Message, Quotation, join, shown, utf16
from bot.text.words import Words, isolated
from corpus.article import Article, Span
from corpus.reading.paragraphs import paragraphs
from index.language.sentences import sentences
from index.searching.confidence import PERHAPS, Signals
from index.searching.result import Hit, Result

TITLE = 100  # characters of a title or an outlet in a source line
PASSAGES = 3  # on one page
UNSURE = 2  # where it is not sure that they answer
ALSO = 3  # further articles named under a passage that they share
AROUND = 1800  # characters of a passage with what stands around it; of emoji each counts twice
SLOT = "\ufffc"  # where a title is put into a sentence of ours


def answer(result: Result, words: Words, most: int = PASSAGES) -> list[Message]:
    """The messages that answer a question, each within Telegram's limit, parted between passages."""
    return laid_out(*opening(result, words, most), words)


def opening(
    result: Result, words: Words, most: int = PASSAGES, *, quiet: bool = False, about: Article | None = None
) -> tuple[str, list[Hit]]:
    """What is said first, and the passages that are shown under it; with `quiet` none that is unsure.

    Where only one article was asked, that is `about`.
    """
    hits = [hit for hit in result.hits[:most] if hit.confidence >= PERHAPS and shown(hit.text).strip()]
    head = [words("about-article", title=isolated(title(about)))] if about else []
    head += [words("searched-for", question=shown(result.corrected))] if result.corrected else []
    unsure = result.state != "answered"
    if not hits or (unsure and quiet):
        nothing = words("not-held-in-it") if about else not_held(result.articles, result.newest, words)
        return "\n\n".join([*head, nothing]), []
    if unsure:
        head.append(words("unsure"))
    if result.period:
        head.append(words("from-period", period=words.period(result.period)))
    if result.outside:
        head.append(words("outside-period", period=words.period(result.outside, order=False)))
    return "\n\n".join(head), hits[:UNSURE] if unsure else hits


def laid_out(head: str, hits: Sequence[Hit], words: Words) -> list[Message]:
    """A heading and passages as messages, each within Telegram's limit."""
    return under(head, [passage(hit, words) for hit in hits])


def under(head: str, blocks: Sequence[Message]) -> list[Message]:
    """What stands under a heading, with it, as messages within Telegram's limit."""
    first = Message()
    first.add_foreign(head)  # it may repeat what somebody asked
    return join([first, *blocks] if head else blocks)


def not_held(articles: int, newest: str | None, words: Words) -> str:
    """The sentence that says that the articles don't hold the answer, and what they are."""
    if not articles:
        return words("no-articles")
    if newest:
        return words("not-held-newest", count=articles, date=words.day(newest))
    return words("not-held", count=articles)


def listing(articles: Sequence[Article], total: int, words: Words) -> list[Message]:
    """The articles as a list; says how many more there are."""
    blocks = [Message(words("articles-count", count=total))]
    for article in articles:
        line = Message("• ")
        add_source(line, article, page(article), words)
        blocks.append(line)
    if total > len(articles):
        blocks.append(Message(words("articles-more", count=total - len(articles))))
    return join(blocks, "\n")


def passage(hit: Hit, words: Words) -> Message:
    """One passage, its answering sentence bold, with its source under it."""
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
    """The passage with all of its paragraph and those before and after it, as whole sentences.

    Without promotion; where it would be longer than AROUND, sentences at its ends are left out.
    """
    text, promoted = hit.article.text, set(hit.article.promotion)
    spans = paragraphs(text)
    at = next(i for i, (start, end) in enumerate(spans) if start <= hit.sentence[0] < end)
    first = at - 1 if at > 0 and not _overlaps(spans[at - 1], promoted) else at
    last = at + 1 if at + 1 < len(spans) and not _overlaps(spans[at + 1], promoted) else at
    parts = [s for span in spans[first : last + 1] for s in sentences(text, *span, hit.article.language)]
    near = [
        s for s in parts if hit.sentence[1] - AROUND // 2 <= s[0] and s[1] <= hit.sentence[0] + AROUND // 2
    ]
    around = [*near, hit.sentence, (hit.start, hit.end)]
    start, end = min(s[0] for s in around), max(s[1] for s in around)
    return Hit(hit.article, start, end, hit.sentence, hit.score, hit.confidence, hit.signals)


def citation(article: Article, limit: int) -> str:
    """Title, outlet, date and link of an article as plain text, at most `limit` UTF-16 units."""
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
    """Title, outlet and date of an article, as far as they are known."""
    name = isolated(title(article))
    if url:
        message.add(name, "link", url)
    else:
        message.add_foreign(name)
    if article.outlet or article.published:
        message.add(" · ")
        add_about(message, article, words)


def add_about(message: Message, article: Article, words: Words) -> None:
    """Outlet and date of an article, as far as they are known; the date in the reader's own zone."""
    if article.outlet:
        message.add_foreign(isolated(line(article.outlet)))
    if article.published:
        message.add(" · " if article.outlet else "")
        moment = datetime.fromisoformat(article.published)
        known = moment.tzinfo is not None  # else it is a day, the same wherever it is read
        message.add(words.day(article.published), "date" if known else None, time=moment if known else None)


def title(article: Article) -> str:
    """An article's title on one line; its first words where it has none."""
    return line(article.title) or line(article.text[: 2 * TITLE])


def line(text: str, longest: int = TITLE) -> str:
    """Text on one line, cut at a word where it is long."""
    words = " ".join(shown(text).split())
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + "…"


def quotation(article: Article, span: Span) -> Message:
    """Words of an article as a quotation, nothing in it bold."""
    hit = Hit(article, *span, span, 0.0, 0.0, Signals(0.0, 0.0, 0.0, 0.0, 0.0))
    message = Message()
    message.add_foreign(shown(hit.text))
    message.marks.append(Mark("quote", 0, len(message.text)))
    message.quotations.append(Quotation(0, len(message.text), hit))
    return message


def _quoted(hit: Hit) -> Message:
    """The words of a passage as a quotation, the sentence that answers bold."""
    text, (start, end) = hit.article.text, hit.sentence
    message = Message()
    quoted = shown(hit.text)
    message.add_foreign(quoted)
    # Its parts are cut out of the whole as it is shown, since marks may pile up across their edges.
    first, last = (min(len(shown(text[hit.start : edge])), len(quoted)) for edge in (start, end))
    message.marks.append(Mark("quote", 0, len(quoted)))
    if first < last:
        message.marks.append(Mark("bold", first, last))
    message.quotations.append(Quotation(0, len(quoted), hit))
    return message


def _overlaps(span: Span, others: set[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)

"""What a message shows once something that it quoted is gone: that struck out, and what stands there now."""

from collections.abc import Iterable, Mapping

from bot.asking.pages import AnswerPages
from bot.posting import outbox
from bot.posting.post import Post, PostComposer
from bot.posting.rewritten import PassageDiff, block, rewritten, struck
from bot.records.answers import AnswerLog, AnswerRecord, RecordedPassage
from bot.text.message import Mark, Message
from bot.text.passages import passage, title
from bot.text.words import Words
from corpus.database import Database
from corpus.store import Store


class CorrectedView:
    """Lays out answers and posts anew, as their articles stand now."""

    def __init__(
        self,
        database: Database,
        store: Store,
        answer_log: AnswerLog,
        views: AnswerPages,
        composer: PostComposer,
    ) -> None:
        self._db = database
        self._store = store
        self._answer_log = answer_log
        self._views = views
        self._composer = composer

    def gone(self, given: AnswerRecord, ranks: Iterable[int]) -> dict[int, PassageDiff]:
        """What became of those of the passages of which sentences are gone, by rank."""
        found = {rank: self._rewritten(given.quotes[rank]) for rank in ranks}
        return {rank: each for rank, each in found.items() if each}

    def view(self, given: AnswerRecord, page: int, days: Mapping[int, str], words: Words) -> Post:
        """A post, or a page of an answer; `days`: when its passages changed, by rank."""
        gone = self.gone(given, given.page(page))
        if given.state == "post":
            return self._post(given, gone.get(0), days.get(0, ""), words)
        blocks = {rank: block(each, days[rank], words) for rank, each in gone.items() if rank in days}
        return Post(*self._views.corrected(given, page, blocks, words))

    def _post(self, given: AnswerRecord, gone: PassageDiff | None, day: str, words: Words) -> Post:
        """A post as its subscription wants it; where there is none, or no article any more, the bare one."""
        delivery = outbox.of_message(self._db.read(), given.chat, given.message or 0)
        changed = struck(gone, day, words) if gone else None
        made = self._composer.compose(delivery, changed) if delivery else None
        return made or Post(self._bare(given, block(gone, day, words) if gone else None, words))

    def _bare(self, given: AnswerRecord, changed: Message | None, words: Words) -> Message:
        quote = given.quotes[0]
        article = self._store.article(quote.article) or self._store.version(quote.article, quote.version)
        message, hit = Message(), self._answer_log.hit(quote)
        message.add_foreign(title(article) if article else "")
        message.marks.append(Mark("bold", 0, len(message.text)))
        quoted = changed or (passage(hit, words) if hit else None)
        if quoted:
            message.add("\n")
            message.append(quoted)
        return message

    def _rewritten(self, quote: RecordedPassage) -> PassageDiff | None:
        standing = self._store.article(quote.article)
        if standing and standing.content_hash == quote.version:
            return None
        old = self._store.version(quote.article, quote.version)
        return rewritten(quote, old, standing) if old else None

"""What there is to subscribe to: the feeds that are followed, and what the stored articles are of."""

from bot.posting.subscriptions import Choices
from corpus.article import Article
from corpus.database import Database
from corpus.feeds import feed_table
from corpus.store import Store

LOOKED_THROUGH = 200  # of the newest articles, for one that a subscription wants


class Offers:
    """Feeds, outlets and languages to choose among, and the newest article that a choice lets through."""

    def __init__(self, database: Database, store: Store) -> None:
        database.migrate(feed_table.migrations)
        self._db = database
        self._store = store

    def feeds(self) -> dict[int, str]:
        """The titles of the feeds that are followed, by number."""
        return dict(self._db.read().execute("select id, title from feeds order by title, id").fetchall())

    def outlets(self) -> list[str]:
        """The outlets of the articles, the most common first."""
        return self._store.common("outlet")

    def languages(self) -> list[str]:
        """The languages of the articles by code, the most common first."""
        return self._store.common("language")

    def newest(self, choices: Choices) -> Article | None:
        """The newest article that is wanted; None where there is none among the last ones."""
        for article in self._store.articles(LOOKED_THROUGH):
            if any(choices.want(article, feed) for feed in self._feeds_of(article.id)):
                return article
        return None

    def _feeds_of(self, article: str) -> list[int | None]:
        """The feeds that tell of an article; None stands for what came by no feed."""
        rows = self._db.read().execute("select distinct feed from entries where article = ?", [article])
        return [feed for (feed,) in rows] or [None]

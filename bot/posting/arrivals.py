"""New articles: told to the subscriptions at once, and kept until the standing questions were asked."""

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from bot.posting import subscriptions
from corpus.article import Article

migrations = Migrations("arrivals")


@migrations()
def create_fresh(db: Connection) -> None:
    """The articles of which the standing questions were not asked yet."""
    db.execute("create table fresh (number integer primary key autoincrement, article text not null unique)")


def arrived(db: Connection, article: Article, feed: int | None) -> None:
    """Write down all that is to follow from a new article; in the transaction that stores it."""
    db.execute("insert or ignore into fresh (article) values (?)", [article.id])
    subscriptions.announce(db, article, feed)


def fresh(db: Connection) -> list[str]:
    """The articles of which the standing questions were not asked yet, in the order in which they came."""
    return [article for (article,) in db.execute("select article from fresh order by number")]


def done(db: Connection, article: str) -> None:
    """Every standing question was asked of an article."""
    db.execute("delete from fresh where article = ?", [article])

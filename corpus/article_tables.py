"""The tables of the articles, and how an address is written in them."""

from sqlite_utils import Database as Connection
from sqlite_utils import Migrations

from corpus.promotion_store import judge
from corpus.urls import canonical

migrations = Migrations("corpus")


@migrations()
def create_articles(db: Connection) -> None:
    """`articles` says which version stands, `versions` keeps every one, `paragraphs` who shares which."""
    for statement in (
        """create table articles (id text primary key, origin text not null unique,
           source_hash text not null, version text not null, withdrawn text,
           added text not null) without rowid""",
        """create table versions (article text not null references articles(id) deferrable
           initially deferred, hash text not null, title text not null, outlet text, author text,
           url text, published text, language text, promotion text not null, made text not null,
           text text not null, primary key (article, hash))""",  # text last: else all reads pass through it
        """create table paragraphs (digest text not null, outlet text not null,
           article text not null, primary key (digest, outlet, article)) without rowid""",
        "create index paragraphs_by_article on paragraphs(article)",
    ):
        db.execute(statement)


@migrations()
def index_what_stands(db: Connection) -> None:
    """So that how many articles stand, and how new they are, is known without reading them."""
    db.execute("create index articles_standing on articles(withdrawn)")
    db.execute("create index versions_by_date on versions(published, article, hash)")


@migrations()
def index_addresses(db: Connection) -> None:
    """So that an article is found by its URL, in the form in which URLs are compared."""
    db.execute("alter table articles add column address text")
    stated = "select url, id from articles join versions on article = id and hash = version where url > ''"
    rows = [(address(url), number) for url, number in db.execute(stated).fetchall()]
    db.conn.executemany("update articles set address = ? where id = ?", rows)
    db.execute("create index articles_by_address on articles(address)")


@migrations()
def judge_promotion_again(db: Connection) -> None:
    """So that what earlier rules hid of policies is found; no other article can be judged otherwise."""
    found = db.execute(
        """select id from articles join versions on article = id and hash = version where withdrawn is null
           and (promotion != '[]' or text like '%this article%' or text like '%this story%')"""
    )
    judge(db, [number for (number,) in found.fetchall()])


def address(url: str | None) -> str | None:
    """A URL in the form in which it is looked up; None, which nothing equals, where it is none."""
    return canonical(url or "") or None

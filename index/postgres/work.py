"""The queue of articles to encode, shared by several machines."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict

from corpus.article import Article
from index.entries import BATCH_SENTENCES, Entry
from index.postgres.server import Connection

TABLE = "create table work (article text primary key, fingerprint text not null, body bytea not null)"
# Claimed at once: some seconds of work, so that nobody waits long for the others at the end.
CLAIMED_SENTENCES = BATCH_SENTENCES // 4


def offer(db: Connection, wanted: Iterable[tuple[Article, str]]) -> None:
    """Replaces the queue by the wanted articles."""
    db.execute("truncate work")
    with db.cursor().copy("copy work from stdin") as copy:
        for article, fingerprint in wanted:
            copy.write_row((article.id, fingerprint, json.dumps(asdict(article)).encode()))


def claim(db: Connection) -> list[Entry]:
    """Claims articles that nobody else works on, until the transaction ends."""
    claimed: list[Entry] = []
    taken: list[str] = []
    while sum(entry.sentences() for entry in claimed) < CLAIMED_SENTENCES:
        row = db.execute(
            """select article, fingerprint, body from work where article <> all(%s)
               limit 1 for update skip locked""",
            [taken],
        ).fetchone()
        if row is None:
            break
        taken.append(row[0])
        claimed.append(Entry.of(_article(row[2]), row[1]))
    return claimed


def withdraw(db: Connection, standing: Collection[str]) -> None:
    """Drops queued articles not `standing`; those being encoded are removed once they are stored."""
    db.execute(
        """delete from work where article in
           (select article from work where article <> all(%s) for update skip locked)""",
        [list(standing)],
    )


def done(db: Connection, articles: list[str]) -> None:
    """Removes stored articles from the queue."""
    db.execute("delete from work where article = any(%s)", [articles])


def _article(body: bytes) -> Article:
    read = json.loads(body)
    read["promotion"] = tuple(tuple(span) for span in read["promotion"])
    return Article(**read)

"""Articles that wait to be encoded, which several machines take from one table."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict

from corpus.article import Article
from index.entries import BATCH_SENTENCES, Entry
from index.postgres.server import Connection

TABLE = "create table work (article text primary key, fingerprint text not null, body bytea not null)"
# So much is claimed at once, so that whoever ends has not long to wait for the others: some seconds of work.
CLAIMED_SENTENCES = BATCH_SENTENCES // 4


def offer(db: Connection, wanted: Iterable[tuple[Article, str]]) -> None:
    """Write down what is wanted, and nothing else."""
    db.execute("truncate work")
    with db.cursor().copy("copy work from stdin") as copy:
        for article, fingerprint in wanted:
            copy.write_row((article.id, fingerprint, json.dumps(asdict(article)).encode()))


def claim(db: Connection) -> list[Entry]:
    """Some articles that nobody else works on, for as long as this transaction lasts."""
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
    """Take out the articles that stand no more; what is being encoded now is taken out once it is put in."""
    db.execute(
        """delete from work where article in
           (select article from work where article <> all(%s) for update skip locked)""",
        [list(standing)],
    )


def done(db: Connection, articles: list[str]) -> None:
    """What is put is wanted no more."""
    db.execute("delete from work where article = any(%s)", [articles])


def _article(body: bytes) -> Article:
    read = json.loads(body)
    read["promotion"] = tuple(tuple(span) for span in read["promotion"])
    return Article(**read)

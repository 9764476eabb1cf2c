"""Finds promotional paragraphs by comparing the articles of an outlet."""

import json
from collections.abc import Iterable, Sequence

from sqlite_utils import Database as Connection

from corpus.article import Article, Span
from corpus.boilerplate import digest, promotion
from corpus.reading.paragraphs import paragraphs

# Above this many articles with the same paragraph, one more changes no decision.
REPEATS_THAT_MATTER = 6


def shares(db: Connection, *articles: Article) -> None:
    """Stores which paragraphs articles contain; re-evaluates them and all that shared or now share one."""
    touched: set[tuple[str, str]] = set()
    for article in articles:
        sql = "select digest, outlet from paragraphs where article = ?"
        before = db.execute(sql, [article.id]).fetchall()
        outlet = article.outlet or ""
        now = {(digest(article.text[s:e]), outlet) for s, e in paragraphs(article.text)}
        db.execute("delete from paragraphs where article = ?", [article.id])
        db.conn.executemany(
            "insert into paragraphs values (?, ?, ?)", [(*pair, article.id) for pair in sorted(now)]
        )
        touched |= now.symmetric_difference(before)
    judge(db, {article.id for article in articles} | _neighbours(db, touched))


def withdrawn(db: Connection, numbers: Sequence[str]) -> None:
    """Removes withdrawn articles and re-evaluates those that shared a paragraph with them."""
    those = "from paragraphs where article in (select value from json_each(?))"
    ids = json.dumps(numbers)
    shared = db.execute(f"select distinct digest, outlet {those}", [ids]).fetchall()
    db.execute(f"delete {those}", [ids])
    judge(db, _neighbours(db, shared))


def judge(db: Connection, numbers: Iterable[str]) -> None:
    """Marks the promotional paragraphs in the current versions of articles."""
    for number in numbers:
        sql = (
            "select text, outlet from articles join versions on article = id and hash = version where id = ?"
        )
        text, outlet = db.execute(sql, [number]).fetchone()
        db.execute(
            """update versions set promotion = ? where article = ?
               and hash = (select version from articles where id = ?)""",
            [json.dumps(promoted(db, text, outlet, number)), number, number],
        )


def promoted(db: Connection, text: str, outlet: str | None, number: str) -> tuple[Span, ...]:
    """Returns the promotion in a text as if it were article `number` of an outlet."""

    def repeats(paragraph: str) -> int:
        """Returns how many other articles of the outlet contain a paragraph."""
        sql = "select count(*) from paragraphs where digest = ? and outlet = ? and article != ?"
        return int(db.execute(sql, [paragraph, outlet or "", number]).fetchone()[0])

    return promotion(text, repeats)


def _neighbours(db: Connection, touched: Iterable[tuple[str, str]]) -> set[str]:
    """Returns the articles for which a paragraph may now count differently."""
    neighbours: set[str] = set()
    for shared in touched:
        holders = db.execute(
            "select article from paragraphs where digest = ? and outlet = ? limit ?",
            [*shared, REPEATS_THAT_MATTER + 1],
        ).fetchall()
        if len(holders) <= REPEATS_THAT_MATTER:
            neighbours |= {row[0] for row in holders}
    return neighbours

"""Which paragraphs of an article are promotion, as the other articles of its outlet show it."""

import json

from sqlite_utils import Database as Connection

from corpus.article import Article, Span
from corpus.boilerplate import digest, promotion
from corpus.paragraphs import paragraphs

# Beyond so many articles with the same paragraph, one more changes no decision about promotion.
REPEATS_THAT_MATTER = 6


def shares(db: Connection, article: Article) -> None:
    """Note which paragraphs a standing article holds, and judge it and those that shared one or do so now."""
    before = db.execute("select digest, outlet from paragraphs where article = ?", [article.id]).fetchall()
    outlet = article.outlet or ""
    now = {(digest(article.text[s:e]), outlet) for s, e in paragraphs(article.text)}
    db.execute("delete from paragraphs where article = ?", [article.id])
    db.conn.executemany(
        "insert into paragraphs values (?, ?, ?)", [(*pair, article.id) for pair in sorted(now)]
    )
    _judge(db, article.id)
    _judge_neighbours(db, article.id, sorted(now.symmetric_difference(before)))


def withdrawn(db: Connection, number: str) -> None:
    """An article shares nothing any more: judge anew those that shared a paragraph with it."""
    shared = db.execute("select digest, outlet from paragraphs where article = ?", [number]).fetchall()
    db.execute("delete from paragraphs where article = ?", [number])
    _judge_neighbours(db, number, shared)


def promoted(db: Connection, text: str, outlet: str | None, number: str) -> tuple[Span, ...]:
    """The promotion in a text, if it stood in an article of an outlet with the id `number`."""

    def repeats(paragraph: str) -> int:
        """In how many other articles of the outlet a paragraph stands."""
        sql = "select count(*) from paragraphs where digest = ? and outlet = ? and article != ?"
        return int(db.execute(sql, [paragraph, outlet or "", number]).fetchone()[0])

    return promotion(text, repeats)


def _judge_neighbours(db: Connection, number: str, touched: list[tuple[str, str]]) -> None:
    """Judge anew the articles for which a paragraph shared with this one may now count differently."""
    neighbours: set[str] = set()
    for shared in touched:
        holders = db.execute(
            "select article from paragraphs where digest = ? and outlet = ? limit ?",
            [*shared, REPEATS_THAT_MATTER + 1],
        ).fetchall()
        if len(holders) <= REPEATS_THAT_MATTER:
            neighbours |= {row[0] for row in holders}
    for neighbour in neighbours - {number}:
        _judge(db, neighbour)


def _judge(db: Connection, number: str) -> None:
    """Decide which paragraphs of an article's standing version are promotion."""
    sql = "select text, outlet from articles join versions on article = id and hash = version where id = ?"
    text, outlet = db.execute(sql, [number]).fetchone()
    db.execute(
        """update versions set promotion = ? where article = ?
           and hash = (select version from articles where id = ?)""",
        [json.dumps(promoted(db, text, outlet, number)), number, number],
    )

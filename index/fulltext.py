"""BM25 over the terms of passages, by SQLite's FTS5."""

from collections.abc import Iterable

from sqlite_utils import Database as Connection


def match_any(terms: Iterable[str]) -> str:
    """An FTS5 query for rows that hold any of `terms`.

    Only terms that the analyzer made come here, each quoted: raw questions crash FTS5's parser.
    """
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))


def bm25(db: Connection, terms: Iterable[str], k: int) -> list[tuple[int, float]]:
    """The k passages that match `terms` best as (id, score), higher is better, best first."""
    query = match_any(terms)
    if not query:
        return []
    sql = "select rowid, -rank from passage_terms where terms match ? order by rank limit ?"
    return [(int(row[0]), float(row[1])) for row in db.execute(sql, [query, k])]

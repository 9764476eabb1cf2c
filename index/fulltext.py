"""BM25 over the terms of passages, by SQLite's FTS5."""

from collections.abc import Iterable, Mapping

from sqlite_utils import Database as Connection

from index.tables import ALL_ARTICLES, Scope

# Ranking takes as long as there are passages that hold a term: about a microsecond each.
RANKED, RANKED_SHARE = 1000, 0.025


def telling(frequencies: Mapping[str, int], passages: int) -> list[str]:
    """The rarest terms, as many as stand in few enough of the `passages` to rank all that hold one.

    What a passage holds of the other terms is weighed later, once it was found.
    """
    room = max(RANKED, RANKED_SHARE * passages)
    chosen: list[str] = []
    for term in sorted(frequencies, key=lambda term: (frequencies[term], term)):
        room -= frequencies[term]
        if room < 0:
            break
        chosen.append(term)
    return chosen


def match_any(terms: Iterable[str]) -> str:
    """An FTS5 query for rows that hold any of `terms`.

    Only terms that the analyzer made come here, each quoted: raw questions crash FTS5's parser.
    """
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))


def bm25(
    db: Connection, terms: Iterable[str], k: int, scope: Scope = ALL_ARTICLES
) -> list[tuple[int, float]]:
    """The k passages in `scope` that match `terms` best as (id, score), higher is better, best first."""
    query = match_any(terms)
    if not query:
        return []
    within, values = scope.passages()
    # The plus keeps SQLite from asking FTS5 for each passage in the scope by itself.
    chosen = f"and +rowid {within}" if within else ""
    sql = f"select rowid, -rank from passage_terms where terms match ? {chosen} order by rank limit ?"
    return [(int(row[0]), float(row[1])) for row in db.execute(sql, [query, *values, k])]

"""The articles as whoever looks after them lists them: those that stand, and those that were taken out."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.database import Database
from corpus.store import Withdrawal

RECORDS = """select id, title, outlet, published, url, language, origin, added, withdrawn from articles
    join versions on article = id and hash = version"""
NEWEST_FIRST = "order by published desc nulls last, added desc, id"


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept about an article beside its text; `origin` says where it came from, `added` when."""

    id: str
    title: str
    outlet: str | None
    published: str | None
    url: str | None
    language: str | None
    origin: str
    added: str
    withdrawn: Withdrawal | None


class Catalogue:
    """Finds articles by what they are called, not by what they say, in the tables of a Store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(
        self, words: Sequence[str], limit: int = -1, offset: int = 0, *, withdrawn: bool = False
    ) -> tuple[list[Record], int]:
        """The articles whose title, outlet or id holds every word, newest first, and how many they are.

        Those that stand or, with `withdrawn`, those that don't.
        """
        sql = f"{RECORDS} where (withdrawn is not null) = ? {NEWEST_FIRST}"
        sought = [word.casefold() for word in words]
        records = (Record(*row) for row in self._db.read().execute(sql, [withdrawn]))
        found = [each for each in records if all(word in _called(each) for word in sought)]
        return found[offset : offset + limit if limit >= 0 else None], len(found)

    def get(self, number: str) -> Record | None:
        """An article, whether it stands or not."""
        row = self._db.read().execute(f"{RECORDS} where id = ?", [number]).fetchone()
        return Record(*row) if row else None

    def of_outlet(self, name: str, *, withdrawn: bool = False) -> list[str]:
        """The ids of the articles of an outlet that stand or, with `withdrawn`, were taken out by hand."""
        sql = f"{RECORDS} where withdrawn is ? {NEWEST_FIRST}"
        records = (Record(*row) for row in self._db.read().execute(sql, ["removed" if withdrawn else None]))
        return [record.id for record in records if _folded(record.outlet or "") == _folded(name)]

    def versions(self, number: str) -> list[str]:
        """When each version of an article came in, the first one first."""
        sql = "select made from versions where article = ? order by made, rowid"
        return [made for (made,) in self._db.read().execute(sql, [number])]


def _called(record: Record) -> str:
    return f"{record.id} {record.title} {record.outlet or ''}".casefold()


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()

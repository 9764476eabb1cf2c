"""The types that everything else passes around."""

import hashlib
from dataclasses import dataclass

SHOWN_FIELDS = ("title", "outlet", "author", "url", "published", "language", "text")

Span = tuple[int, int]
"""Half-open character offsets into an article's stored text."""


class _Hashed:
    """A slot for the hash of an article; not a field, so `replace` and `asdict` don't copy it."""

    __slots__ = ("_hash",)
    _hash: str


@dataclass(frozen=True, slots=True)
class Article(_Hashed):
    """One article as it is stored; what its source does not say is None, never a guess.

    `text` is kept to the letter, paragraphs parted by newlines; `published` is an ISO 8601 date
    or date-time; `language` an ISO 639-1 code; `promotion` the spans of `text` that are
    kept but never found or quoted.
    """

    id: str
    title: str
    text: str
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    promotion: tuple[Span, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 of all that a reader could be shown, as hex, computed once: a new hash is a new version."""
        if not hasattr(self, "_hash"):
            parts = (getattr(self, name) or "" for name in SHOWN_FIELDS)
            self.hashed(hashlib.sha256("\0".join(parts).encode()).hexdigest())
        return self._hash

    def hashed(self, content_hash: str) -> "Article":
        """Set the hash where it is known already, and return the same article."""
        object.__setattr__(self, "_hash", content_hash)
        return self

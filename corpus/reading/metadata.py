"""What a source says about itself, kept only in a form that can be shown."""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

# What content systems write where they have no date.
NO_DATE = ("0001-01-01", "0000-00-00", "1970-01-01T00:00:00")
LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][a-z0-9_-]+)?", re.IGNORECASE)


def iso_date(stated: str) -> str | None:
    """A stated date as ISO 8601 date or date-time, or None when its day is not beyond doubt."""
    stated = stated.strip()
    if stated.startswith(NO_DATE):
        return None
    try:
        if len(stated) <= 10:
            return date.fromisoformat(stated.replace("/", "-")).isoformat()
        return datetime.fromisoformat(stated).isoformat()
    except ValueError:
        return _mail_date(stated)


def _mail_date(stated: str) -> str | None:
    try:
        return parsedate_to_datetime(stated).isoformat()
    except ValueError:
        return None


def web_url(stated: str, base: str = "") -> str | None:
    """`stated`, seen from `base`, if a browser could open it: http or https with a host; else None."""
    try:
        url = urljoin(base, stated.strip())
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url if sound and not re.search(r"\s", url) else None


def language_code(stated: str) -> str | None:
    """The ISO 639-1 code of a language tag such as en-GB, or None."""
    found = LANGUAGE.fullmatch(stated.strip())
    return found[1].lower() if found else None

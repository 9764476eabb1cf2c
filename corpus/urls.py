"""The one form in which web addresses are compared."""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from corpus.reading.metadata import web_url

# What campaigns, feeds, mail and social networks add; nothing by which a site might choose an article.
TRACKING = re.compile(
    r"(?:at|hsa|mtm|pk|utm)_.*|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|_openstat|igsh(?:id)?|srsltid|wickedid"
    r"|(?:dc|fbc|gc|ttc|twc|yc|ysc)lid|msclkid|g(?:ad_source|clsrc)|[gw]braid",
    re.IGNORECASE,
)
DOORS = re.compile(r"^(?:www|m|mobile|amp)\.")
USUAL_PORTS = {None, 80, 443}
BYTES = "surrogateescape"  # old sites encode their paths in other ways than UTF-8


def canonical(url: str) -> str:
    """A web address as it is compared, never opened; "" for what no browser opens.

    Addresses are alike that differ only in http or https, the case of the host, the fragment, a
    slash at the end, parameters that tell where a reader came from, or in how they are encoded.
    """
    try:
        parts = urlsplit(web_url(url) or "")
        host = (parts.hostname or "").encode("idna").decode()
        port = "" if parts.port in USUAL_PORTS else f":{parts.port}"
        path = quote(unquote(parts.path, errors=BYTES).rstrip("/"), errors=BYTES)
        query = urlencode(_telling(parts.query), errors=BYTES)
    except ValueError:  # half a surrogate pair, or a host that can't be one
        return ""
    return f"https://{host}{port}{path}{query and '?' + query}" if host else ""


def same_site(one: str, other: str) -> bool:
    """Whether two URLs are of one site, so that either may speak for the other."""
    first, second = (DOORS.sub("", parted(url).hostname or "") for url in (one, other))
    return first == second != ""


def parted(url: str) -> SplitResult:
    """The parts of a URL; nothing where it is broken."""
    try:
        return urlsplit(url)
    except ValueError:  # a broken IPv6 host
        return urlsplit("")


def _telling(query: str) -> list[tuple[str, str]]:
    """The parameters of a query that may choose what is shown."""
    pairs = parse_qsl(query, keep_blank_values=True, errors=BYTES)
    return [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]

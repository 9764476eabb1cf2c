"""Web addresses in the form in which they are compared."""

import pytest

from corpus.urls import canonical

PAGE = "https://example.org/2024/Old-Bridge"
ALIKE = [
    *["http://example.org/2024/Old-Bridge", "HTTPS://EXAMPLE.org/2024/Old-Bridge", f"  {PAGE}\n"],
    *[f"{PAGE}/", f"{PAGE}#comments", f"{PAGE}?", f"{PAGE}/?utm_source=telegram&utm_Medium=social#top"],
    *[f"{PAGE}?fbclid=Iw", f"{PAGE}?gclid=1&dclid=2&msclkid=3&yclid=4", f"{PAGE}?mc_cid=a&mc_eid=b"],
    *[f"{PAGE}?at_medium=RSS&at_campaign=KARANGA", f"{PAGE}?igshid=x", f"{PAGE}?igsh=x&_hsenc=y"],
    *["http://example.org:80/2024/Old-Bridge", "https://example.org:443/2024/Old-Bridge"],
    *["https://me:secret@example.org/2024/Old-Bridge", "https://example.org/2024/Old%2DBridge"],
    f"{PAGE}#:~:text=closed%20on",
]
OTHERS = [
    *["https://example.org/2024/old-bridge", "https://example.com/2024/Old-Bridge", "https://example.org"],
    *["https://news.example.org/2024/Old-Bridge", "https://example.org:8080/2024/Old-Bridge"],
    *[f"{PAGE}?id=3", f"{PAGE}?cid=3", f"{PAGE}?page=2", f"{PAGE}?gallery=1", f"{PAGE}?p=5", f"{PAGE}-2"],
]


@pytest.mark.parametrize("url", ALIKE)
def test_what_leads_to_the_same_page_is_alike(url: str) -> None:
    assert canonical(url) == PAGE


def test_what_may_lead_to_other_pages_stays_apart() -> None:
    assert len({canonical(url) for url in [PAGE, *OTHERS]}) == 1 + len(OTHERS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/новости?о=мост", "https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"
         "?%D0%BE=%D0%BC%D0%BE%D1%81%D1%82"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://example.org/a?id=3&utm_source=x", "https://example.org/a/?gclid=y&id=3"),
        ("https://example.org", "http://example.org/#"),
        ("https://example.org/a?q=a+b", "https://example.org/a?q=a%20b"),
    ],
)  # fmt: skip
def test_an_address_is_alike_however_it_is_written(one: str, other: str) -> None:
    assert canonical(one) == canonical(other) != ""


def test_paths_in_an_old_encoding_stay_apart() -> None:
    assert canonical("https://example.org/%EC%EE%F1%F2") != canonical("https://example.org/%EF%E8%E2%EE")


@pytest.mark.parametrize("url", [*ALIKE, *OTHERS])
def test_the_form_of_the_form_is_itself(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "example.org/a", "ftp://example.org/a", "mailto:a@example.org", "https://", "http://[bad",
     "https://a..b/x", "https://example.org:99999/", "https://example.org/\ud800", "https://exa mple.org/"],
    ids=ascii,
)  # fmt: skip
def test_what_no_browser_opens_has_no_form(url: str) -> None:
    assert canonical(url) == ""

"""Only what everybody can reach is public."""

import pytest
from hostile import INSIDE, OUTSIDE

from corpus.feeds.addresses import is_public


@pytest.mark.parametrize("address", INSIDE)
def test_what_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_addresses_of_sites_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "localhost", "8.8.8", "8.8.8.8/32", "[::1]", "008.008.008.008", " 8.8.8.8"]
)
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)

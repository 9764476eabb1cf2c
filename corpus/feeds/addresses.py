"""Tells public internet addresses from private ones."""

from ipaddress import IPv6Address, ip_address, ip_network

# Networks that some Python versions call global although they aren't: they lead on to an unchecked address,
# reach many hosts, or respond only from inside.
CLOSED = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; Oracle Cloud's metadata service is at .192
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # Azure's internal services
        "224.0.0.0/4",  # multicast
        "2001::/23",  # Teredo, which embeds an IPv4 address, and other protocols
        "2002::/16",  # 6to4, which embeds one too
        "3fff::/20",  # documentation
    )
)
# Other IPv6 addresses are local, multicast or embedded IPv4: mapped, compatible, NAT64.
UNICAST = ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Returns whether an IP address in digits is public; False for anything else."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.scope_id or ip not in UNICAST):
        return False
    return ip.is_global and not any(ip in network for network in CLOSED)

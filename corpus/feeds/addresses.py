"""Which addresses of the network are everybody's, and which lead into somebody's own."""

from ipaddress import IPv6Address, ip_address, ip_network

# What Python calls global, in some version that we run on, and what is not: it leads on to an address
# that is not looked at, reaches many, or answers only from inside.
CLOSED = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; Oracle's cloud tells its machines their secrets at .192
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's cloud to its own machines
        "224.0.0.0/4",  # multicast
        "2001::/23",  # Teredo, which holds an IPv4 address, and other protocols
        "2002::/16",  # 6to4, which holds one too
        "3fff::/20",  # documentation
    )
)
# All else of IPv6 is local, multicast, or an IPv4 address in another form: mapped, compatible, NAT64.
UNICAST = ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Whether an IP address, as digits, is one of the public internet; False for what is none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.scope_id or ip not in UNICAST):
        return False
    return ip.is_global and not any(ip in network for network in CLOSED)

"""What limits count by when they count by address."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str) -> str:
    """The address itself, or the /64 of an IPv6 one, for a household has all of it."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return known.exploded[:19] if isinstance(known, IPv6Address) else address

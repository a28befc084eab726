"""Who is at the door, and under which rules."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from mygas.models import User
from mygas.suppliers.entry import EntryRules


@dataclass(frozen=True)
class Visitor:
    """`ip` is as the outermost trusted proxy saw it; `user_agent` is cut to 250 characters; `user` is he who is signed in."""

    ip: str
    user_agent: str
    rules: EntryRules
    user: User | None = None

    @property
    def network(self) -> str:
        """What limits count by: the address, or the /64 of an IPv6 one, for a household has all of it."""
        try:
            address = ip_address(self.ip)
        except ValueError:
            return self.ip
        return address.exploded[:19] if isinstance(address, IPv6Address) else self.ip

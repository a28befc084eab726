"""Who is at the door, and under which rules."""

from dataclasses import dataclass

from mygas.models import User
from mygas.networks import network_of
from mygas.speech import OWN
from mygas.suppliers.entry import EntryRules


@dataclass(frozen=True)
class Visitor:
    """`ip` is as the outermost trusted proxy saw it; `user_agent` is cut to 250 characters; `user` is he who is signed in,
    `language` that of the page."""

    ip: str
    user_agent: str
    rules: EntryRules
    user: User | None = None
    language: str = OWN

    @property
    def network(self) -> str:
        """What limits count by."""
        return network_of(self.ip)

    @property
    def entry(self) -> str:
        """The supplier by whose entrance he came; empty for the portal's own."""
        return self.rules.supplier.slug if self.rules.supplier else ""

"""Which rules hold before a supplier is known: the portal's, or those of a supplier's own entry page /s/<slug>/."""

from dataclasses import dataclass

from mygas.suppliers.rules import Supplier


@dataclass(frozen=True)
class EntryRules:
    """The most special known level wins (product.md §1.3). `supplier` is None at the portal's own entry."""

    channels: tuple[str, ...]
    confirm: tuple[str, ...]
    captcha: str
    password_policy: str
    sms_daily: int
    supplier: Supplier | None = None

    def at(self, supplier: Supplier | None) -> "EntryRules":
        """These rules of the portal as they stand at the supplier's entry page."""
        if supplier is None:
            return self
        entry = supplier.entry
        return EntryRules(
            channels=entry.channels,
            confirm=entry.confirm,
            captcha="off" if self.captcha == "off" else entry.captcha,
            password_policy=entry.password_policy or self.password_policy,
            sms_daily=self.sms_daily,
            supplier=supplier,
        )

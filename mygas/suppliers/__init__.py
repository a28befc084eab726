"""Regional suppliers: frozen data, one TOML file each, checked at start-up."""

from mygas.suppliers.rules import AccountRule, Supplier

__all__ = ["AccountRule", "Supplier"]

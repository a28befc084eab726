"""Regional suppliers: frozen data, one TOML file each, checked at start-up."""

from mygas.suppliers.loading import BadSupplier, load
from mygas.suppliers.rules import AccountRule, Supplier
from mygas.suppliers.search import Catalogue

__all__ = ["AccountRule", "BadSupplier", "Catalogue", "Supplier", "load"]

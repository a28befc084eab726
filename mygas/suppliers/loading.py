"""Reads the catalogue: one TOML file a supplier, refused as a whole if any file is not right.

The dataclasses of rules.py are the table: a field is a key, a nested class is a section, the annotation is the type.
"""

from pathlib import Path

from mygas import toml_tables
from mygas.matching import fold
from mygas.suppliers.checks import fault
from mygas.suppliers.rules import Supplier
from mygas.suppliers.search import Catalogue
from mygas.toml_tables import BadFile, Place

MAY_BE_EMPTY = frozenset({"account.warning", "access.pin_help", "access.pin_hint", "pay.commission"})


class BadSupplier(BadFile):
    """A supplier's file is not right; the message names the file, the dotted key and the reason."""

    whose = "a supplier's file"


def load(folder: Path) -> Catalogue:
    """All suppliers of `folder/*.toml`. Raises BadSupplier at the first fault found."""
    suppliers: dict[str, Supplier] = {}
    for path in sorted(folder.glob("*.toml")):
        supplier = _load_one(path)
        if twin := suppliers.get(fold(supplier.name)):
            raise BadSupplier(path.name, "name", f"is the same as in {twin.slug}.toml")
        suppliers[fold(supplier.name)] = supplier
    if not suppliers:
        raise BadSupplier(str(folder), "", "holds no supplier files (*.toml)")
    return Catalogue(suppliers.values())


def _load_one(path: Path) -> Supplier:
    place = Place(path.name, BadSupplier, MAY_BE_EMPTY)
    table = toml_tables.read(path, place)
    if "slug" in table:
        raise place.inside("slug").refuse("is not a key: the name of the file is the slug")
    supplier: Supplier = toml_tables.section(Supplier, {"slug": path.stem, **table}, place)
    if found := fault(supplier):
        raise BadSupplier(path.name, *found)
    return supplier

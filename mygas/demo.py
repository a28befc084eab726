"""The demo region: each supplier's registry made up and brought in by the very importer that real registries go through."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from mygas import clock
from mygas.exchange.demo import DemoAccount, write_demo
from mygas.exchange.importing import import_registry
from mygas.settings import Settings
from mygas.suppliers import Catalogue, Supplier

ACCOUNTS = 60  # of each supplier
SEED = 1
Told = dict[str, list[DemoAccount]]


def prepare(settings: Settings, suppliers: Catalogue, pin_mac: Callable[..., bytes], after_import: Callable[[str], None]) -> Told:
    """Bring in what is not there yet; the accounts to try, by supplier. Made once, read again on every later start.

    `after_import` is called with the slug of each supplier whose registry came in.
    """
    told = {}
    for slug, supplier in suppliers.items():
        folder = settings.data_dir / "demo" / slug
        known = folder / "accounts.json"
        if not known.exists():
            _make(folder, known, supplier, settings.database_url, pin_mac)
            after_import(slug)
        told[slug] = [DemoAccount(**account) for account in json.loads(known.read_text(encoding="utf-8"))]
    return told


def table(told: Told, suppliers: Catalogue) -> list[str]:
    """Lines for a terminal: one account of each supplier, with the answers to its control question."""
    heads = ("supplier", "account", "meter serial", "last charge, kopecks", "PIN")
    rows = [_row(suppliers[slug], one) for slug, (one, *_) in told.items()]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (heads, *rows)]


def _row(supplier: Supplier, one: DemoAccount) -> tuple[str, str, str, str, str]:
    """What the supplier does not ask for is not told."""
    access = supplier.access
    answers = ((access.serial, one.serial), (access.charge, str(one.charge_kop)), (access.pin, one.pin))
    serial, charge, pin = (answer if asked else "—" for asked, answer in answers)
    return supplier.name, one.number, serial, charge, pin


def _make(folder: Path, known: Path, supplier: Supplier, database_url: str, pin_mac: Callable[..., bytes]) -> None:
    registry = folder / "registry"
    registry.mkdir(parents=True, exist_ok=True)
    today = supplier.today()
    shown = write_demo(registry, supplier, ACCOUNTS, SEED, today=today, progress=_silent)
    import_registry(registry, supplier, database_url, pin_mac=pin_mac, progress=_silent, now=clock.now)
    known.write_text(json.dumps([asdict(account) for account in shown], ensure_ascii=False, indent=1), encoding="utf-8")


def _silent(_done: int, _of: int) -> None:
    """Sixty accounts are there before a progress bar is."""

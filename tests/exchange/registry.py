"""A small registry on disk, an import of it, and what the database then holds."""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from mygas import clock
from mygas.exchange.importing import Report, import_registry
from mygas.extensions import db, lone_engine
from mygas.settings import Settings
from mygas.suppliers import Supplier, load

SUPPLIER = load(Settings.catalogue)["perm"]  # its numbers have eight digits
TABLES = (
    "account",
    "account_card",
    "meter",
    "meter_card",
    "reading",
    "charge",
    "payment",
    "contract",
    "act",
    "imported_pin",
    "service_balance",
    "reading_verdict",
)

FILES = {
    "accounts": """account;holder;address;balance;balance_date;united_number;area;residents;equipment;privileges;closed
59000001;Иванова Мария Петровна;г. Пермь, ул. Ленина, д. 1;1234,56;31.10.2026;20АА000001;54,3;2;плита ПГ-4;;нет
59000002;Рябов Ёжи Ильич;с. Никольское, ул. Мира, д. 2;-10,00;31.10.2026;;;;;;
""",
    "meters": """account;serial;model;digits;place;state;verified_until;sealed_on;seal
59000001;А-12 345;ВК-G4T;5;кухня;работает;01.05.2031;01.05.2021;П17
59000002;777;Гранд-4;;;;;;
""",
    "readings": """account;serial;date;value;source
59000001;А-12 345;20.09.2026;1176,4;абонент
59000001;А-12 345;2026-10-20;1226;inspector
59000002;777;20.10.2026;15;телеметрия
""",
    "charges": """account;period;line;service;method;volume;price;sum;recalculation
59000001;09.2026;1;Газ;meter;50,4;7690,00;387,58;
59000001;2026-10;1;Газ;по прибору;49,6;7690,00;381,42;-12,00
59000001;2026-10;2;Обслуживание;fixed;;;940,50;
59000002;10.2026;1;Газ;norm;11,3;8300,00;93,79;0
""",
    "payments": """account;number;date;sum;source
59000001;П-1;05.10.2026;387,58;Банк
59000002;П-1;06.10.2026;1 200;Почта
""",
    "contracts": """account;number;kind;begins;ends;status
59000001;ПГ-1;Поставка газа;01.02.2015;;действует
""",
    "acts": """account;number;kind;date;text
59000001;А-7;Проверка;12.03.2026;Пломбы целы
""",
    "pins": """account;pin
59000001;АВ-12c
""",
    "totals": """file;rows;sum
accounts.csv;2;1224,56
meters.csv;2;
readings.csv;3;
charges.csv;4;1803,29
payments.csv;2;1587,58
contracts.csv;1;
acts;1;
pins;1;
""",
}


def pin_mac(*parts: str) -> bytes:
    return hmac.digest(b"a key of the test", "\x1f".join(parts).encode(), "sha256")


def write(folder: Path, *, encoding: str = "utf-8", **files: str | None) -> Path:
    """FILES with some replaced; None leaves a file out."""
    folder.mkdir(exist_ok=True)
    for name, content in {**FILES, **files}.items():
        path = folder / f"{name}.csv"
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content.encode(encoding))
    return folder


def write_only(folder: Path, **files: str) -> Path:
    """Nothing but the files given."""
    return write(folder, **{**dict.fromkeys(FILES), **files})


def bring(
    folder: Path, url: str, supplier: Supplier = SUPPLIER, progress: Callable[[int, int], None] = lambda _done, _of: None
) -> Report:
    return import_registry(folder, supplier, url, pin_mac=pin_mac, progress=progress, now=clock.now)


def everything(url: str) -> dict[str, list[Any]]:
    """All rows of the registries' tables, invisible ones included, and the registries in whatever state."""
    engine = lone_engine(url)
    with engine.connect() as connection:
        rows = {name: _rows(connection, name) for name in TABLES}
        rows["registry"] = sorted(connection.execute(text("SELECT id, state, digest FROM registry")).all())
    engine.dispose()
    return rows


def _rows(connection: Any, name: str) -> list[Any]:
    return sorted(map(repr, connection.execute(db.metadata.tables[name].select()).all()))

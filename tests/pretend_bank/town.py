"""What is bought at the training bank, and the bank as a server on this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from mygas.acquiring import Asked, Item, Payee, RefundAsked
from mygas.gateways.bank import PRETEND_SHOP
from mygas.pretend_bank import Bank, Drawers, Faults, api

PAYEE = Payee(
    name="ООО «Газпром межрегионгаз Пермь»",
    inn="5904108270",
    kpp="590401001",
    bank_name="Западно-Уральский банк ПАО Сбербанк",
    bic="045773603",
    account="40702810649500015236",
    corr_account="30101810900000000603",
)
ASKED = Asked(
    key="order-1",
    amount_kop=123456,
    description="Оплата за газ, лицевой счёт 59000001, октябрь 2026",
    return_url="http://localhost/payments/1",
    buyer="+79123456789",
    items=(Item("Газоснабжение", 120000), Item("Комиссия", 3456)),
    payee=PAYEE,
    account_number="59000001",
    period=202610,
)
REFUND = RefundAsked("refund-1", "", 3456, "anna@example.ru", (Item("Комиссия", 3456),), "Возврат комиссии")


def bank_in(folder: Path, faults: str = "") -> Bank:
    return Bank(Drawers(folder), "http://localhost/pretend-bank", Faults.parse(faults))


def asked(key: str, amount_kop: int = 123456) -> Asked:
    return replace(ASKED, key=key, amount_kop=amount_kop, items=(Item("Газоснабжение", amount_kop),))


class Silent(WSGIRequestHandler):
    """Writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@contextmanager
def listening(bank: Bank, ssl_context: object = None) -> Iterator[int]:
    """The bank's API on a port of this machine."""
    server = make_server(
        "127.0.0.1",
        0,
        api(bank, PRETEND_SHOP),
        threaded=True,
        request_handler=Silent,
        ssl_context=ssl_context,  # type: ignore[arg-type]
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()


def tasks(bank: Bank) -> list[dict[str, object]]:
    """What the bank has promised to do, the notifications among it, by the moment they are due."""
    folder = bank.drawers.folder / "tasks"
    return [json.loads(file.read_text()) for file in sorted(folder.glob("[0-9]*.json"))]

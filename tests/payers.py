"""A subscriber who pays, below the pages: what tests of the payments' core do in his name."""

import secrets
from dataclasses import dataclass

from flask import Flask

from mygas import clock
from mygas.domain import paying
from mygas.domain.paying import Begun, Till
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Connection, Order, User
from mygas.suppliers import Supplier

SERVICE = "Газоснабжение природным газом"


@dataclass
class Payer:
    """A user with one account; `till` is the bank of the test."""

    visitor: Visitor
    connection: Connection
    supplier: Supplier
    till: Till

    def begin(self, amount_kop: int = 50_000, key: str = "") -> Begun:
        """Send the form once; each without a `key` is another form."""
        with unit_of_work():
            return paying.begin(
                self.visitor, self.connection, self.supplier, amount_kop=amount_kop, split=[(SERVICE, amount_kop)],
                request_key=key or secrets.token_urlsafe(16), acquirer_name=self.till.acquirer.name,
            )  # fmt: skip

    def submit(self, begun: Begun) -> Order:
        return paying.submit(begun.order.id, self.till)

    def start(self, amount_kop: int = 50_000) -> Order:
        """A payment that waits for the payer at the bank."""
        return self.submit(self.begin(amount_kop))


def make_payer(app: Flask, account_id: int, login: str = "payer@example.ru") -> Payer:
    """A user with that account in the basic version. Inside the app."""
    with unit_of_work():
        user = User(login=login, channel="email", password_hash="x", entry="", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        connection = Connection(user_id=user.id, account_id=account_id, supplier="perm", slot=1, created_at=clock.now())
        db.session.add(connection)
    visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], user)
    till = Till(app.extensions["gateways"].bank, app.extensions["suppliers"], "http://localhost")
    return Payer(visitor, connection, app.extensions["suppliers"]["perm"], till)

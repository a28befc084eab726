"""Paying: begun once, submitted once, credited once; what the payer is told when the bank is away."""


import pytest

from mygas.domain import ledger, paying
from mygas.extensions import db
from mygas.models import LedgerEntry, OrderEvent
from mygas.suppliers.rules import Pay
from tests.payers import Payer


@pytest.mark.parametrize(
    ("bp", "least", "amount", "on_top"),
    [
        (0, 0, 10_000, 0),
        (100, 0, 12_345, 123),
        (100, 0, 12_350, 124),  # half a kopeck goes up
        (100, 3_000, 12_345, 3_000),
        (150, 0, 100, 2),
        (149, 0, 100, 1),
    ],
)
def test_the_commission(bp, least, amount, on_top):
    assert paying.commission_kop(Pay(100, 10_000_000, "", bp, least), amount) == on_top


def test_from_the_form_to_the_ledger(payer: Payer, bank):
    begun = payer.begin(50_000)
    assert (begun.order.state, begun.resumed) == ("created", False)
    order = payer.submit(begun)
    assert (order.state, order.page) == ("pending", f"https://bank.example/{order.acquirer_id}")
    bank.pay(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "page")
    assert (order.state, order.fiscal, order.page) == ("succeeded", "pending", "")
    assert ledger.invariants() == []
    assert {(row.book, row.amount_kop) for row in db.session.scalars(db.select(LedgerEntry))} == {
        ("acquirer:fake", -50_000),
        ("supplier:perm", 50_000),
    }
    moves = [row.to_state for row in db.session.scalars(db.select(OrderEvent).order_by(OrderEvent.id))]
    assert moves == ["submitting", "pending", "succeeded"]

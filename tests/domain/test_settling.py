"""A payment under review is decided by a person: not without the bank's word, and not undone by the next night."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from mygas.domain import cash_desk, ledger, orders, paying, reconciling
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Discrepancy, LedgerEntry, Operator, Order, Outgoing
from mygas.web import order_words
from mygas.words import Refused
from tests.payers import Payer

NOON, NIGHT = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def operator(payer: Payer) -> Operator:
    with unit_of_work():
        made = Operator(login="o", name="О", suppliers=["perm"], password_hash="x", totp=b"x", created_at=NOON)
        db.session.add(made)
    return made


def reviewed(payer: Payer, bank, **told) -> Order:
    """Of 500,00: the bank has said something strange of it."""
    order = payer.start(50_000)
    bank.pay(order.acquirer_id, **told)
    order = paying.refresh(order.id, payer.till, "page")
    assert order.state == "review"
    return order


def settle(payer: Payer, operator: Operator, order: Order, to) -> Order:
    told = cash_desk.ask_bank(order, payer.till)
    with unit_of_work():
        cash_desk.settle(operator, "192.0.2.9", order, to, "звонили в банк", told=told)
    found = orders.find(order.id)
    db.session.rollback()
    return found


def news() -> list[str]:
    return [key.split(":")[1] for key in db.session.scalars(db.select(Outgoing.key).where(Outgoing.kind == "order-news"))]


@pytest.mark.parametrize(
    "told",
    [{"amount_kop": 40_000}, {"currency": "USD"}, {"state": "pending", "amount_kop": 1}, {"refunded_kop": 1}],
    ids=["another sum", "another currency", "not taken", "given back"],
)
def test_no_money_is_made_by_one_person(payer: Payer, bank, operator, told):
    order = payer.start(50_000)
    bank.pay(order.acquirer_id, **({"amount_kop": 1} | told))
    order = paying.refresh(order.id, payer.till, "page")
    bank.pay(order.acquirer_id, **({"amount_kop": 50_000, "currency": "RUB"} | told))
    with pytest.raises(Refused, match="Зачислить нельзя"):
        settle(payer, operator, order, "succeeded")
    assert orders.find(order.id).state == "review"
    assert db.session.scalars(db.select(LedgerEntry)).all() == []


def test_what_the_bank_confirms_is_credited(payer: Payer, bank, operator):
    order = reviewed(payer, bank, amount_kop=1)
    bank.pay(order.acquirer_id, amount_kop=50_000)
    assert settle(payer, operator, order, "succeeded").state == "succeeded"
    assert news() == ["succeeded"]
    assert ledger.invariants() == []


@pytest.mark.parametrize("to", ["succeeded", "canceled"])
def test_nothing_is_decided_while_the_bank_is_silent(payer: Payer, bank, operator, to):
    order = reviewed(payer, bank, amount_kop=1)
    bank.be_deaf(method="ask")
    with pytest.raises(Refused, match="не отвечает"):
        settle(payer, operator, order, to)
    assert orders.find(order.id).state == "review"


def test_a_decision_outlives_the_night(payer: Payer, bank, operator):
    with time_machine.travel(NOON, tick=False):
        order = reviewed(payer, bank, amount_kop=40_000)
        bank.give_back(order.acquirer_id, 40_000)
        assert settle(payer, operator, order, "canceled").state == "canceled"
    with time_machine.travel(NIGHT, tick=False):
        reconciling.reconcile(payer.till, date(2026, 11, 20))
        assert paying.refresh(order.id, payer.till, "register").state == "canceled"
    assert db.session.scalars(db.select(Discrepancy)).all() == []


def test_what_the_bank_says_after_a_decision_is_a_task(payer: Payer, bank, operator):
    with time_machine.travel(NOON, tick=False):
        order = reviewed(payer, bank, amount_kop=40_000)
        settle(payer, operator, order, "canceled")
        bank.pay(order.acquirer_id, amount_kop=50_000)
        assert paying.refresh(order.id, payer.till, "page").state == "canceled"
    with time_machine.travel(NIGHT, tick=False):
        reconciling.reconcile(payer.till, date(2026, 11, 20))
    found = [(one.kind, one.ours, one.theirs) for one in db.session.scalars(db.select(Discrepancy))]
    assert found == [("state_differs", "canceled", "succeeded")]
    assert orders.find(order.id).state == "canceled"


def test_who_has_paid_is_not_told_that_he_has_not(payer: Payer, bank, operator):
    order = settle(payer, operator, reviewed(payer, bank, amount_kop=40_000), "canceled")
    assert (order.state, order.reason) == ("canceled", "returned")
    words = order_words.of(order)
    assert "возвращены на карту" in words.money and "не списаны" not in words.money
    assert news() == ["returned"]


def test_money_that_was_never_taken_is_not_returned(payer: Payer, bank, operator):
    order = reviewed(payer, bank, state="pending", amount_kop=1)
    bank.expire(order.acquirer_id)
    order = settle(payer, operator, order, "canceled")
    assert (order.state, order.reason) == ("canceled", "")
    assert news() == []

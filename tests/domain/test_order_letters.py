"""What payers are told when they no longer look: a doubt that is over, a late success, money given back."""

from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import order_letters, orders, paying
from mygas.domain.letters import Letter
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs.delivery import COMPOSERS
from mygas.models import Order, Outgoing, User
from tests.payers import Payer


def news() -> list[str]:
    return [key.split(":")[1] for key in db.session.scalars(db.select(Outgoing.key).where(Outgoing.kind == "order-news"))]


def refresh(payer: Payer, order: Order, **later: float) -> Order:
    with time_machine.travel(clock.now() + timedelta(**later)):
        return paying.refresh(order.id, payer.till, "cashier")


def test_a_plain_success_needs_no_letter(payer: Payer, bank):
    order = payer.start()
    bank.pay(order.acquirer_id)
    assert refresh(payer, order).state == "succeeded"
    assert news() == []


def test_a_doubt_that_ended_well(payer: Payer, bank):
    bank.lose_answers()
    order = payer.start()
    bank.pay(bank.of_key(order.acquirer_key).id)
    refresh(payer, order, minutes=2)
    assert news() == ["succeeded"]


def test_a_doubt_that_ended_without_money(payer: Payer, bank):
    bank.lose_answers()
    order = payer.start()
    bank.cancel(bank.of_key(order.acquirer_key).id)
    refresh(payer, order, minutes=2)
    assert news() == ["unpaid"]


def test_whoever_left_in_doubt_is_told_when_the_time_is_over(payer: Payer, bank):
    bank.lose_answers()
    order = payer.start()
    assert refresh(payer, order, minutes=2).state == "pending"
    assert news() == []
    assert refresh(payer, order, minutes=91).state == "expired"
    assert news() == ["overdue"], "the bank may yet take the money"


def test_whoever_left_without_a_doubt_is_not(payer: Payer, bank):
    order = payer.start()
    assert refresh(payer, order, minutes=91).state == "expired"
    assert news() == []


@pytest.mark.parametrize("told", ["succeeded", "unpaid", "overdue", "returned", "refunded", "refund-failed"])
@pytest.mark.parametrize("kopecks", [1_000, 3_000_000])
def test_the_words(payer: Payer, told: str, kopecks: int):
    """An SMS is one part of 70 characters, whatever the sum, and names no account; a letter leads to the payment."""
    order = payer.begin(kopecks).order
    compose, payload = COMPOSERS["order-news"], {"order": order.id, "news": told}
    letter = compose(payload, "https://gas.example")
    assert isinstance(letter, Letter)
    assert (letter.to, letter.channel) == ("payer@example.ru", "email")
    assert f"https://gas.example/payments/{order.ref}" in letter.text
    assert f"№ {order.id}" in letter.text
    assert "59000001" in letter.text
    with unit_of_work():
        db.session.execute(db.update(User).values(login="+79123456789", channel="phone"))
        db.session.execute(db.update(Order).values(id=12_345_678))
    db.session.expire_all()
    short = compose({"order": 12_345_678, "news": told}, "https://gas.example")
    assert short is not None
    assert (short.to, short.channel) == ("+79123456789", "phone")
    assert len(short.text) <= 70, short.text
    assert "12345678" in short.text
    assert "59000001" not in short.text
    with unit_of_work():
        db.session.execute(db.update(User).values(language="en"))
    db.session.expire_all()
    english = compose({"order": 12_345_678, "news": told}, "https://gas.example")
    assert english is not None
    assert english.text.isascii(), "in the alphabet of SMS, where a part has 160 letters"
    assert len(english.text) <= 160, english.text
    assert "12345678" in english.text


def test_who_is_gone_is_told_nothing(payer: Payer):
    order = payer.begin().order
    with unit_of_work():
        db.session.execute(db.update(User).values(disabled_at=clock.now()))
    db.session.expire_all()
    assert order_letters.order_letter({"order": order.id, "news": "succeeded"}, "https://gas.example") is None
    assert orders.find(order.id).state == "created"

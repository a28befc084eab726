"""Paying from the account's first page to the bank and back, plain and with htmx."""

import re

import pytest

from mygas.domain import paying
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Order
from tests.browser import Browser

DEBT = "Текущий долг: 1 245,30 ₽"


@pytest.fixture
def payer(browser, connected, bank):
    """A subscriber with an account of Пермь and a debt of 1 245,30 ₽, on its first page."""
    return connected(browser)


def orders(app):
    with app.app_context():
        return list(db.session.scalars(db.select(Order).order_by(Order.id)))


def choose(browser, home="", **fields):
    """From the first page to the last look."""
    browser.get((home or browser.path) + "pay/sum")
    return browser.submit(**fields)


def test_the_debt_is_paid(app, payer, bank):
    home = payer.path
    payer.get(home + "pay/sum")
    assert payer.h1 == "Оплата" and "Комиссия не взимается." in payer.text and DEBT in payer.text
    payer.submit("Продолжить")
    assert payer.path == home + "pay/review"
    assert "К оплате 1 245,30 рублей" in payer.text and "59000001" in payer.text and "Межрегионгаз Пермь" in payer.text
    payer.submit("Перейти к оплате картой")
    assert payer.path.startswith("https://bank.example/")
    (order,) = orders(app)
    assert (order.state, order.amount_kop, order.split) == ("pending", 124530, [["Газоснабжение природным газом", 124530]])
    payer.get(f"/payments/{order.ref}")
    assert payer.h1 == f"Платёж № {order.id}" and "Банк ждёт оплаты" in payer.text
    bank.pay(order.acquirer_id)
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, order.id).updated_at = order.created_at.replace(year=2020)
    payer.submit("Проверить сейчас")
    assert "Оплачено" in payer.text, payer.text

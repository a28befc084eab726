"""What the five walks need around them: the training bank with its pages, a desk with an operator, and a day in the window."""

from collections.abc import Callable, Iterator

import pyotp
import pytest
import time_machine
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from mygas.domain import operators, passwords, pins
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account
from mygas.pretend_bank import MOUNT, pages
from tests.browser import Browser
from tests.instructions.walk import Walk
from tests.pretend_bank.town import bank_in, listening

NOW = "2026-11-20T09:00:00+00:00"  # readings are taken everywhere
CARD = {"number": "2200 0000 0000 0004", "expiry": "12/30", "cvc": "123"}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def app(make_app: Callable[..., Flask], settings) -> Iterator[Flask]:
    """The portal with the training bank beside it, as the demo runs."""
    bank = bank_in(settings.data_dir / "bank")
    with listening(bank) as port:
        app = make_app(bank_url=f"pretend:{port}")
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: pages(bank)})
        yield app


@pytest.fixture
def follow(browser: Browser) -> Callable[[str], Walk]:
    """Begin to follow the instruction of that number."""
    return lambda number: Walk(number, browser)


@pytest.fixture
def operator(app: Flask, htmx: bool) -> Callable[[str], Browser]:
    """An operator of the supplier, at the desk."""

    def sit(supplier: str) -> Browser:
        with app.app_context(), unit_of_work():
            totp = pyotp.parse_uri(operators.add("anna", "Анна Ильина", (supplier,), passwords.hashed("корова на крыше")))
        desk = Browser(app.test_client(), htmx=htmx).get("/desk/sign-in")
        return desk.submit(login="anna", password="корова на крыше", code=totp.now())

    return sit


@pytest.fixture
def pin_of(app: Flask) -> Callable[[int], str]:
    """The PIN of an account, as it would be printed for its owner."""

    def read(account_id: int) -> str:
        with app.app_context():
            return pins.current(db.session.get_one(Account, account_id))

    return read


def pay_by_card(browser: Browser) -> Browser:
    """At the bank's page: choose the card, type it, «ОК»."""
    return browser.click("Банковской картой").submit("ОК", **CARD)

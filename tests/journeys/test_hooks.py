"""What the bank tells by itself, and what others would like to tell in its name."""

import json

import pytest

from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import Order, OrderEvent
from mygas.web import hooks


@pytest.fixture
def htmx():
    return False


@pytest.fixture
def order(app, browser, connected, bank):
    """A payment that waits for the payer at the bank."""
    connected(browser)
    browser.get(browser.path + "pay/sum").submit("Продолжить").submit("Перейти к оплате картой")
    with app.app_context():
        return db.session.scalars(db.select(Order)).one()


def tell(app, body, headers, **more):
    return app.test_client().post("/hooks/fake", data=body, headers=headers, **more)


def state(app):
    with app.app_context():
        return db.session.scalars(db.select(Order)).one().state


def heard(app):
    with app.app_context():
        return db.session.scalars(db.select(OrderEvent).filter_by(source="fake")).all()


def test_a_notification_makes_the_cashier_ask(app, bank, order):
    bank.pay(order.acquirer_id)
    asked = bank.questions
    answer = tell(app, *bank.notify(order.acquirer_id))
    assert answer.status_code == 200
    assert (state(app), bank.questions) == ("pending", asked), "nothing is credited, and the bank is not asked, while it waits"
    with app.app_context():
        assert cashier.round_of(app) == 1
    assert state(app) == "succeeded"


def test_it_may_come_as_often_as_it_likes(app, bank, order):
    bank.pay(order.acquirer_id)
    body, headers = bank.notify(order.acquirer_id)
    assert [tell(app, body, headers).status_code for _ in range(3)] == [200] * 3
    (event,) = heard(app)
    assert len(event.digest) == 64 and event.order_id == order.id


def test_a_lie_of_the_bank_itself_credits_nothing(app, bank, order):
    body, headers = bank.notify(order.acquirer_id, "payment.succeeded")
    tell(app, body, headers)
    with app.app_context():
        cashier.round_of(app)
    assert state(app) == "pending"


def test_a_forged_one_is_not_heard(app, bank, order, caplog):
    body, headers = bank.forge(order.acquirer_id)
    assert tell(app, body, headers).status_code == 403
    assert heard(app) == [] and "a forged notification" in caplog.text
    assert order.acquirer_id not in caplog.text, "the body stays out of the log"


def test_one_of_a_payment_that_is_not_ours_is_not_kept(app, bank, order, caplog):
    caplog.set_level("INFO", "mygas.payments")
    body = json.dumps({"event": "payment.succeeded", "payment": "strange"}).encode()
    assert tell(app, body, bank.notify(order.acquirer_id)[1]).status_code == 200
    assert heard(app) == [] and "a notification of no payment of ours" in caplog.text


def test_a_long_one_is_not_read(app, bank, order):
    _, headers = bank.notify(order.acquirer_id)
    assert tell(app, b"x" * (hooks.MOST_BYTES + 1), headers).status_code == 413
    assert heard(app) == []


def test_another_bank_has_no_address_here(app, bank, order):
    body, headers = bank.notify(order.acquirer_id)
    assert app.test_client().post("/hooks/other", data=body, headers=headers).status_code == 404
    assert app.test_client().get("/hooks/fake").status_code == 405


@pytest.mark.settings(requests="3 per minute")
def test_it_has_a_ring_of_its_own(app):
    """The bank tells of all our payers from one network."""
    client = app.test_client()
    assert [client.post("/hooks/fake").status_code for _ in range(6)] == [404] * 6
    assert [client.get("/help/").status_code for _ in range(4)] == [200] * 3 + [429]
    ring = int(hooks.RING.split()[0])
    answers = [client.post("/hooks/fake", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code for _ in range(ring + 1)]
    assert set(answers[:-1]) == {404} and answers[-1] == 429

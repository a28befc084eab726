"""What must hold of payments when many do the same thing at the same moment: real threads, real transactions."""

import threading
from collections.abc import Callable

import pytest

from mygas.domain import hearing, ledger, orders, paying, refunds
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import LedgerEntry, Operator, Order, OrderEvent, Refund
from tests.payers import Payer

ROUNDS = 10


def at_once(app, work: Callable[[int], object], times: int = 8) -> list[object]:
    """Run `work(0) … work(times - 1)` in threads that start at one moment; what each returned or raised."""
    barrier, outcomes = threading.Barrier(times), [None] * times

    def one(index: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                outcomes[index] = work(index)
            except Exception as error:
                outcomes[index] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture(autouse=True)
def nothing_is_violated(payer: Payer):
    yield
    assert ledger.invariants() == []


def begin(payer: Payer, key: str, kopecks: int = 50_000) -> int:
    return payer.begin(kopecks, key).order.id


def test_the_same_form_sent_at_once_is_one_payment(app, payer: Payer):
    for turn in range(ROUNDS):
        ids = at_once(app, lambda _, key=f"form-{turn}": begin(payer, key))
        assert len(set(ids)) == 1, ids
        let_go(payer, ids[0])


def test_different_forms_at_once_are_one_open_payment(app, payer: Payer):
    for turn in range(ROUNDS):
        ids = at_once(app, lambda index, turn=turn: begin(payer, f"form-{turn}-{index}", 50_000 + index))
        assert len(set(ids)) == 1, ids
        let_go(payer, ids[0])
    assert db.session.scalar(db.select(db.func.count()).select_from(Order)) == ROUNDS


def test_forms_sent_while_the_open_payment_ends(app, payer: Payer):
    """Either the old one is resumed or a new one is begun, and nobody fails."""
    for turn in range(ROUNDS):
        old = begin(payer, f"old-{turn}")

        def work(index: int, old: int = old, turn: int = turn) -> object:
            return begin(payer, f"new-{turn}-{index}") if index else let_go(payer, old)

        outcomes = at_once(app, work)[1:]
        assert {type(one) for one in outcomes} == {int}, outcomes
        assert len(set(outcomes) - {old}) <= 1
        db.session.rollback()
        for order in db.session.scalars(db.select(Order).where(Order.state == "created")).all():
            let_go(payer, order.id)


def test_a_payment_submitted_by_many_is_begun_once_at_the_bank(app, payer: Payer, bank):
    order_id = begin(payer, "form")
    at_once(app, lambda _: paying.submit(order_id, payer.till))
    assert len(bank.asked) == 1
    assert orders.find(order_id).state == "pending"


def test_a_success_learned_by_many_is_credited_once(app, payer: Payer, bank):
    for turn in range(ROUNDS):
        order = payer.start(50_000 + turn)
        bank.pay(order.acquirer_id)
        outcomes = at_once(app, lambda index, id=order.id: paying.refresh(id, payer.till, f"racer-{index}"))
        assert [one for one in outcomes if isinstance(one, Exception)] == []
        assert orders.find(order.id).state == "succeeded"
        db.session.rollback()
    assert db.session.scalar(db.select(db.func.count()).select_from(LedgerEntry)) == 2 * ROUNDS
    assert len(db.session.scalars(db.select(OrderEvent).filter_by(to_state="succeeded", from_state="pending")).all()) == ROUNDS


def test_two_cashiers_do_not_ask_of_one_payment(app, payer: Payer, bank):
    order = payer.start()
    tell(bank, order)
    asked = bank.questions
    assert sum(at_once(app, lambda _: cashier.round_of(app), times=4)) == 1
    assert bank.questions == asked + 1


def test_a_notification_repeated_at_once_is_heard_once(app, payer: Payer, bank):
    order = payer.start()
    outcomes = at_once(app, lambda _: tell(bank, order))
    assert outcomes == [None] * 8
    assert len(db.session.scalars(db.select(OrderEvent).filter_by(source=bank.name)).all()) == 1


def test_letting_go_races_with_paying(app, payer: Payer, bank):
    for turn in range(ROUNDS):
        order = payer.start(50_000 + turn)
        bank.pay(order.acquirer_id)

        def work(index: int, order: Order = order) -> object:
            return paying.refresh(order.id, payer.till, "racer") if index % 2 else let_go(payer, order.id)

        at_once(app, work)
        assert paying.refresh(order.id, payer.till, "test").state == "succeeded"


def test_of_two_operators_one_decides_and_the_money_goes_back_once(app, payer: Payer, bank):
    order = payer.start()
    bank.pay(order.acquirer_id)
    paying.refresh(order.id, payer.till, "page")
    with unit_of_work():
        staff = [Operator(login=f"op{n}", name="О", suppliers=["perm"], password_hash="x", totp=b"x") for n in range(8)]
        for operator in staff:
            operator.created_at = order.created_at
        db.session.add_all(staff)
    numbers = [operator.id for operator in staff]

    def wish(index: int) -> object:
        with unit_of_work():
            mine = db.session.get_one(Operator, numbers[index])
            return refunds.ask(mine, "192.0.2.9", orders.find(order.id), "дважды").id

    assert sum(isinstance(one, int) for one in at_once(app, wish)) == 1

    def decide(index: int) -> object:
        with unit_of_work():
            (refund,) = db.session.scalars(db.select(Refund))
            refunds.approve(db.session.get_one(Operator, numbers[index]), "192.0.2.9", refund)
            return "approved"

    assert at_once(app, decide).count("approved") == 1
    at_once(app, lambda _: cashier.round_of(app), times=4)
    assert len(bank.refunds) == 1
    assert orders.find(order.id).state == "refunded"


def let_go(payer: Payer, order_id: int) -> None:
    with unit_of_work():
        paying.give_up(payer.visitor, orders.find(order_id))


def tell(bank, order: Order) -> None:
    body, headers = bank.notify(order.acquirer_id)
    with unit_of_work():
        hearing.notification(bank.name, bank.hear(body, "192.0.2.1", headers), "digest")

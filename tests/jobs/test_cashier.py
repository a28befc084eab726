"""The cashier asks till he knows: of what was never answered, of what the payer left, of what he let go."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine

from mygas import clock
from mygas.domain import ledger, orders, paying, refunds
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import Operator, Order, OrderEvent, Outgoing
from tests.payers import Payer, make_payer


@pytest.fixture
def payer(app, bank, region) -> Iterator[Payer]:
    account_id = region("perm", "59000001")
    with app.app_context():
        yield make_payer(app, account_id)


def rounds(app, **after: float) -> int:
    """A round of the cashier that much later; how many payments he asked of."""
    with time_machine.travel(clock.now() + timedelta(**after)):
        return cashier.round_of(app)


def state(order: Order) -> str:
    found = orders.find(order.id).state
    db.session.rollback()
    return found


def letters() -> list[str]:
    return list(db.session.scalars(db.select(Outgoing.key).where(Outgoing.kind == "order-news")))


def test_nothing_is_paid_where_there_is_no_bank(app):
    with app.app_context():
        assert cashier.round_of(app) == 0


@pytest.mark.parametrize("done", [False, True], ids=["not heard", "answer lost"])
def test_an_outcome_that_is_unknown_is_resolved_with_the_same_key(app, payer, bank, done):
    (bank.lose_answers if done else bank.be_deaf)()
    order = payer.start()
    assert (state(order), len(bank.payments)) == ("unknown", int(done))
    assert rounds(app, seconds=30) == 0
    assert rounds(app, seconds=61) == 1
    assert state(order) == "pending"
    assert len(bank.payments) == 1
    assert {asked.key for asked in bank.asked} == {order.acquirer_key}
    assert len(set(bank.asked)) == 1, "the acquirer compares: a repeated request is the same to the last letter"


def test_a_submission_that_died_is_taken_up(app, payer, bank):
    bank.break_down(after=True)
    with pytest.raises(RuntimeError):
        payer.start()
    (order,) = db.session.scalars(db.select(Order))
    assert order.state == "submitting"
    assert rounds(app, seconds=61) == 1
    assert (state(order), len(bank.payments)) == ("pending", 1)


def test_a_bank_that_is_away_for_long_is_asked_every_ten_minutes(app, payer, bank):
    bank.be_deaf(100)
    order = payer.start()
    asked = [minute for minute in range(90) if rounds(app, minutes=minute)]
    assert asked[0] <= 2
    assert max(later - earlier for earlier, later in pairwise(asked)) <= 11
    assert state(order) == "unknown"
    bank.recover()
    assert rounds(app, minutes=105) == 1
    assert state(order) == "pending"


def test_a_dead_key_is_not_used_again(app, payer, bank):
    """YooKassa knows a key for a day; after that the same key would begin a second payment."""
    bank.be_deaf(1000)
    order = payer.start()
    bank.recover()
    begun = len(bank.asked)
    assert rounds(app, hours=23, minutes=1) == 1
    assert (state(order), len(bank.asked)) == ("expired", begun)
    assert letters() == [f"order:unpaid:{order.id}:{orders.find(order.id).version}"]


def test_what_was_done_under_a_dead_key_is_found_in_the_register(app, payer, bank):
    bank.lose_answers()
    order = payer.start()
    bank.pay(bank.of_key(order.acquirer_key).id)
    assert rounds(app, hours=30) == 1
    assert (state(order), len(bank.asked)) == ("succeeded", 1)
    assert letters() == [f"order:succeeded:{order.id}:{orders.find(order.id).version}"]
    assert ledger.invariants() == []


def test_a_payer_who_does_not_come_back_is_asked_about_less_and_less(app, payer, bank):
    order = payer.start()
    first = [second for second in range(1, 60) if rounds(app, seconds=second)]
    assert len(first) == 3 and first[0] == 10 and all(later >= 2 * earlier for earlier, later in pairwise(first))
    asked = [minute for minute in range(1, 400) if rounds(app, minutes=minute)]
    assert 90 in asked
    assert all(later <= 2 * earlier + 3 for earlier, later in pairwise(asked))
    assert len(asked) < 12
    assert state(order) == "expired", "after ninety minutes, and only when the acquirer was asked then"


def test_a_payment_is_not_expired_while_the_acquirer_does_not_answer(app, payer, bank):
    order = payer.start()
    bank.be_deaf(1000)
    for minute in range(1, 300):
        rounds(app, minutes=minute)
    assert state(order) == "pending"
    bank.recover()
    bank.pay(order.acquirer_id)
    rounds(app, days=1)
    assert state(order) == "succeeded"


def test_a_late_success_is_credited_as_corrected(app, payer, bank):
    order = payer.start()
    rounds(app, minutes=91)
    assert state(order) == "expired"
    bank.pay(order.acquirer_id)
    rounds(app, hours=4)
    assert state(order) == "succeeded"
    (note,) = db.session.scalars(db.select(OrderEvent.note).filter_by(to_state="succeeded"))
    assert note == "corrected"
    assert len(letters()) == 1
    assert ledger.invariants() == []


def test_what_was_let_go_is_asked_about_until_the_acquirer_says_it_is_over(app, payer, bank):
    order = payer.start()
    with unit_of_work():
        paying.give_up(payer.visitor, order)
    assert rounds(app, seconds=1) == 1
    assert orders.find(order.id).ask_at is not None
    db.session.rollback()
    bank.expire(order.acquirer_id)
    assert rounds(app, minutes=10) == 1
    assert state(order) == "canceled"
    assert orders.find(order.id).ask_at is None


def test_a_payment_that_nobody_submitted_is_over_unasked(app, payer, bank):
    order = payer.begin().order
    assert rounds(app, minutes=89) == 0
    assert rounds(app, minutes=91) == 1
    assert (state(order), bank.questions) == ("canceled", 0)


def test_the_fiscal_receipt_is_waited_for(app, payer, bank):
    order = payer.start()
    bank.pay(order.acquirer_id)
    rounds(app, minutes=6)
    assert orders.find(order.id).fiscal == "pending"
    db.session.rollback()
    bank.print_receipt(order.acquirer_id)
    rounds(app, minutes=8)
    found = orders.find(order.id)
    assert (found.fiscal, found.fiscal_id, found.ask_at) == ("done", f"fd-{order.acquirer_id}", None)


@pytest.mark.parametrize("state_before", ["unknown", "refund_pending"])
def test_a_question_that_cannot_be_put_waits_for_its_lease(app, payer, bank, monkeypatch, state_before):
    """A supplier's file was removed, say: the row is not due again at once, before all the others."""
    bank.be_deaf()
    order = payer.start()
    if state_before == "refund_pending":
        rounds(app, seconds=61)
        bank.fiscal = False
        bank.pay(bank.of_key(order.acquirer_key).id)
        assert paying.refresh(order.id, payer.till, "page").state == "succeeded"
        approve_refund(order)
        monkeypatch.setattr(paying, "items", lambda order: {}["removed"])
    else:
        monkeypatch.setitem(app.extensions, "suppliers", {})
    asked = bank.questions
    rounds(app, minutes=2)
    rounds(app, minutes=2, seconds=30)
    assert bank.questions == asked
    with time_machine.travel(clock.now() + timedelta(minutes=2, seconds=30)):
        assert (paying.due(bank.name), refunds.due(bank.name)) == ([], [])
    db.session.rollback()
    monkeypatch.undo()
    rounds(app, minutes=4)
    assert state(order) == ("pending" if state_before == "unknown" else "refunded")


def approve_refund(order: Order) -> None:
    staff = [Operator(login=name, name=name, suppliers=["perm"], password_hash="x", totp=b"x") for name in ("a", "b")]
    with unit_of_work():
        for operator in staff:
            operator.created_at = clock.now()
        db.session.add_all(staff)
    with unit_of_work():
        refund = refunds.ask(staff[0], "192.0.2.9", order, "дважды")
    with unit_of_work():
        refunds.approve(staff[1], "192.0.2.9", refund)


def test_the_books_are_checked_once_a_night(app, payer, bank, caplog):
    order = payer.start()
    with unit_of_work():
        db.session.execute(db.text("UPDATE pay_order SET state = 'refunded'"))
    night = clock.now().replace(hour=0, minute=30) + timedelta(days=1)
    told = []
    for hours in (0, 2, 3, 26):
        with time_machine.travel(night + timedelta(hours=hours)):
            cashier.check_books(app)
        told.append(len([one for one in caplog.records if one.message == "the books are wrong"]))
    assert told == [0, 2, 2, 4]
    assert {one.violation for one in caplog.records if one.message == "the books are wrong"} == {
        f"paid and not credited: {order.id}",
        f"refunded without an entry, or an entry without a refund: {order.id}",
    }
    with app.app_context(), unit_of_work():
        db.session.execute(db.text("UPDATE pay_order SET state = 'pending'"))


def test_one_that_goes_wrong_does_not_keep_the_others_waiting(app, payer, bank):
    order = payer.start()
    with unit_of_work():
        paying.give_up(payer.visitor, order)
    other = payer.start()
    bank.fiscal = False
    bank.pay(other.acquirer_id)
    bank.break_down()
    rounds(app, minutes=6)
    assert (state(order), state(other)) == ("canceled", "succeeded")
    assert rounds(app, minutes=8) == 1, "and is asked about again"

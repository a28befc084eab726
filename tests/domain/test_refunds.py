"""Giving money back: two people, one refund, and a word to the payer."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from mygas import clock
from mygas.domain import ledger, orders, paying, refunds
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import LedgerEntry, Operator, Order, Outgoing, Refund
from mygas.words import Refused
from tests.payers import Payer

IP = "192.0.2.9"


@pytest.fixture
def paid(payer: Payer, bank) -> Order:
    order = payer.start(50_000)
    bank.pay(order.acquirer_id)
    return paying.refresh(order.id, payer.till, "page")


@pytest.fixture
def staff(payer: Payer) -> tuple[Operator, Operator]:
    made = []
    with unit_of_work():
        for login in ("first", "second"):
            operator = Operator(login=login, name=login, suppliers=["perm"], password_hash="x", totp=b"x")
            operator.created_at = clock.now()
            db.session.add(operator)
            made.append(operator)
    return made[0], made[1]


def approved(order: Order, staff: tuple[Operator, Operator]) -> Refund:
    with unit_of_work():
        refund = refunds.ask(staff[0], IP, order, "дважды")
    with unit_of_work():
        refunds.approve(staff[1], IP, refund)
    return refund


def now(order: Order) -> str:
    state = orders.find(order.id).state
    db.session.rollback()
    return state


def carry_out(payer: Payer, refund: Refund, **later: float) -> str:
    """The refund's state after the cashier's round, that much later."""
    with time_machine.travel(clock.now() + timedelta(**later)):
        found = refunds.due(payer.till.acquirer.name)
        db.session.rollback()
        for refund_id in found:
            refunds.carry_out(refund_id, payer.till)
    db.session.refresh(refund)
    state = refund.state
    db.session.rollback()
    return state


def test_from_the_wish_to_the_ledger(payer, bank, paid, staff):
    refund = approved(paid, staff)
    assert now(paid) == "refund_pending"
    assert carry_out(payer, refund) == "done"
    assert now(paid) == "refunded"
    assert bank.payments[paid.acquirer_id].refunded_kop == 50_000
    books = db.session.execute(db.select(LedgerEntry.book, db.func.sum(LedgerEntry.amount_kop)).group_by(LedgerEntry.book))
    assert dict(books.all()) == {"acquirer:fake": 0, "supplier:perm": 0}
    assert ledger.invariants() == []
    (key,) = db.session.scalars(db.select(Outgoing.key).where(Outgoing.kind == "order-news"))
    assert key.startswith(f"order:refunded:{paid.id}:")


def test_who_asked_does_not_approve(payer, paid, staff):
    with unit_of_work():
        refund = refunds.ask(staff[0], IP, paid, "дважды")
    with pytest.raises(Refused, match="другой сотрудник"), unit_of_work():
        refunds.approve(staff[0], IP, refund)
    assert now(paid) == "succeeded"
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.execute(db.update(Refund).values(state="approved", decided_by=staff[0].id))


def test_only_what_was_paid_is_given_back_and_once(payer, bank, paid, staff):
    other = payer.start()
    with pytest.raises(Refused, match="прошедший"), unit_of_work():
        refunds.ask(staff[0], IP, other, "рано")
    refund = approved(paid, staff)
    with pytest.raises(Refused), unit_of_work():
        refunds.ask(staff[1], IP, paid, "ещё раз")
    with pytest.raises(Refused, match="уже принято"), unit_of_work():
        refunds.refuse(staff[1], IP, refund, "поздно")
    assert carry_out(payer, refund) == "done"
    with pytest.raises(Refused), unit_of_work():
        refunds.ask(staff[0], IP, orders.find(paid.id), "и ещё раз")


def test_one_live_refund_is_a_constraint(payer, paid, staff):
    with unit_of_work():
        refunds.ask(staff[0], IP, paid, "дважды")
    with pytest.raises(Refused, match="уже оформляется"), unit_of_work():
        refunds.ask(staff[1], IP, paid, "дважды")


def test_a_strangers_operator_neither_asks_nor_decides(payer, paid, staff):
    with unit_of_work():
        stranger = Operator(login="third", name="x", suppliers=["volgograd"], password_hash="x", totp=b"x")
        stranger.created_at = clock.now()
        db.session.add(stranger)
    with pytest.raises(Refused), unit_of_work():
        refunds.ask(stranger, IP, paid, "чужое")
    with unit_of_work():
        refund = refunds.ask(staff[0], IP, paid, "дважды")
    with pytest.raises(Refused), unit_of_work():
        refunds.approve(stranger, IP, refund)
    assert now(paid) == "succeeded"
    assert refunds.find(refund.ref, stranger.suppliers) is None


def test_a_refused_wish_leaves_the_payment(payer, paid, staff):
    with unit_of_work():
        refund = refunds.ask(staff[0], IP, paid, "дважды")
    with unit_of_work():
        refunds.refuse(staff[0], IP, refund, "передумали")
    assert (refund.state, now(paid)) == ("refused", "succeeded")
    with unit_of_work():
        refunds.ask(staff[0], IP, paid, "теперь верно")


@pytest.mark.parametrize("done", [False, True], ids=["not heard", "answer lost"])
def test_an_unknown_outcome_is_repeated_with_the_same_key(payer, bank, paid, staff, done):
    (bank.lose_answers if done else bank.be_deaf)(method="refund")
    refund = approved(paid, staff)
    assert carry_out(payer, refund) == "approved"
    assert carry_out(payer, refund, seconds=30) == "approved"
    assert carry_out(payer, refund, seconds=61) == "done"
    assert len(bank.refunds) == 1
    assert ledger.invariants() == []


@pytest.mark.parametrize("done", [False, True], ids=["not heard", "answer lost"])
def test_a_dead_key_gives_nothing_back_twice(payer, bank, paid, staff, done):
    (bank.lose_answers if done else bank.be_deaf)(method="refund")
    refund = approved(paid, staff)
    carry_out(payer, refund)
    assert carry_out(payer, refund, hours=24) == ("done" if done else "failed")
    assert now(paid) == ("refunded" if done else "succeeded")
    assert len(bank.refunds) == int(done)


def test_a_refund_that_failed_may_be_asked_for_again(payer, bank, paid, staff):
    bank.decline("insufficient_funds", "refund")
    refund = approved(paid, staff)
    assert carry_out(payer, refund) == "failed"
    assert (now(paid), refund.note) == ("succeeded", "insufficient_funds")
    assert ledger.invariants() == []
    assert carry_out(payer, approved(orders.find(paid.id), staff)) == "done"
    assert ledger.invariants() == []


def test_a_refund_that_failed_is_told_and_waits_at_the_desk_until_it_is_asked_for_anew(payer, bank, paid, staff):
    bank.decline("insufficient_funds", "refund")
    failed = approved(paid, staff)
    assert carry_out(payer, failed) == "failed"
    (key,) = db.session.scalars(db.select(Outgoing.key).where(Outgoing.kind == "order-news"))
    assert key.startswith(f"order:refund-failed:{paid.id}:")
    assert [one.id for one in refunds.queue(["perm"], "failed")] == [failed.id]
    assert failed.done_at is None, "no money was given back"
    with unit_of_work():
        again = refunds.ask(staff[0], IP, orders.find(paid.id), "ещё раз")
    assert refunds.queue(["perm"], "failed") == []
    with unit_of_work():
        refunds.approve(staff[1], IP, again)
    assert carry_out(payer, again) == "done"
    assert refunds.queue(["perm"], "failed") == []


def test_what_was_given_back_at_the_bank_already_is_done(payer, bank, paid, staff):
    """The bank declines what is left of the sum, which is nothing."""
    bank.give_back(paid.acquirer_id, 50_000)
    bank.decline("invalid_request:amount", "refund")
    assert carry_out(payer, approved(paid, staff)) == "done"
    assert (now(paid), bank.refunds) == ("refunded", {})
    assert ledger.invariants() == []


def test_what_was_given_back_in_part_is_not_done(payer, bank, paid, staff):
    bank.give_back(paid.acquirer_id, 49_999)
    bank.decline("invalid_request:amount", "refund")
    assert carry_out(payer, approved(paid, staff)) == "failed"
    assert now(paid) == "succeeded"


def test_a_no_is_not_believed_before_the_payment_was_looked_at(payer, bank, paid, staff):
    bank.give_back(paid.acquirer_id, 50_000)
    bank.decline("invalid_request:amount", "refund")
    bank.be_deaf(method="ask")
    refund = approved(paid, staff)
    assert carry_out(payer, refund) == "approved"
    bank.decline("invalid_request:amount", "refund")
    assert carry_out(payer, refund, minutes=2) == "done"


@pytest.mark.parametrize(("end", "ours"), [("succeeded", "done"), ("canceled", "failed")])
def test_a_refund_that_takes_its_time_is_asked_about(payer, bank, paid, staff, end, ours):
    bank.slow_refunds = True
    refund = approved(paid, staff)
    assert carry_out(payer, refund) == "approved"
    bank.settle_refund(refund.acquirer_id, end)
    assert carry_out(payer, refund, minutes=2) == ours
    assert ledger.invariants() == []


def test_a_refund_that_takes_longer_than_a_key_lives_is_asked_about_by_its_number(payer, bank, paid, staff):
    bank.slow_refunds = True
    refund = approved(paid, staff)
    assert carry_out(payer, refund) == "approved"
    assert carry_out(payer, refund, hours=25) == "approved"
    bank.settle_refund(refund.acquirer_id)
    assert carry_out(payer, refund, hours=27) == "done"
    assert len(bank.refunds) == 1


def test_a_payment_that_is_being_given_back_stays_so_when_the_bank_is_asked(payer, bank, paid, staff):
    """Of the payment the bank goes on saying «succeeded»."""
    approved(paid, staff)
    assert paying.refresh(paid.id, payer.till, "page").state == "refund_pending"

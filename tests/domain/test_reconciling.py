"""A day of ours beside the acquirer's register of it: four kinds of difference, each a task once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from mygas.acquiring import OutcomeUnknown, Told
from mygas.domain import ledger, orders, paying, reconciling
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import Discrepancy, Operator, Order, Reconciliation
from mygas.words import Refused
from tests.payers import Payer

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def pay(payer: Payer, bank, amount_kop: int = 50_000) -> Order:
    order = payer.start(amount_kop)
    bank.pay(order.acquirer_id)
    return paying.refresh(order.id, payer.till, "page")


def kinds() -> list[tuple[str, str, str]]:
    found = db.session.scalars(db.select(Discrepancy).order_by(Discrepancy.kind))
    return [(one.kind, one.ours, one.theirs) for one in found]


def compare(payer: Payer) -> Reconciliation:
    db.session.rollback()
    return reconciling.reconcile(payer.till, DAY)


def test_a_day_without_differences(payer, bank, at_noon):
    for kopecks in (50_000, 12_345):
        pay(payer, bank, kopecks)
    canceled = payer.start()
    bank.cancel(canceled.acquirer_id)
    paying.refresh(canceled.id, payer.till, "page")
    let_go = payer.start()
    with unit_of_work():
        paying.give_up(payer.visitor, let_go)
    report = compare(payer)
    assert kinds() == []
    assert (report.compared, report.ours_kop, report.theirs_kop) == (4, 62_345, 62_345)
    assert report.done_at is not None


def test_missing_there(payer, bank, at_noon):
    order = pay(payer, bank)
    bank.hidden.add(order.acquirer_id)
    assert compare(payer).ours_kop == 50_000
    assert kinds() == [("missing_there", "succeeded", "")]


def test_missing_here(payer, bank, at_noon):
    bank.foreign.append(Told("p-foreign", "another key", "succeeded", 7_000, "RUB", created_at=NOON))
    bank.foreign.append(Told("p-nothing", "a third key", "canceled", 7_000, "RUB", created_at=NOON))
    report = compare(payer)
    assert kinds() == [("missing_here", "", "succeeded 70,00")]
    assert (report.ours_kop, report.theirs_kop) == (0, 7_000)


def test_the_sum_differs(payer, bank, at_noon):
    order = pay(payer, bank)
    bank.payments[order.acquirer_id] = replace(bank.payments[order.acquirer_id], amount_kop=49_999)
    compare(payer)
    assert kinds() == [("sum_differs", "500,00 RUB", "499,99 RUB")]
    assert orders.find(order.id).state == "succeeded"


def test_what_was_paid_there_and_not_here_is_mended_too(payer, bank, at_noon):
    order = payer.start()
    bank.pay(order.acquirer_id)
    compare(payer)
    assert kinds() == [("state_differs", "pending", "succeeded")]
    assert orders.find(order.id).state == "succeeded"
    assert ledger.invariants() == []


def test_what_never_got_its_number_is_found_by_the_key(payer, bank, at_noon):
    bank.lose_answers()
    order = payer.start()
    bank.pay(bank.of_key(order.acquirer_key).id)
    compare(payer)
    assert kinds() == [("state_differs", "unknown", "succeeded")]
    assert orders.find(order.id).state == "succeeded"


def test_what_was_refused_here_and_paid_there_is_mended(payer, bank, at_noon):
    """A refusal of a repeated request tells nothing of the first one, whatever an acquirer promises."""
    bank.lose_answers()
    order = payer.start()
    bank.decline()
    assert paying.refresh(order.id, payer.till, "page").state == "failed"
    bank.pay(bank.of_key(order.acquirer_key).id)
    compare(payer)
    assert orders.find(order.id).state == "succeeded"
    assert ledger.invariants() == []


def test_money_given_back_behind_our_back(payer, bank, at_noon):
    order = pay(payer, bank)
    bank.pay(order.acquirer_id, refunded_kop=50_000)
    compare(payer)
    assert kinds() == [("state_differs", "succeeded", "refunded")]
    assert orders.find(order.id).state == "succeeded", "people decide"


def test_a_part_given_back_behind_our_back(payer, bank, at_noon):
    order = pay(payer, bank)
    bank.give_back(order.acquirer_id, 49_999)
    compare(payer)
    assert kinds() == [("state_differs", "succeeded", "partly refunded 499,99")]


def test_a_difference_is_told_once(payer, bank, at_noon):
    bank.hidden.add(pay(payer, bank).acquirer_id)
    compare(payer)
    compare(payer)
    assert len(kinds()) == 1


@pytest.mark.parametrize("apart", [timedelta(seconds=-40), timedelta(seconds=40)])
def test_a_payment_at_midnight_may_stand_in_another_day_there(payer, bank, apart):
    midnight = datetime(2026, 11, 20, tzinfo=UTC) if apart < timedelta(0) else datetime(2026, 11, 21, tzinfo=UTC)
    with time_machine.travel(midnight - apart / 2, tick=False):
        order = pay(payer, bank)
    told = bank.payments[order.acquirer_id]
    bank.payments[order.acquirer_id] = replace(told, created_at=order.created_at + apart)
    with time_machine.travel(NIGHT, tick=False):
        compare(payer)
    assert kinds() == []


def test_a_register_that_breaks_off_leaves_the_day_to_be_done(app, payer, bank, at_noon):
    pay(payer, bank)
    bank.be_deaf(method="register")
    with pytest.raises(OutcomeUnknown):
        compare(payer)
    assert reconciling.last() == []
    assert compare(payer).compared == 1
    assert len(db.session.scalars(db.select(Reconciliation)).all()) == 1


def test_a_silent_bank_leaves_the_day_to_be_done(payer, bank, at_noon):
    order = pay(payer, bank)
    elsewhere = bank.payments[order.acquirer_id]
    bank.payments[order.acquirer_id] = replace(elsewhere, created_at=order.created_at + timedelta(days=2))
    bank.be_deaf(method="ask")
    with pytest.raises(OutcomeUnknown):
        compare(payer)
    assert kinds() == [] and reconciling.last() == [], "silence is no word about the payment"
    compare(payer)
    assert kinds() == [] and len(reconciling.last()) == 1


def test_once_a_night_for_two_days(app, payer, bank):
    with time_machine.travel(NOON, tick=False):
        order = pay(payer, bank)
    bank.hidden.add(order.acquirer_id)
    with time_machine.travel(NIGHT - timedelta(hours=2), tick=False):
        assert cashier.reconcile(app) == 0, "not at one o'clock"
    with time_machine.travel(NIGHT, tick=False):
        assert cashier.reconcile(app) == 2
        assert cashier.reconcile(app) == 0
    with time_machine.travel(NIGHT + timedelta(days=1), tick=False):
        assert cashier.reconcile(app) == 2
    assert len(kinds()) == 1
    assert {one.day for one in reconciling.last()} == {DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)}


def test_a_payment_begun_before_midnight_and_heard_of_after_it_is_not_missing(payer, bank):
    """The bank was away for two hours: there the payment was begun on the next day."""
    with time_machine.travel(datetime(2026, 11, 20, 22, 50, tzinfo=UTC), tick=False):
        bank.be_deaf(method="begin")
        order = payer.start()
    with time_machine.travel(datetime(2026, 11, 21, 1, 5, tzinfo=UTC), tick=False):
        paying.refresh(order.id, payer.till, "cashier")
        bank.pay(bank.of_key(order.acquirer_key).id)
        assert paying.refresh(order.id, payer.till, "cashier").state == "succeeded"
    with time_machine.travel(NIGHT, tick=False):
        assert compare(payer).compared == 0
    with time_machine.travel(NIGHT + timedelta(days=1), tick=False):
        report = reconciling.reconcile(payer.till, DAY + timedelta(days=1))
    assert (kinds(), report.compared, report.ours_kop) == ([], 1, 50_000)


@pytest.mark.parametrize(("away", "days"), [(1, 2), (4, 5), (100, 30)])
def test_nights_that_were_slept_through_are_made_up_for(app, payer, bank, away, days):
    """Away so many days after the day that was compared last."""
    with time_machine.travel(NOON, tick=False):
        pay(payer, bank)
    with time_machine.travel(NIGHT, tick=False):
        assert cashier.reconcile(app) == 2
    with time_machine.travel(NIGHT + timedelta(days=away), tick=False):
        assert cashier.reconcile(app) == days
        assert cashier.reconcile(app) == 0
        assert max(one.day for one in reconciling.last(days)) == DAY + timedelta(days=away)


def test_the_first_night_begins_at_the_first_payment(app, payer, bank):
    with time_machine.travel(NOON, tick=False):
        order = payer.start()
    bank.pay(order.acquirer_id)
    db.session.rollback()
    with time_machine.travel(NIGHT + timedelta(days=3), tick=False):
        assert cashier.reconcile(app) == 4
    assert orders.find(order.id).state == "succeeded"


def test_a_night_that_breaks_off_is_taken_up_where_it_did(app, payer, bank, monkeypatch):
    with time_machine.travel(NOON, tick=False):
        pay(payer, bank)
    with time_machine.travel(NIGHT + timedelta(days=5), tick=False):
        register = bank.register

        def breaks_off(since, until):
            if since >= datetime(2026, 11, 22, tzinfo=UTC):
                bank.be_deaf(method="register")
            return register(since, until)

        monkeypatch.setattr(bank, "register", breaks_off)
        with pytest.raises(OutcomeUnknown):
            cashier.reconcile(app)
    monkeypatch.undo()
    bank.recover()
    with time_machine.travel(NIGHT + timedelta(days=6), tick=False):
        cashier.reconcile(app)
    compared = {one.day for one in reconciling.last()}
    assert compared >= {DAY + timedelta(days=ahead) for ahead in range(7)}


def test_a_task_is_settled_once_by_whom_it_concerns(payer, bank, at_noon):
    bank.hidden.add(pay(payer, bank).acquirer_id)
    compare(payer)
    with unit_of_work():
        staff = [
            Operator(login=slug, name="О", suppliers=[slug], password_hash="x", totp=b"x", created_at=NOON)
            for slug in ("perm", "volgograd")
        ]
        db.session.add_all(staff)
    (task,) = reconciling.tasks(["perm"])
    assert reconciling.tasks(["volgograd"]) == []
    with pytest.raises(Refused), unit_of_work():
        reconciling.settle(staff[1], "192.0.2.9", task.id, "чужое")
    with unit_of_work():
        reconciling.settle(staff[0], "192.0.2.9", task.id, "банк исправил реестр")
    with pytest.raises(Refused, match="уже разобрано"), unit_of_work():
        reconciling.settle(staff[0], "192.0.2.9", task.id, "ещё раз")
    assert reconciling.tasks(["perm"]) == []

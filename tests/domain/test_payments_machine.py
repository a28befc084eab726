"""Payers, a bank with faults, callbacks in any order, the cashier, and a process that dies at any step: nothing is ever lost,
doubled, or moved off the table.

A death is an exception that nothing catches, raised before or after a commit, or before or after the bank is asked; the
session is dropped. Time stands still but for the rule that lets it pass.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from mygas import clock
from mygas.acquiring import Forged, OutcomeUnknown, Told
from mygas.domain import cash_desk, hearing, ledger, orders, paying, reconciling, refunds
from mygas.domain.orders import MOVES, OPEN, PAID
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import Account, Discrepancy, LedgerEntry, Operator, Order, OrderEvent, Refund
from mygas.words import Refused
from tests.fake_bank import FakeAcquirer
from tests.payers import Payer, make_payer

BEGINS = datetime(2026, 11, 20, 9, tzinfo=UTC)
SUMS = st.integers(1_000, 3_000_000)
DEATHS = st.sampled_from((None, None, None, None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
"""At which of the next steps the process dies; None: it lives."""
SUBMITTING = ("well", "well", "well", "deaf", "answer lost", "declined")
ENDS = ("paid", "paid", "paid", "paid", "another sum", "canceled", "expired")
WHEN = ("before_commit", "after_commit", "after_transaction_end")
WHICH = st.integers(0, 3)
"""Which of what there is, counted from the newest."""


class Death(BaseException):
    """The process is no more."""


@dataclass
class Fate:
    """Counts steps, and kills at the one that is named."""

    left: int | None = None
    committed: bool = False

    def before_commit(self, _session: Session) -> None:
        self.step()

    def after_commit(self, _session: Session) -> None:
        self.committed = True

    def after_transaction_end(self, _session: Session, transaction: SessionTransaction) -> None:
        """The first moment at which a session can bear a death after its commit."""
        if self.committed and transaction.parent is None:
            self.committed = False
            self.step()

    def step(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Death


class MortalBank(FakeAcquirer):
    """The process may die before the bank hears, and after it has answered."""

    fate: Fate

    def _answer(self, method, work):
        self.fate.step()
        answer = super()._answer(method, work)
        self.fate.step()
        return answer


class Payments(RuleBasedStateMachine):
    """`app`, `bank` and `numbers` are set by the test; the database is shared by all runs, each with accounts of its own."""

    app: Flask
    numbers: Iterator[int]

    @initialize()
    def open_shop(self) -> None:
        self.traveller = time_machine.travel(BEGINS, tick=False)
        self.time = self.traveller.start()
        self.context = self.app.app_context()
        self.context.push()
        self.bank, self.fate = MortalBank(), Fate()
        self.bank.name = f"fake-{next(self.numbers)}"
        self.bank.fate = self.fate
        self.posted: list[tuple[bytes, dict[str, str]]] = []
        self.strange: set[str] = set()
        self.corrected: set[str] = set()  # strange ones of which the bank has thought better
        self.given_back: set[str] = set()  # at the bank's own desk
        self.gone: set[str] = set()  # of those: before they were credited
        self.closed: set[str] = set()  # by an operator, without money
        self.late: set[date] = set()  # days of payments that came through after the bank's own «canceled»
        gateways = self.app.extensions["gateways"]
        self.app.extensions["gateways"] = type(gateways)(gateways.mail, gateways.sms, self.bank, gateways.vault)
        for when in WHEN:
            event.listen(db.session, when, getattr(self.fate, when))
        self.payers = [self._payer() for _ in range(3)]
        self.staff = self._staff()

    # what people do

    @rule(who=WHICH, amount=SUMS, key=st.sampled_from("abcdefghijkl"), fate=st.sampled_from(SUBMITTING), death=DEATHS)
    def send_the_form(self, who: int, amount: int, key: str, fate: str, death: int | None) -> None:
        """And, unless the payment was refused or the process died, submit it to a bank that is well, ill or unwilling."""
        payer = self._one(self.payers, who)
        with self._mortal(death), contextlib.suppress(Refused):
            begun = payer.begin(amount, key)
            if fate == "declined" and begun.order.state == "created":
                self.bank.recover()
                self.bank.decline(method="begin")
            elif fate in ("deaf", "answer lost"):
                self._fall_ill(1, lost=fate == "answer lost")
            payer.submit(begun)
        if fate == "declined":
            self.bank.recover()  # it says no to what it has never heard of, and to nothing else

    @rule(who=WHICH, amount=SUMS, fate=st.sampled_from(SUBMITTING[:-1]), death=DEATHS)
    def pay_at_once(self, who: int, amount: int, fate: str, death: int | None) -> None:
        """The plain journey, from the form to the page that says «paid»."""
        self.send_the_form(who, amount, f"plain-{next(self.numbers)}", fate, death)
        if waiting := self._waiting():
            self.bank.pay(waiting[-1].id)
            self.posted.append(self.bank.notify(waiting[-1].id))
        with self._mortal(death):
            for order in self._orders("unknown", "pending"):
                paying.refresh(order.id, self.payers[0].till, "page")

    @precondition(lambda self: self._orders())
    @rule(which=WHICH, lets_go=st.sampled_from((False, False, True)), death=DEATHS)
    def look_at_the_page(self, which: int, lets_go: bool, death: int | None) -> None:
        """And, sometimes, press «Отменить» on it."""
        order, payer = self._one(self._orders(), which), self.payers[0]
        with self._mortal(death), contextlib.suppress(Refused):
            paying.refresh_if_due(order.id, payer.till)
            if lets_go:
                with unit_of_work():
                    paying.give_up(payer.visitor, order)

    @precondition(lambda self: self._orders("succeeded"))
    @rule(which=WHICH, death=DEATHS)
    def give_back(self, which: int, death: int | None) -> None:
        order = self._one(self._orders("succeeded"), which)
        with self._mortal(death), contextlib.suppress(Refused):
            with unit_of_work():
                refund = refunds.ask(self.staff[0], "192.0.2.9", order, "дважды")
            with unit_of_work():
                refunds.approve(self.staff[1], "192.0.2.9", refund)

    # what the bank does

    @precondition(lambda self: self._waiting())
    @rule(which=WHICH, what=st.sampled_from(ENDS), heard=st.booleans())
    def a_payment_ends_at_the_bank(self, which: int, what: str, heard: bool) -> None:
        """`heard`: the notification of it comes at once; else late, again and again, or never."""
        told = self._one(self._waiting(), which)
        if what == "paid":
            self.bank.pay(told.id)
        elif what == "another sum":
            self.bank.pay(told.id, amount_kop=told.amount_kop + 1)
            self.strange.add(told.key)
        else:
            (self.bank.expire if what == "expired" else self.bank.cancel)(told.id)
        self.posted.append(self.bank.notify(told.id))
        if heard:
            self._hear(self.posted[-1])

    @precondition(lambda self: self._told("succeeded"))
    @rule(which=WHICH, whole=st.booleans(), heard=st.booleans())
    def money_is_given_back_at_the_banks_own_desk(self, which: int, whole: bool, heard: bool) -> None:
        told = self._one(self._told("succeeded"), which)
        if told.refunded_kop or any(refund.payment_id == told.id for refund in self.bank.refunds.values()):
            return
        self.bank.give_back(told.id, told.amount_kop if whole else told.amount_kop - 1)
        self.given_back.add(told.key)
        if told.key not in {order.acquirer_key for order in self._orders(*PAID)}:
            self.gone.add(told.key)
        self.posted.append(self.bank.notify(told.id, "refund.succeeded"))
        if heard:
            self._hear(self.posted[-1])

    @precondition(lambda self: self._told("canceled"))
    @rule(which=WHICH, heard=st.booleans())
    def a_canceled_payment_succeeds_after_all(self, which: int, heard: bool) -> None:
        """As it does where a card's own bank answers too late. A later night finds what was not heard."""
        told = self._one(self._told("canceled"), which)
        self.bank.pay(told.id)
        assert told.created_at
        self.late.add(told.created_at.date())
        self.posted.append(self.bank.notify(told.id))
        if heard:
            self._hear(self.posted[-1])

    @precondition(lambda self: self._orders("review"))
    @rule(which=WHICH, to=st.sampled_from(("succeeded", "canceled")), corrects=st.booleans(), death=DEATHS)
    def an_operator_settles_and_the_day_is_compared(self, which: int, to: Any, corrects: bool, death: int | None) -> None:
        order = self._one(self._orders("review"), which)
        if corrects and order.acquirer_key in self.strange:
            self.bank.pay(order.acquirer_id, amount_kop=order.total_kop)
            self.strange.discard(order.acquirer_key)
            self.corrected.add(order.acquirer_key)
        with self._mortal(death), contextlib.suppress(Refused):
            told = cash_desk.ask_bank(order, self.payers[0].till)
            with unit_of_work():
                cash_desk.settle(self.staff[0], "192.0.2.9", order, to, "разобрались", told=told)
        self.closed |= {one.acquirer_key for one in self._orders("canceled") if one.id == order.id}
        self.the_day_is_compared(None)

    @rule(what=st.sampled_from(("deaf", "answers lost", "well", "slow refunds")), times=st.integers(1, 4))
    def the_bank_changes(self, what: str, times: int) -> None:
        """Its health, receipts that it has printed meanwhile, refunds that have ended one way or the other."""
        if what in ("deaf", "answers lost"):
            self._fall_ill(times, lost=what == "answers lost")
            return
        self.bank.recover()
        self.bank.slow_refunds = what == "slow refunds"
        for told in self.bank.payments.values():
            if told.state == "succeeded":
                self.bank.print_receipt(told.id)
        self._end_refunds("succeeded" if times % 2 else "canceled")

    @precondition(lambda self: self.posted)
    @rule(which=WHICH, times=st.integers(1, 3), death=DEATHS)
    def notifications_arrive(self, which: int, times: int, death: int | None) -> None:
        """Any of those ever sent, in any order, again and again; those never chosen were lost. And one that is forged."""
        with pytest.raises(Forged):
            self.bank.hear(self.posted[0][0], "192.0.2.66", self.bank.forge("p")[1])
        with self._mortal(death):
            for _ in range(times):
                self._hear(self._one(self.posted, which))

    # what happens by itself

    @rule(seconds=st.sampled_from((2, 30, 61, 301, 1_800, 5_500, 30_000, 90_000)), death=DEATHS)
    def time_passes(self, seconds: int, death: int | None) -> None:
        """And the cashier asks of what is due."""
        self.time.shift(seconds)
        with self._mortal(death):
            cashier.round_of(self.app)

    @rule(death=DEATHS)
    def the_day_is_compared(self, death: int | None) -> None:
        with self._mortal(death), contextlib.suppress(OutcomeUnknown):  # a bank that is ill breaks it off
            reconciling.reconcile(self.payers[0].till, clock.now().date())

    # what must hold whatever happens

    @invariant()
    def the_books_are_right(self) -> None:
        assert ledger.invariants() == []
        credits = db.select(LedgerEntry.order_id, LedgerEntry.kind).where(LedgerEntry.book.like("supplier:%"))
        entries = db.session.execute(credits).all()
        assert len(entries) == len(set(entries))
        db.session.rollback()

    @invariant()
    def nothing_is_credited_but_by_the_banks_word(self) -> None:
        for order in self._orders(*PAID):
            told = self.bank.of_key(order.acquirer_key)
            assert told is not None
            assert (told.state, told.amount_kop) == ("succeeded", order.total_kop)
            assert told.refunded_kop in (0, order.total_kop) or told.key in self.given_back
            assert told.key not in self.gone
            assert order.state != "refunded" or told.refunded_kop

    @invariant()
    def what_a_person_decided_stands(self) -> None:
        assert all(order.state == "canceled" for order in self._orders() if order.acquirer_key in self.closed)

    @invariant()
    def no_move_is_off_the_table(self) -> None:
        for order in self._orders():
            moves = db.select(OrderEvent.from_state, OrderEvent.to_state, OrderEvent.note).filter_by(order_id=order.id)
            chain = [row for row in db.session.execute(moves.order_by(OrderEvent.id)) if row.from_state != row.to_state]
            at = "created"
            for before, after, note in chain:
                assert before == at
                assert after in MOVES[before]
                assert ("corrected" in note) == (before in orders.UNPAID)
                at = after
            assert at == order.state
            assert len(chain) == order.version
        db.session.rollback()

    @invariant()
    def one_payment_is_open(self) -> None:
        open_ones = [(order.user_id, order.account_id) for order in self._orders(*OPEN)]
        assert len(open_ones) == len(set(open_ones))

    def teardown(self) -> None:
        """The bank is well again and every later notification is lost: the cashier alone settles all, within two days."""
        if not hasattr(self, "context"):
            return
        try:
            self.bank.recover()
            self.bank.slow_refunds = False
            self._end_refunds("succeeded")
            for hours in (0.1, 0.5, 2, 24, 24, 24):
                self.time.shift(timedelta(hours=hours))
                cashier.round_of(self.app)
            for day in sorted(self.late):
                reconciling.reconcile(self.payers[0].till, day)
            self._check_settled()
            self.what_a_person_decided_stands()
            self.the_books_are_right()
            self.nothing_is_credited_but_by_the_banks_word()
            self.no_move_is_off_the_table()
        finally:
            for when in WHEN:
                event.remove(db.session, when, getattr(self.fate, when))
            db.session.remove()
            self.context.pop()
            self.traveller.stop()

    def _check_settled(self) -> None:
        for order in self._orders():
            told = self.bank.of_key(order.acquirer_key)
            if order.acquirer_key in self.closed:
                continue
            if told is None or told.state == "canceled":
                assert order.state in orders.UNPAID, order.state
            elif told.state == "pending":
                assert order.state in ("canceled", "expired"), order.state
            elif order.acquirer_key in self.strange:
                assert order.state == "review", order.state
            elif told.key in self.gone | self.corrected:
                assert order.state in ("review", "succeeded", "refunded"), order.state
                assert order.state == "review" or told.key not in self.gone
            elif told.key in self.given_back:
                assert order.state in ("succeeded", "refunded"), order.state
            else:
                assert order.state in ("succeeded", "refunded"), order.state
                assert (order.state == "refunded") == bool(told.refunded_kop)
        ours = [order.id for order in self._orders()]
        waiting = db.select(Refund.id).where(Refund.state == "approved", Refund.order_id.in_(ours))
        assert db.session.scalars(waiting).all() == []
        db.session.rollback()

    # the means

    @contextlib.contextmanager
    def _mortal(self, death: int | None) -> Iterator[None]:
        self.fate.left = death
        try:
            yield
        except Death:
            db.session.remove()
        finally:
            self.fate.left = None

    def _fall_ill(self, times: int, *, lost: bool) -> None:
        (self.bank.lose_answers if lost else self.bank.be_deaf)(times)

    def _end_refunds(self, state: str) -> None:
        for told in list(self.bank.refunds.values()):
            if told.state == "pending":
                self.bank.settle_refund(told.id, state)

    def _hear(self, posted: tuple[bytes, dict[str, str]]) -> None:
        body, headers = posted
        with unit_of_work():
            hearing.notification(self.bank.name, self.bank.hear(body, "192.0.2.1", headers), "digest")

    def _waiting(self) -> list[Told]:
        return self._told("pending")

    def _told(self, state: str) -> list[Told]:
        return [told for told in self.bank.payments.values() if told.state == state]

    def _orders(self, *states: str) -> list[Order]:
        wanted = db.select(Order).filter_by(acquirer=self.bank.name).order_by(Order.id)
        if states:
            wanted = wanted.where(Order.state.in_(states))
        found = list(db.session.scalars(wanted.execution_options(populate_existing=True)))
        db.session.expunge_all()
        db.session.rollback()
        return found

    def _payer(self) -> Payer:
        number = next(self.numbers)
        with unit_of_work():
            account = Account(supplier="perm", number=str(number))
            db.session.add(account)
        return make_payer(self.app, account.id, f"{number}@example.ru")

    def _staff(self) -> list[Operator]:
        with unit_of_work():
            staff = [
                Operator(login=str(next(self.numbers)), name="О", suppliers=["perm"], password_hash="x", totp=b"x")
                for _ in range(2)
            ]
            for operator in staff:
                operator.created_at = BEGINS
            db.session.add_all(staff)
        return staff

    @staticmethod
    def _one(many: list, which: int):
        return many[-1 - which % len(many)]


def test_payments_survive_everything(app: Flask, bank: FakeAcquirer):
    Payments.app, Payments.numbers = app, count(59000000)
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    run_state_machine_as_test(
        Payments, settings=settings(max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    )
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Order)) > 40
        assert {one.kind for one in db.session.scalars(db.select(Discrepancy))} <= {"sum_differs", "state_differs"}

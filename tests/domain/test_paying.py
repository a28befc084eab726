"""Paying: begun once, submitted once, credited once; what the payer is told when the bank is away."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.acquiring import Heard
from mygas.domain import hearing, ledger, paying, sums
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Discrepancy, LedgerEntry, Order, OrderEvent, User
from mygas.suppliers.rules import Pay
from mygas.words import Refused
from tests.payers import Payer


@pytest.mark.parametrize(
    ("bp", "least", "amount", "on_top"),
    [
        (0, 0, 10_000, 0),
        (100, 0, 12_345, 123),
        (100, 0, 12_350, 124),  # half a kopeck goes up
        (100, 3_000, 12_345, 3_000),
        (150, 0, 100, 2),
        (149, 0, 100, 1),
    ],
)
def test_the_commission(bp, least, amount, on_top):
    assert sums.commission_kop(Pay(100, 10_000_000, "", bp, least), amount) == on_top


def test_from_the_form_to_the_ledger(payer: Payer, bank):
    begun = payer.begin(50_000)
    assert (begun.order.state, begun.resumed) == ("created", False)
    order = payer.submit(begun)
    assert (order.state, order.page) == ("pending", f"https://bank.example/{order.acquirer_id}")
    bank.pay(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "page")
    assert (order.state, order.fiscal, order.page) == ("succeeded", "pending", "")
    assert ledger.invariants() == []
    assert {(row.book, row.amount_kop) for row in db.session.scalars(db.select(LedgerEntry))} == {
        ("acquirer:fake", -50_000),
        ("supplier:perm", 50_000),
    }
    moves = [row.to_state for row in db.session.scalars(db.select(OrderEvent).order_by(OrderEvent.id))]
    assert moves == ["submitting", "pending", "succeeded"]


@pytest.mark.parametrize(
    ("amount", "words"),
    [(999, "меньше 10 руб."), (3_000_001, "больше 30\N{NO-BREAK SPACE}000 руб.")],
)
def test_a_sum_out_of_bounds(payer: Payer, amount, words):
    with pytest.raises(Refused) as refused:
        payer.begin(amount)
    assert words in refused.value.sentence % refused.value.values
    assert refused.value.field == "amount"
    assert db.session.scalars(db.select(Order)).all() == []


def test_sums_at_the_bounds_are_taken(payer: Payer):
    first = payer.begin(1_000).order
    with unit_of_work():
        paying.give_up(payer.visitor, first)
    assert payer.begin(3_000_000).order.amount_kop == 3_000_000


def test_services_must_add_up(payer: Payer):
    with pytest.raises(ValueError, match="add up"), unit_of_work():
        paying.begin(
            payer.visitor, payer.connection, payer.supplier,
            amount_kop=5_000, split=[("Газ", 4_999)], request_key="k", acquirer_name="fake",
        )  # fmt: skip


def test_the_same_form_is_the_same_payment(payer: Payer, bank):
    first = payer.begin(50_000, key="form")
    again = payer.begin(50_000, key="form")
    assert (again.order.id, again.resumed) == (first.order.id, True)
    order = payer.submit(first)
    bank.pay(order.acquirer_id)
    paying.refresh(order.id, payer.till, "page")
    assert payer.begin(50_000, key="form").order.id == first.order.id, "even when it is over"
    assert len(bank.payments) == 1


def test_the_same_form_with_other_data_is_refused(payer: Payer):
    payer.begin(50_000, key="form")
    with pytest.raises(Refused, match="уже начат с другими данными"):
        payer.begin(60_000, key="form")


def test_an_open_payment_is_resumed_by_another_form(payer: Payer, bank):
    order = payer.start(50_000)
    other = payer.begin(70_000)
    assert (other.order.id, other.order.amount_kop, other.resumed) == (order.id, 50_000, True)
    with unit_of_work():
        paying.give_up(payer.visitor, order)
    assert payer.begin(70_000).resumed is False


def test_a_submitted_payment_is_not_submitted_again(payer: Payer, bank):
    begun = payer.begin()
    page = payer.submit(begun).page
    assert payer.submit(begun).page == page
    assert len(bank.asked) == 1


def test_what_the_bank_is_told(payer: Payer, bank):
    supplier = replace(payer.supplier, pay=replace(payer.supplier.pay, commission_bp=100))
    payer = replace(payer, supplier=supplier)
    order = payer.start(50_000)
    (asked,) = bank.asked
    assert (asked.key, asked.amount_kop) == (order.acquirer_key, 50_500)
    assert sum(item.sum_kop for item in asked.items) == 50_500
    assert [item.name for item in asked.items] == ["Газоснабжение природным газом", "Комиссия"]
    assert asked.return_url == f"http://localhost/payments/{order.ref}?back=1"
    assert (asked.buyer, asked.account_number) == ("payer@example.ru", "59000001")
    assert asked.payee.account == payer.supplier.bank.account
    bank.pay(order.acquirer_id)
    paying.refresh(order.id, payer.till, "page")
    books = {row.book: row.amount_kop for row in db.session.scalars(db.select(LedgerEntry))}
    assert books == {"acquirer:fake": -50_500, "supplier:perm": 50_000, "commission": 500}


def test_fiscal_receipts_go_to_the_login_that_the_payer_began_with(payer: Payer, bank):
    """However often the bank is asked, and whatever his login is by then: he compares what is repeated."""
    begun = payer.begin()
    with unit_of_work():
        db.session.get_one(User, payer.connection.user_id).login = "other@example.ru"
    payer.submit(begun)
    assert bank.asked[-1].buyer == "payer@example.ru"


def test_a_refusal_of_the_bank_ends_the_payment(payer: Payer, bank):
    bank.decline("payment_method_restricted")
    order = payer.start()
    assert (order.state, order.reason, order.ask_at) == ("failed", "payment_method_restricted", None)
    assert payer.begin().resumed is False


@pytest.mark.parametrize("told", [{"amount_kop": 49_999}, {"amount_kop": 50_001}, {"currency": "USD"}, {"key": "another"}])
def test_a_strange_answer_credits_nothing_and_waits_for_people(payer: Payer, bank, told):
    order = payer.start(50_000)
    bank.pay(order.acquirer_id, **told)
    order = paying.refresh(order.id, payer.till, "page")
    assert (order.state, order.ask_at) == ("review", None)
    assert db.session.scalars(db.select(LedgerEntry)).all() == []
    assert ledger.invariants() == []


def test_a_payment_under_review_is_credited_when_the_bank_corrects_itself(payer: Payer, bank):
    order = payer.start(50_000)
    bank.pay(order.acquirer_id, amount_kop=1)
    paying.refresh(order.id, payer.till, "page")
    bank.pay(order.acquirer_id, amount_kop=50_000)
    assert paying.refresh(order.id, payer.till, "operator").state == "succeeded"
    assert ledger.invariants() == []


@pytest.mark.parametrize(("reason", "ours"), [("expired_on_confirmation", "expired"), ("card_expired", "canceled")])
def test_the_bank_says_that_it_is_over(payer: Payer, bank, reason, ours):
    order = payer.start()
    bank.cancel(order.acquirer_id, reason)
    order = paying.refresh(order.id, payer.till, "page")
    assert (order.state, order.reason, order.page, order.ask_at) == (ours, reason, "", None)


def test_a_payment_cannot_be_let_go_while_the_bank_may_be_doing_it(payer: Payer, bank):
    bank.lose_answers()
    order = payer.start()
    assert order.state == "unknown"
    with pytest.raises(Refused, match="нельзя отменить"), unit_of_work():
        paying.give_up(payer.visitor, order)


def test_what_was_let_go_and_paid_yet_is_credited(payer: Payer, bank):
    order = payer.start()
    with unit_of_work():
        paying.give_up(payer.visitor, order)
    bank.pay(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "cashier")
    assert order.state == "succeeded"
    assert db.session.scalars(db.select(OrderEvent.note).filter_by(to_state="succeeded")).all() == ["corrected"]
    assert ledger.invariants() == []


def test_the_payers_page_asks_in_a_rhythm(payer: Payer, bank):
    order = payer.start()
    before, began = bank.questions, clock.now()
    for second in range(300):
        with time_machine.travel(began + timedelta(seconds=second), tick=False):
            paying.refresh_if_due(order.id, payer.till)
    assert 10 + 24 + 4 <= bank.questions - before <= 10 + 24 + 6, "every 3 s for 30 s, every 5 s for 2 min, then every 30 s"


def test_a_page_does_not_ask_while_the_bank_is_being_told(payer: Payer, bank):
    bank.break_down()
    with pytest.raises(RuntimeError):
        payer.start()
    (order,) = db.session.scalars(db.select(Order))
    with time_machine.travel(clock.now() + timedelta(seconds=10)):
        assert paying.refresh_if_due(order.id, payer.till).state == "submitting"
    assert len(bank.asked) == 0
    with time_machine.travel(clock.now() + timedelta(seconds=70)):
        assert paying.refresh_if_due(order.id, payer.till).state == "pending"


def hear(bank, order: Order) -> None:
    body, headers = bank.notify(order.acquirer_id)
    with unit_of_work():
        hearing.notification(bank.name, bank.hear(body, "192.0.2.1", headers), "digest")


def test_a_notification_credits_nothing_and_makes_the_cashier_ask(payer: Payer, bank):
    order = payer.start()
    bank.pay(order.acquirer_id)
    assert paying.due(bank.name) == []
    for _ in range(3):
        hear(bank, order)
    db.session.refresh(order)
    assert order.state == "pending"
    assert paying.due(bank.name) == [order.id]
    (event,) = db.session.scalars(db.select(OrderEvent).filter_by(source=bank.name))
    assert (event.order_id, event.from_state, event.to_state, event.digest) == (order.id, "pending", "pending", "digest")
    db.session.rollback()
    assert paying.refresh_due(order.id, payer.till).state == "succeeded"
    assert paying.refresh_due(order.id, payer.till) is None, "it is not due any more"


def test_a_notification_that_comes_while_the_bank_is_asked_is_not_lost(payer: Payer, bank, monkeypatch):
    """The answer may be older than the news: what the news wants stands."""
    order = payer.start()
    ask = bank.ask

    def ask_while_news_come(payment_id: str):
        answer = ask(payment_id)
        bank.pay(payment_id)
        hear(bank, order)
        return answer

    monkeypatch.setattr(bank, "ask", ask_while_news_come)
    assert paying.refresh(order.id, payer.till, "page").state == "pending"
    assert paying.due(bank.name) == [order.id]


def test_a_notification_of_a_strange_payment_is_not_kept(payer: Payer, bank):
    with unit_of_work():
        hearing.notification(bank.name, Heard("payment.succeeded:x", "x", "payment.succeeded"), "digest")
    assert list(db.session.scalars(db.select(OrderEvent))) == []


def test_orders_of_an_account_and_of_a_user(payer: Payer, bank):
    order = payer.start()
    assert paying.of_user(order.user_id, order.ref).id == order.id
    assert paying.of_user(order.user_id + 1, order.ref) is None
    assert [one.id for one in paying.of_account(order.account_id)] == [order.id]
    assert paying.of_account(order.account_id, user_id=order.user_id + 1) == []


def test_the_bank_takes_back_what_had_succeeded(payer: Payer, bank, caplog):
    """It never should; the ledger stands, and the nightly comparison makes it a task."""
    bank.fiscal = False
    order = payer.start()
    bank.pay(order.acquirer_id)
    paying.refresh(order.id, payer.till, "page")
    bank.cancel(order.acquirer_id)
    assert paying.refresh(order.id, payer.till, "page").state == "succeeded"
    assert "takes back" in caplog.text
    assert ledger.invariants() == []


def test_what_was_paid_late_and_given_back_already_waits_for_people(payer: Payer, bank):
    order = payer.start()
    bank.expire(order.acquirer_id)
    assert paying.refresh(order.id, payer.till, "page").state == "expired"
    bank.pay(order.acquirer_id)
    bank.give_back(order.acquirer_id, 50_000)
    assert paying.refresh(order.id, payer.till, "page").state == "review"
    assert db.session.scalars(db.select(LedgerEntry)).all() == []


@pytest.mark.parametrize(("kopecks", "theirs"), [(49_999, "partly refunded 499,99"), (50_000, "refunded")])
def test_money_given_back_past_the_portal_becomes_a_task_as_soon_as_it_is_heard_of(payer: Payer, bank, kopecks, theirs):
    order = payer.start()
    bank.pay(order.acquirer_id)
    paying.refresh(order.id, payer.till, "page")
    bank.give_back(order.acquirer_id, kopecks)
    for moment in range(2):
        with unit_of_work():
            heard = Heard(f"refund.succeeded:r{moment}", order.acquirer_id, "refund.succeeded")
            hearing.notification(bank.name, heard, "digest")
        assert paying.refresh_due(order.id, payer.till).state == "succeeded", "people decide"
    (task,) = db.session.scalars(db.select(Discrepancy))
    assert (task.kind, task.ours, task.theirs, task.supplier) == ("state_differs", "succeeded", theirs, "perm")


@pytest.mark.parametrize(
    ("hours", "counts"),
    [(1.5, True), (0, True), (-23, True), (-25, False), (10, False), (None, False)],
    ids=["later", "at once", "clocks apart", "before the payment", "in the future", "no word"],
)
def test_paid_is_when_he_paid_and_not_when_we_heard(payer: Payer, bank, hours, counts):
    with time_machine.travel(clock.now(), tick=False) as time:
        began = clock.now()
        order = payer.start()
        told = None if hours is None else began + timedelta(hours=hours)
        bank.pay(order.acquirer_id, paid_at=told)
        time.shift(timedelta(hours=8))
        order = paying.refresh(order.id, payer.till, "cashier")
        assert order.paid_at == (told if counts else clock.now())


def test_the_address_of_a_page_may_be_long(payer: Payer, bank):
    bank.pages = ("https://bank.example/" + "x" * 1_900,)
    order = payer.start()
    assert order.page == f"{bank.pages[0]}/{order.acquirer_id}"

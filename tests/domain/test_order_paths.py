"""Where a payment is, step by step, and what the account's balance does not know of it yet."""

from datetime import date

from mygas import clock
from mygas.domain import order_paths, paying
from mygas.domain.unbooked import unbooked_kop
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Dispatch, Order, Payment, Registry
from tests.payers import Payer


def reached(order: Order) -> list[str]:
    return [step.name for step in order_paths.path(order) if step.at]


def unbooked(account_id: int) -> int:
    """By the id alone, and as a column of another query."""
    told = db.session.execute(db.select(unbooked_kop(account_id), unbooked_kop(Account.id)).where(Account.id == account_id)).one()
    assert told[0] == told[1]
    return told[0]


def book(order: Order, state: str, sum_kop: int) -> None:
    """A registry of the supplier that tells of the payment."""
    with unit_of_work():
        now = clock.now()
        registry = Registry(supplier="perm", digest=f"{now:%f}{state}", state=state, rows={}, started_at=now, completed_at=now)
        db.session.add(registry)
        db.session.flush()
        db.session.add(
            Payment(
                account_id=order.account_id,
                number="B1",
                registry_id=registry.id,
                paid_on=date(2026, 11, 20),
                sum_kop=sum_kop,
                source="Мой газ",
                portal_number=str(order.id),
            )
        )


def test_a_payment_walks_its_path_and_leaves_the_overlay_when_booked(payer: Payer, bank):
    order = payer.start(50_000)
    account_id = order.account_id
    assert reached(order) == ["created"]
    assert unbooked(account_id) == 0
    bank.pay(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "page")
    assert reached(order) == ["created", "paid"]
    assert [step.name for step in order_paths.path(order)] == ["created", "paid", "receipt", "sent", "booked"]
    assert unbooked(account_id) == 50_000
    bank.print_receipt(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "page")
    assert order_paths.path(order)[2].number == order.fiscal_id != ""
    assert reached(order) == ["created", "paid", "receipt"]
    with unit_of_work():
        sent = Dispatch(supplier="perm", kind="payments", number=7, rows=1, total=50_000, digest="", made_at=clock.now())
        db.session.add(sent)
        db.session.flush()
        db.session.execute(db.update(Order).where(Order.id == order.id).values(dispatch_id=sent.id))
    db.session.refresh(order)
    assert order_paths.path(order)[3].number == "7"
    book(order, "loading", 50_000)
    assert reached(order) == ["created", "paid", "receipt", "sent"], "a registry that is being loaded tells nothing"
    assert unbooked(account_id) == 50_000
    book(order, "complete", 50_000)
    assert reached(order) == ["created", "paid", "receipt", "sent", "booked"]
    assert unbooked(account_id) == 0


def test_no_receipt_is_awaited_where_none_is_made(payer: Payer, bank):
    bank.fiscal = False
    order = payer.start()
    bank.pay(order.acquirer_id)
    order = paying.refresh(order.id, payer.till, "page")
    assert [step.name for step in order_paths.path(order)] == ["created", "paid", "sent", "booked"]
    assert order.ask_at is None

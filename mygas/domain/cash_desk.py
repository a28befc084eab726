"""Payments as operators see them: found by number, with all that was heard of each; those that a person must decide."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement

from mygas.acquiring import OutcomeUnknown, Told
from mygas.domain import answers, audit, order_letters, orders
from mygas.domain.operators import within
from mygas.domain.paying import Till
from mygas.extensions import db
from mygas.models import Operator, Order, OrderEvent
from mygas.words import N_, Refused

_SETTLED = N_("Этот платёж уже разобран.")
_SILENT = N_("Банк сейчас не отвечает. Запишите решение, когда он скажет, что с этим платежом: попробуйте через несколько минут.")
_NOT_TAKEN = N_("Зачислить нельзя: банк не подтверждает, что получил ровно сумму этого платежа и не возвращал её.")


def of_ref(operator: Operator, ref: str) -> Order | None:
    """The payment of that ref with its account, if it is to one of the operator's suppliers."""
    return _one(operator, Order.ref == ref)


def of_number(operator: Operator, number: int) -> Order | None:
    """The payment that people know by that number, if it is to one of the operator's suppliers."""
    return _one(operator, Order.id == number)


def newest(operator: Operator, state: str = "", before: int | None = None, limit: int = 50) -> list[Order]:
    """Payments to the operator's suppliers with their accounts, newest first; `before` is the number of the last one shown."""
    query = db.select(Order).options(db.joinedload(Order.account)).where(within(operator, Order.supplier))
    if state:
        query = query.where(Order.state == state)
    if before is not None:
        query = query.where(Order.id < before)
    return list(db.session.scalars(query.order_by(Order.id.desc()).limit(limit)))


def events(order_id: int) -> Sequence[OrderEvent]:
    """All that was heard or done of a payment, in order."""
    return db.session.scalars(db.select(OrderEvent).filter_by(order_id=order_id).order_by(OrderEvent.id)).all()


def names(operator_ids: Iterable[int | None]) -> dict[int, str]:
    """Operators by name."""
    wanted = {one for one in operator_ids if one is not None}
    found = db.session.execute(db.select(Operator.id, Operator.name).where(Operator.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in found}


def ask_bank(order: Order, till: Till | None) -> Told | None:
    """What the acquirer says of the payment now, before it is settled; outside any transaction. None when he says nothing."""
    payment_id, is_his = order.acquirer_id, till is not None and till.acquirer.name == order.acquirer
    db.session.rollback()
    if till is None or payment_id is None or not is_his:
        return None
    try:
        return till.acquirer.ask(payment_id)
    except OutcomeUnknown:
        return None


def note_look(operator: Operator, ip: str, order: Order) -> None:
    """Write down that the operator saw a payment of the account: the payer reads so in his journal."""
    if audit.is_new_look("payment.view", operator, order.account_id):
        audit.by_operator("payment.view", operator, ip, user_id=order.user_id, account_id=order.account_id, order=order.id)


def settle(
    operator: Operator, ip: str, order: Order, to: Literal["succeeded", "canceled"], note: str, *, told: Told | None
) -> None:
    """Decide what the acquirer's word left open: the money is here, or it was given back at the acquirer. Audited; the payer is
    told of it. `told` is what ask_bank has just heard.

    Raises Refused when it is decided already, and when the acquirer does not say what the decision needs: one person alone makes
    no money.
    """
    held = orders.hold(order.id)
    if held.state != "review" or held.supplier not in operator.suppliers:
        raise Refused(_SETTLED)
    if told is None and held.acquirer_id is not None:
        raise Refused(_SILENT)
    if to == "canceled":
        changes: dict[str, Any] = {"reason": "returned" if told and told.state == "succeeded" else ""}
    elif told is not None and told.state == "succeeded" and not answers.difference(held, told):
        changes = {"paid_at": answers.paid_at(held, told)}
    else:
        raise Refused(_NOT_TAKEN)
    orders.move(held, to, source="operator", note=note, asked=True, ask_at=None, **changes)
    order_letters.tell(held, "review")
    audit.by_operator(
        "payment.settle", operator, ip, user_id=held.user_id, account_id=held.account_id, order=held.id, to=to, note=note
    )


def _one(operator: Operator, wanted: ColumnElement[bool]) -> Order | None:
    query = db.select(Order).options(db.joinedload(Order.account)).where(within(operator, Order.supplier), wanted)
    return db.session.scalars(query).one_or_none()

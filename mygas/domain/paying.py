"""Paying: paid once, credited once, and the payer always knows where his money is (promises.md §6.2).

An order is committed before the acquirer hears of it, and asked about until he says how it ended.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import ColumnElement, update

from mygas import clock
from mygas.acquiring import Acquirer, Asked, Declined, Item, OutcomeUnknown, Payee, Told
from mygas.domain import answers, audit, open_cabinet, orders, outages, sums
from mygas.domain.asking_times import KEY_LIVES, LEASE, page_pause
from mygas.domain.visitors import Visitor
from mygas.domain.work import insert_or_update, unit_of_work
from mygas.extensions import db
from mygas.models import Connection, Order
from mygas.models.types import new_ref
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

Split = list[tuple[str, int]]
"""What the sum is for: (service, kopecks) pairs."""

_OTHER_DATA = N_("Этот платёж уже начат с другими данными. Откройте его в списке платежей или начните новый.")
_NOT_YOURS = N_("Этот счёт отключён от Вашего кабинета, платёж не начат.")
_GONE_ON = N_("Этот платёж уже нельзя отменить: банк ещё не ответил или платёж завершён.")
_UNHEARD = N_(
    "Банк сейчас не отвечает, и не видно, списаны ли деньги. Отказаться можно, когда он ответит: попробуйте через минуту."
)
ABANDONED = timedelta(minutes=90)  # after which a payment that the acquirer never heard of is over


@dataclass(frozen=True)
class Till:
    """касса: the acquirer, and what he must be told besides the order."""

    acquirer: Acquirer
    suppliers: Mapping[str, Supplier]
    public_url: str


@dataclass(frozen=True)
class Begun:
    """`resumed`: the order was there before, begun by the same form or still open; its sum may be another one."""

    order: Order
    resumed: bool


def begin(
    visitor: Visitor,
    connection: Connection,
    supplier: Supplier,
    *,
    amount_kop: int,
    split: Split,
    request_key: str,
    acquirer_name: str,
) -> Begun:
    """Write the order, inside a unit of work; or find it: `request_key` names the form that is sent, however often.

    Raises Refused on the field `amount` for a sum out of the supplier's bounds, when the same form had other data, and when
    the account is no longer the user's.
    """
    order = known(connection, supplier, amount_kop=amount_kop, split=split, request_key=request_key)
    now = clock.now()
    mine = {"user_id": connection.user_id, "account_id": connection.account_id}
    request_hash = _hash(connection, amount_kop, split)
    new = {
        **mine, "ref": new_ref(), "supplier": supplier.slug, "amount_kop": amount_kop, "split": [list(one) for one in split],
        "commission_kop": sums.commission_kop(supplier.pay, amount_kop), "request_key": request_key,
        "request_hash": request_hash, "acquirer": acquirer_name, "acquirer_key": new_ref(),
        "buyer": open_cabinet.hold(connection.user_id),
        "created_at": now, "updated_at": now, "ask_at": now + ABANDONED,
    }  # fmt: skip
    if order is None:
        _hold_live(connection)
    while order is None:
        order_id = db.session.scalar(insert_or_update(Order).values(**new).on_conflict_do_nothing().returning(Order.id))
        if order_id is not None:
            audit.by_user("pay.begin", visitor, account_id=connection.account_id, order=order_id)
            return Begun(db.session.get_one(Order, order_id), resumed=False)
        order = _by_key(connection.user_id, request_key) or open_of(connection)  # None: it was closed this very moment
    if order.request_key == request_key and order.request_hash != request_hash:
        raise Refused(_OTHER_DATA)
    return Begun(order, resumed=True)


def known(connection: Connection, supplier: Supplier, *, amount_kop: int, split: Split, request_key: str) -> Order | None:
    """The order that the same form has begun before, None for a new one. Raises Refused as `begin` does, before anything is
    written; and while payments are off, for a new one alone."""
    if sum(kopecks for _, kopecks in split) != amount_kop:
        raise ValueError("the services do not add up to the sum")
    sums.check_bounds(supplier.pay, amount_kop)
    order = _by_key(connection.user_id, request_key)
    if order is None:
        outages.check("pay", supplier)
    elif order.request_hash != _hash(connection, amount_kop, split):
        raise Refused(_OTHER_DATA)
    return order


def submit(order_id: int, till: Till) -> Order:
    """Tell the acquirer of a new order; outside any transaction. One that is not new is answered as it is.

    The order comes back pending with the payer's `page`, unknown when no answer came, failed when the acquirer refuses.
    """
    with unit_of_work():
        order = orders.hold(order_id)
        if order.state != "created":
            return order
        orders.move(order, "submitting", source="portal", ask_at=clock.now() + LEASE)
        asked, leased = _asked(order, till), order.ask_at
    return _settle(order_id, lambda: till.acquirer.begin(asked), "portal", leased)


def refresh(order_id: int, till: Till, source: str) -> Order:
    """Ask the acquirer now, outside any transaction, and do as he says. `source` is who wants to know."""
    return _refresh(order_id, till, source) or orders.find(order_id)


def refresh_if_due(order_id: int, till: Till) -> Order:
    """For the payer's own page: as `refresh`, but every 3 s at most for half a minute, every 5 s for two, then slower."""
    order = orders.find(order_id)
    waited = clock.now() - order.updated_at
    if order.ask_at is None or order.state == "created" or waited < page_pause(order.asks):
        return order
    if order.state == "submitting" and waited < LEASE:  # the acquirer is being told just now
        return order
    return _refresh(order_id, till, "page", Order.asks == order.asks) or orders.find(order_id)


def refresh_due(order_id: int, till: Till) -> Order | None:
    """For the cashier: ask if the order is still due, and nobody else asks; None when it is not."""
    return _refresh(order_id, till, "cashier", Order.ask_at <= clock.now())


def due(acquirer_name: str, limit: int = 100) -> list[int]:
    """Orders of which the acquirer is to be asked by now, longest due first."""
    waiting = db.select(Order.id).where(Order.ask_at <= clock.now(), Order.acquirer == acquirer_name)
    return list(db.session.scalars(waiting.order_by(Order.ask_at).limit(limit)))


def let_go(visitor: Visitor, order_id: int, till: Till | None) -> None:
    """The payer says that he will not pay; outside any transaction, for the acquirer is asked first: he may have the money.

    Raises Refused when the acquirer does not answer, and once the payment cannot be let go.
    """
    if orders.find(order_id).state == "pending":
        try:
            heard = till and _refresh(order_id, till, "user", Order.state == "pending", insist=True)
        except OutcomeUnknown:
            heard = None
        if heard is None and orders.find(order_id).state == "pending":
            raise Refused(_UNHEARD)
    with unit_of_work():
        give_up(visitor, orders.find(order_id))


def give_up(visitor: Visitor, order: Order) -> None:
    """The payer lets the payment go, inside a unit of work. The acquirer is asked on: what is paid yet is credited yet.

    Raises Refused once it cannot be let go.
    """
    order = orders.hold(order.id)
    if order.state not in ("created", "pending"):
        raise Refused(_GONE_ON)
    heard = order.state == "pending"
    orders.move(order, "canceled", source="user", reason="given-up", ask_at=clock.now() if heard else None)
    audit.by_user("pay.give-up", visitor, account_id=order.account_id, order=order.id)


def of_user(user_id: int, ref: str) -> Order | None:
    """The user's own order of that ref, with its account."""
    mine = db.select(Order).options(db.joinedload(Order.account)).filter_by(ref=ref, user_id=user_id)
    return db.session.scalars(mine).one_or_none()


def of_account(account_id: int, limit: int = 12, user_id: int | None = None, before: int | None = None) -> list[Order]:
    """The account's orders, newest first; only those of the user where one is named. `before` is the last one shown."""
    wanted = [Order.account_id == account_id] + ([Order.user_id == user_id] if user_id is not None else [])
    wanted += [Order.id < before] if before is not None else []
    return list(db.session.scalars(db.select(Order).where(*wanted).order_by(Order.id.desc()).limit(limit)))


def items(order: Order) -> tuple[Item, ...]:
    """The lines of its fiscal receipt."""
    lines = [Item(service, kopecks) for service, kopecks in order.split]
    return tuple([*lines, Item("Комиссия", order.commission_kop)] if order.commission_kop else lines)


def _hash(connection: Connection, amount_kop: int, split: Split) -> str:
    """What tells one payment from another under the same request key."""
    return sha256(json.dumps([connection.account_id, amount_kop, split], ensure_ascii=False).encode()).hexdigest()


def _hold_live(connection: Connection) -> None:
    """Keep the connection from ending until the order is written: who disconnects meanwhile finds either a payment that goes
    on, or none. Raises Refused when it has ended."""
    live = db.select(Connection.id).where(Connection.id == connection.id, Connection.ended_at.is_(None))
    if db.session.scalar(live.with_for_update(read=True)) is None:
        raise Refused(_NOT_YOURS)


def _by_key(user_id: int, request_key: str) -> Order | None:
    return db.session.scalars(db.select(Order).filter_by(user_id=user_id, request_key=request_key)).one_or_none()


def open_of(connection: Connection) -> Order | None:
    """The payment of its user to its account that is not over yet."""
    mine = db.select(Order).filter_by(user_id=connection.user_id, account_id=connection.account_id)
    return db.session.scalars(mine.where(Order.state.in_(orders.OPEN))).one_or_none()


def _refresh(order_id: int, till: Till, source: str, *only: ColumnElement[bool], insist: bool = False) -> Order | None:
    """Take the order for as long as a question may last, ask, and do as the answer says; None when it is not to be had.

    Raises OutcomeUnknown to who must `insist` on an answer; that there was none is noted all the same.
    """
    now = clock.now()
    taken = (
        update(Order)
        .where(Order.id == order_id, Order.acquirer == till.acquirer.name, *only)
        .values(ask_at=now + LEASE, asks=Order.asks + 1, updated_at=now)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    with unit_of_work():
        order = db.session.scalars(taken).one_or_none()
        if order is None:
            return None
        if order.state == "created":
            # nobody submitted it, so the acquirer has never heard of it
            orders.move(order, "canceled", source="cashier", reason="abandoned", ask_at=None)
            return order
        leased = order.ask_at
    question = _question(order, till)  # a fault here leaves the lease: the others are not kept waiting
    db.session.rollback()
    return _settle(order_id, question, source, leased, insist=insist)


def _question(order: Order, till: Till) -> Callable[[], Told | None]:
    """How to learn of the payment: by its id; by repeating what may not have been heard; by the register when that is too old."""
    acquirer, key, begun_at = till.acquirer, order.acquirer_key, order.created_at
    if order.acquirer_id is not None:
        return partial(acquirer.ask, order.acquirer_id)
    if order.state in ("submitting", "unknown") and clock.now() - begun_at < KEY_LIVES:
        return partial(acquirer.begin, _asked(order, till))
    span = (begun_at - timedelta(hours=1), begun_at + timedelta(days=1))
    return lambda: next((told for told in acquirer.register(*span) if told.key == key), None)


def _settle(
    order_id: int, question: Callable[[], Told | None], source: str, leased: datetime | None, *, insist: bool = False
) -> Order:
    """Ask with no transaction open. An error of ours leaves the order as it is, to be asked about when the lease is over."""
    try:
        answer = question()
    except OutcomeUnknown:
        order = answers.nothing(order_id, source, leased)
        if insist:
            raise
        return order
    except Declined as no:
        return answers.refused(order_id, no, source)
    return answers.told(order_id, answer, source, leased) if answer else answers.never_heard_of(order_id, source)


def _asked(order: Order, till: Till) -> Asked:
    """The same for the same order, however often it is repeated: the acquirer compares."""
    supplier, account = till.suppliers[order.supplier], order.account
    begun_on = order.created_at.astimezone(supplier.time_zone)
    return Asked(
        key=order.acquirer_key,
        amount_kop=order.total_kop,
        description=f"Оплата газа, лицевой счёт {account.number}, платёж № {order.id}",
        return_url=f"{till.public_url}/payments/{order.ref}?back=1",
        buyer=order.buyer,
        items=items(order),
        payee=Payee(supplier.legal_name, supplier.inn, supplier.kpp, *astuple(supplier.bank)),
        account_number=account.number,
        period=begun_on.year * 100 + begun_on.month,
    )

"""Registries that leave for the supplier's billing: what is in each, numbered from 1 per supplier and kind. A row leaves once.

A replaced reading that had left stays in its file, and its correction leaves in a later one; one that had not, never leaves.
A refund leaves, with a minus, only where the payment itself had left. exchange.dispatching makes bytes of them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, select, update
from sqlalchemy.orm import aliased

from mygas import clock
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db
from mygas.models import Account, Dispatch, Meter, Order, Refund, SentReading
from mygas.words import N_, Refused

__all__ = ["KINDS", "Dispatch", "Kind", "LeavingPayment", "LeavingReading", "find", "listed", "make", "rows", "seal", "unsealed",
           "waiting"]  # fmt: skip

Kind = Literal["readings", "payments"]
KINDS: tuple[Kind, ...] = ("readings", "payments")
PAGE = 1000
"""Rows read at a time: a file of any length takes the same memory."""


@dataclass(frozen=True)
class LeavingReading:
    """A row of a registry of readings. `replaces` is the number of the reading it corrects that the supplier has been told of."""

    id: int
    account: str
    serial: str
    taken_on: date
    value_milli: int
    period: int
    replaces: int | None
    rolled_over: bool
    sent_at: datetime


@dataclass(frozen=True)
class LeavingPayment:
    """A row of a registry of payments: kopecks; a refund has the number of its payment and a minus.

    `id` orders the rows of one kind; `split` are [service, kopecks] pairs of the payment.
    """

    id: int
    number: int
    account: str
    at: datetime
    sum_kop: int
    split: Sequence[Sequence[Any]]
    acquirer: str
    acquirer_id: str
    refund: bool


def make(supplier_slug: str, kind: Kind) -> Dispatch:
    """Put all that waits into a new registry; in a unit of work, which should write it down in the audit too.

    The bytes are not there yet: `digest` is empty until exchange.dispatching has written them once. Raises Refused when
    nothing waits.
    """
    if not _count(supplier_slug, kind):
        raise Refused(N_("Передавать нечего: всё уже в прежних реестрах."))
    row = _numbered(supplier_slug, kind)
    taken = sum(rows_changed(statement) for statement in _takings(row))
    if not taken:
        raise Refused(N_("Передавать нечего: всё уже в прежних реестрах."))
    row.rows, row.total = taken, _total(row)
    db.session.flush()
    return row


def waiting(supplier_slugs: Collection[str]) -> dict[tuple[str, Kind], int]:
    """How many rows of each supplier and kind have not left yet."""
    return {(slug, kind): _count(slug, kind) for slug in sorted(supplier_slugs) for kind in KINDS}


def listed(supplier_slugs: Collection[str], kind: Kind | None = None, limit: int = 50) -> list[Dispatch]:
    """Registries of these suppliers, newest first."""
    query = select(Dispatch).where(Dispatch.supplier.in_(supplier_slugs))
    if kind is not None:
        query = query.where(Dispatch.kind == kind)
    return list(db.session.scalars(query.order_by(Dispatch.id.desc()).limit(limit)))


def find(supplier_slug: str, kind: Kind, number: int) -> Dispatch | None:
    """The registry of that number."""
    return db.session.scalar(select(Dispatch).filter_by(supplier=supplier_slug, kind=kind, number=number))


def unsealed(supplier_slug: str) -> list[Dispatch]:
    """Registries whose bytes were never written: who made them was killed before."""
    return list(db.session.scalars(select(Dispatch).filter_by(supplier=supplier_slug, digest="").order_by(Dispatch.id)))


def seal(dispatch_id: int, digest: str) -> None:
    """Remember the SHA-256 of the bytes, once; in a unit of work."""
    unknown = update(Dispatch).where(Dispatch.id == dispatch_id, Dispatch.digest == "")
    rows_changed(unknown.values(digest=digest).execution_options(synchronize_session="fetch"))


def rows(dispatch: Dispatch) -> Iterator[LeavingReading | LeavingPayment]:
    """What is in the registry, in an order that never changes; PAGE rows at a time."""
    if dispatch.kind == "readings":
        yield from _paged(_readings(dispatch.id), SentReading.id, LeavingReading)
    else:
        yield from _paged(_payments(dispatch.id), Order.id, LeavingPayment)
        yield from _paged(_refunds(dispatch.id), Refund.id, LeavingPayment)


def _numbered(supplier_slug: str, kind: Kind) -> Dispatch:
    """A registry with the next number. Of two made at once PostgreSQL lets one wait, and gives it the number after."""
    while True:
        last = select(func.max(Dispatch.number)).where(Dispatch.supplier == supplier_slug, Dispatch.kind == kind)
        number = (db.session.scalar(last) or 0) + 1
        row = Dispatch(supplier=supplier_slug, kind=kind, number=number, rows=0, total=0, digest="", made_at=clock.now())
        try:
            with refused_if_taken("uq_dispatch_supplier_kind_number", Refused(N_("Реестр с этим номером уже есть."))):
                db.session.add(row)
        except Refused:
            continue
        return row


def _takings(row: Dispatch) -> list[Any]:
    """The statements that put what waits into the registry; each row is taken by one statement, or by nobody.

    Refunds go first: theirs are payments that had left before.
    """
    of = {"readings": (SentReading,), "payments": (Refund, Order)}[row.kind]
    changes = {"dispatch_id": row.id}
    silent = {"synchronize_session": False}
    return [update(one).where(*_is_waiting(one, row.supplier)).values(changes).execution_options(**silent) for one in of]


def _is_waiting(model: Any, supplier_slug: str) -> list[ColumnElement[bool]]:
    here = [model.supplier == supplier_slug, model.dispatch_id.is_(None)]
    if model is SentReading:
        return [*here, SentReading.replaced_at.is_(None)]
    if model is Order:
        return [*here, Order.state == literal("succeeded", literal_execute=True)]  # as the index ix_pay_order_waiting has it
    left = select(Order.id).where(Order.id == Refund.order_id, Order.dispatch_id.is_not(None)).exists()
    return [*here, Refund.state == "done", left]


def _count(supplier_slug: str, kind: Kind) -> int:
    of: tuple[Any, ...] = (SentReading,) if kind == "readings" else (Refund, Order)
    counts = [select(func.count()).select_from(one).where(*_is_waiting(one, supplier_slug)).scalar_subquery() for one in of]
    return int(db.session.scalar(select(sum(counts[1:], counts[0]))) or 0)


def _total(row: Dispatch) -> int:
    """The control total: thousandths of m³, or kopecks paid less those given back."""

    def total(amount: Any, of: Any) -> int:
        return int(db.session.scalar(select(func.coalesce(func.sum(amount), 0)).where(of.dispatch_id == row.id)) or 0)

    if row.kind == "readings":
        return total(SentReading.value_milli, SentReading)
    refunded = select(func.coalesce(func.sum(Order.amount_kop), 0)).join(Refund, Refund.order_id == Order.id)
    return total(Order.amount_kop, Order) - int(db.session.scalar(refunded.where(Refund.dispatch_id == row.id)) or 0)


def _paged(query: Select[Any], key: Any, shape: type[Any]) -> Iterator[Any]:
    last = 0
    while page := db.session.execute(query.where(key > last).order_by(key).limit(PAGE)).mappings().all():
        yield from (shape(**row) for row in page)
        last = page[-1]["id"]


def _readings(dispatch_id: int) -> Select[Any]:
    """A correction names the newest reading of the same meter and month that had left before it."""
    earlier = aliased(SentReading)
    replaces = select(func.max(earlier.id)).where(
        earlier.account_id == SentReading.account_id,
        earlier.meter_id == SentReading.meter_id,
        earlier.period == SentReading.period,
        earlier.id < SentReading.id,
        earlier.dispatch_id.is_not(None),
    )
    return (
        select(
            SentReading.id, Account.number.label("account"), Meter.serial, SentReading.taken_on, SentReading.value_milli,
            SentReading.period, replaces.scalar_subquery().label("replaces"), SentReading.rolled_over, SentReading.sent_at,
        )
        .join(Account, Account.id == SentReading.account_id)
        .join(Meter, Meter.id == SentReading.meter_id)
        .where(SentReading.dispatch_id == dispatch_id)
    )  # fmt: skip


def _payments(dispatch_id: int) -> Select[Any]:
    paid_at = func.coalesce(Order.paid_at, Order.created_at)
    return (
        select(
            Order.id, Order.id.label("number"), Account.number.label("account"), paid_at.label("at"),
            Order.amount_kop.label("sum_kop"), Order.split, Order.acquirer, Order.acquirer_id, literal(False).label("refund"),
        )
        .join(Account, Account.id == Order.account_id)
        .where(Order.dispatch_id == dispatch_id)
    )  # fmt: skip


def _refunds(dispatch_id: int) -> Select[Any]:
    return (
        select(
            Refund.id, Order.id.label("number"), Account.number.label("account"), Refund.done_at.label("at"),
            (-Order.amount_kop).label("sum_kop"), Order.split, Order.acquirer, Refund.acquirer_id, literal(True).label("refund"),
        )
        .join(Order, Order.id == Refund.order_id)
        .join(Account, Account.id == Order.account_id)
        .where(Refund.dispatch_id == dispatch_id)
    )  # fmt: skip

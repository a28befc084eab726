"""сверка: our orders beside the acquirer's register of a day, in hours, so that the memory it takes is that of one hour."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, update

from mygas import clock, money
from mygas.acquiring import NotThere, Told
from mygas.domain import audit, differences, orders, paying
from mygas.domain.orders import PAID
from mygas.domain.paying import Till
from mygas.domain.work import rows_changed, unit_of_work
from mygas.extensions import db
from mygas.models import Discrepancy, Operator, Order, Reconciliation
from mygas.words import N_, Refused

_HOUR = timedelta(hours=1)
_CHUNK = 500
MOST_DAYS = 30
_T = TypeVar("_T")


@dataclass
class _Run:
    """A comparison under way. `unseen` are our orders that the register has not told of, by the acquirer's id."""

    report_id: int
    acquirer: str
    compared: int = 0
    ours_kop: int = 0
    theirs_kop: int = 0
    unseen: dict[str, int] = field(default_factory=dict)
    stale: list[int] = field(default_factory=list)


def reconcile(till: Till, day: date) -> Reconciliation:
    """Compare one day (UTC); outside any transaction. Orders that are behind the register are asked about. Raises OutcomeUnknown.

    Of today the hours that have begun. A payment begun at midnight may stand an hour aside there; such neighbours are looked for
    and not compared.
    """
    run = _open(till.acquirer.name, day)
    begins = datetime.combine(day, time(), UTC)
    before: set[str] = set()
    for at in (at for hour in range(-1, 25) if (at := begins + _HOUR * hour) <= clock.now()):
        theirs = list(till.acquirer.register(at, at + _HOUR))
        here = {told.id for told in theirs}
        if 0 <= (at - begins) // _HOUR < 24:
            for some in _chunks(theirs):
                _compare(run, some)
            run.unseen |= {name: order_id for name, order_id in _ours(run.acquirer, at).items() if name not in before}
        for name in here & run.unseen.keys():
            del run.unseen[name]
        before = here
    elsewhere = _elsewhere(till, run)
    report = _close(run, elsewhere)
    for order_id in run.stale:
        paying.refresh(order_id, till, "register")
    return report


def left(acquirer_name: str, midnight: datetime) -> list[date]:
    """The days that are to be compared in the night after `midnight` (UTC) and were not yet, oldest first.

    Yesterday, the day before once more, and all back to the last that was compared, or to the first payment: at most MOST_DAYS.
    """
    done = db.select(Reconciliation.day).filter_by(acquirer=acquirer_name).where(Reconciliation.done_at.is_not(None))
    tonight = set(db.session.scalars(done.where(Reconciliation.done_at >= midnight)))
    last_done = db.session.scalar(done.order_by(Reconciliation.day.desc()).limit(1))
    first_paid = db.session.scalar(db.select(db.func.min(Order.created_at)).filter_by(acquirer=acquirer_name))
    known = last_done or (first_paid.date() if first_paid else midnight.date())
    days = [midnight.date() - timedelta(days=ago) for ago in range(MOST_DAYS, 0, -1)]
    return [day for day in days if day not in tonight and day >= min(known, days[-2])]


def lost(acquirer_name: str, made_at: datetime, restored_at: datetime) -> list[date]:
    """The days that a restore makes to be compared (and were not since), oldest first, that of the restore among them.

    They begin MOST_DAYS before the backup was made: money may have been given back later for a payment of those days.
    """
    done = db.select(Reconciliation.day).filter_by(acquirer=acquirer_name).where(Reconciliation.done_at >= restored_at)
    since = set(db.session.scalars(done))
    first = made_at.date() - timedelta(days=MOST_DAYS)
    days = [first + timedelta(days=ahead) for ahead in range((restored_at.date() - first).days + 1)]
    return [day for day in days if day not in since]


def last(limit: int = 14) -> list[Reconciliation]:
    """The newest comparisons that came to an end."""
    done = db.select(Reconciliation).where(Reconciliation.done_at.is_not(None))
    return list(db.session.scalars(done.order_by(Reconciliation.done_at.desc()).limit(limit)))


def task(number: int, supplier_slugs: Sequence[str]) -> Discrepancy | None:
    """The unsettled difference of that number, if it is of one of these suppliers or of no known one."""
    return db.session.scalars(db.select(Discrepancy).where(Discrepancy.id == number, *_waits(supplier_slugs))).one_or_none()


def tasks(supplier_slugs: Sequence[str], after: int = 0, limit: int = 50) -> list[Discrepancy]:
    """Unsettled differences of these suppliers or of no known one, oldest first; those whose number is over `after`."""
    following = db.select(Discrepancy).where(Discrepancy.id > after, *_waits(supplier_slugs))
    return list(db.session.scalars(following.order_by(Discrepancy.id).limit(limit)))


def waiting(supplier_slugs: Sequence[str]) -> Counter[int]:
    """How many unsettled differences of these suppliers, or of no known one, each reconciliation has left, by its id."""
    counted = db.select(Discrepancy.reconciliation_id, db.func.count()).where(*_waits(supplier_slugs))
    rows = db.session.execute(counted.group_by(Discrepancy.reconciliation_id))
    return Counter({int(report): int(count) for report, count in rows})


def settle(operator: Operator, ip: str, discrepancy_id: int, note: str) -> None:
    """Write down what was done about it. Audited. Raises Refused when somebody else has."""
    changed = (
        update(Discrepancy)
        .where(Discrepancy.id == discrepancy_id, Discrepancy.settled_at.is_(None))
        .where(Discrepancy.supplier.in_([*operator.suppliers, ""]))
        .values(settled_at=clock.now(), settled_by=operator.id, note=note[:300])
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(changed):
        raise Refused(N_("Это расхождение уже разобрано."))
    audit.by_operator("discrepancy.settle", operator, ip, discrepancy=discrepancy_id, note=note)


def _open(acquirer_name: str, day: date) -> _Run:
    """A run that broke off is begun anew under the same number."""
    with unit_of_work():
        unfinished = db.select(Reconciliation).filter_by(acquirer=acquirer_name, day=day, done_at=None)
        report = db.session.scalars(unfinished.limit(1)).first() or Reconciliation(acquirer=acquirer_name, day=day)
        report.ran_at = clock.now()
        db.session.add(report)
        db.session.flush()
        return _Run(report.id, acquirer_name)


def _elsewhere(till: Till, run: _Run) -> dict[str, Told]:
    """Payments that the register of this day has not told of, and the acquirer knows: begun there on another day, after a
    silence, say. No network is asked in a transaction, so they are asked about one after another before the end. Raises
    OutcomeUnknown when the acquirer is silent."""
    found = {}
    for acquirer_id in run.unseen:
        try:
            found[acquirer_id] = till.acquirer.ask(acquirer_id)
        except NotThere:  # it is missing
            continue
    return found


def _close(run: _Run, elsewhere: dict[str, Told]) -> Reconciliation:
    with unit_of_work():
        for acquirer_id, told in elsewhere.items():
            _compare_one(run, db.session.get_one(Order, run.unseen.pop(acquirer_id)), told)
        for some in _chunks(list(run.unseen.values())):
            for order in db.session.scalars(db.select(Order).where(Order.id.in_(some))):
                run.ours_kop += order.total_kop if order.state in PAID else 0
                differences.note(
                    "missing_there", run.acquirer, order.acquirer_id or "", order, ours=order.state, report_id=run.report_id
                )
        report = db.session.get_one(Reconciliation, run.report_id)
        report.compared, report.ours_kop, report.theirs_kop = run.compared, run.ours_kop, run.theirs_kop
        report.done_at = clock.now()
    return report


def _chunks(whole: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (whole[first : first + _CHUNK] for first in range(0, len(whole), _CHUNK))


def _ours(acquirer_name: str, at: datetime) -> dict[str, int]:
    """The orders begun in that hour: the acquirer's id and ours."""
    begun = db.select(Order.acquirer_id, Order.id).where(Order.acquirer == acquirer_name, Order.acquirer_id.is_not(None))
    found = db.session.execute(begun.where(Order.created_at >= at, Order.created_at < at + _HOUR))
    ours = {str(row.acquirer_id): int(row.id) for row in found}
    db.session.rollback()
    return ours


def _compare(run: _Run, theirs: Sequence[Told]) -> None:
    with unit_of_work():
        here = db.select(Order).where(Order.acquirer == run.acquirer)
        by_id = {o.acquirer_id: o for o in db.session.scalars(here.where(Order.acquirer_id.in_([told.id for told in theirs])))}
        strange = [told.key for told in theirs if told.id not in by_id]
        by_key = {o.acquirer_key: o for o in db.session.scalars(here.where(Order.acquirer_key.in_(strange)))}
        for told in theirs:
            run.compared += 1
            run.theirs_kop += told.amount_kop if told.state == "succeeded" else 0
            order = by_id.get(told.id) or by_key.get(told.key)
            if order is not None:
                run.ours_kop += order.total_kop if order.state in PAID else 0
                _compare_one(run, order, told)
            elif told.state != "canceled":
                theirs_is = f"{told.state} {money.plain(told.amount_kop)}"
                differences.note("missing_here", run.acquirer, told.id, theirs=theirs_is, report_id=run.report_id)


def _compare_one(run: _Run, order: Order, told: Told) -> None:
    if not differences.compare(order, told, run.report_id) and order.state not in PAID and not orders.settled(order):
        run.stale.append(order.id)


def _waits(supplier_slugs: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return Discrepancy.settled_at.is_(None), Discrepancy.supplier.in_([*supplier_slugs, ""])

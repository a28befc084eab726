"""What a household's last charge proves, and which charges prove nothing, because too many neighbours have the same.

Households without a meter are billed by norm and share a handful of sums (promises.md D10, §2.8).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    ScalarSelect,
    Subquery,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
)

from mygas.domain.newest import metered
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, AccountCard, Charge, CommonCharge, Payment, Registry

FEWEST = 3  # accounts that share a charge, however small the supplier
ONE_IN = 200  # of the supplier's accounts: 0.5 %


@dataclass(frozen=True)
class Asked:
    """What an account's holder may be asked: whether there is a meter; the sums (kopecks) any of which is a right answer."""

    has_meter: bool
    sums: frozenset[int]


def note(supplier_slug: str) -> None:
    """Write down the supplier's common charges anew; to be called after each import. Opens its transaction itself, for the
    statement over all charges (seconds in a large region) must not hold the write lock.
    """
    found = _common(supplier_slug)
    with unit_of_work():
        db.session.execute(delete(CommonCharge).where(CommonCharge.supplier == supplier_slug))
        if found:
            db.session.execute(insert(CommonCharge), found)


def asked(account: Account, before_period: int) -> Asked:
    """What may be asked about the account; the charge is that of its last month before `before_period`. One statement.

    The sum to pay answers, and so does what was charged before recalculations (product.md C15). There are no sums where the
    sum to pay is nothing, less than nothing, or common: it would be guessed. A sum that the basic version shows, as the
    balance or among the payments, answers nothing either: it would be read off the page by whoever knows the number.
    """
    sums = _sums(_months(account.supplier, Charge.account_id == account.id, Charge.period < before_period), newest=1)
    common = select(CommonCharge.sum_kop).where(CommonCharge.supplier == account.supplier)
    query = select(
        metered(account.id).label("has_meter"),
        sums.c.total_kop,
        sums.c.charged_kop,
        sums.c.total_kop.in_(common).label("total_is_common"),
        sums.c.charged_kop.in_(common).label("charged_is_common"),
        _balance(account).label("balance_kop"),
        _is_paid(account, sums.c.total_kop).label("total_is_paid"),
        _is_paid(account, sums.c.charged_kop).label("charged_is_paid"),
    ).select_from(Account.__table__.outerjoin(sums, sums.c.account_id == Account.id))
    row = db.session.execute(query.where(Account.id == account.id)).one()
    if row.total_kop is None or row.total_kop <= 0 or row.total_is_common:
        return Asked(row.has_meter, frozenset())
    answers = {row.total_kop} if not row.total_is_paid else set()
    if row.charged_kop > 0 and not row.charged_is_common and not row.charged_is_paid:
        answers.add(row.charged_kop)
    return Asked(row.has_meter, frozenset(answers - {row.balance_kop}))


def _balance(account: Account) -> ScalarSelect[int]:
    """What the account's first page says is owed."""
    known = select(AccountCard.balance_kop).join(Registry, Registry.id == AccountCard.registry_id)
    known = known.where(AccountCard.account_id == account.id, Registry.state == "complete")
    return known.order_by(AccountCard.registry_id.desc()).limit(1).scalar_subquery()


def _is_paid(account: Account, sum_kop: ColumnElement[int]) -> Exists:
    """Whether a payment of just that sum was booked."""
    same = (Payment.account_id == account.id, Payment.sum_kop == sum_kop)
    return exists().where(*same, Payment.registry_id == Registry.id, Registry.state == "complete")


def _common(supplier_slug: str) -> list[dict[str, Any]]:
    """Rows of CommonCharge: charges that at least 0.5 % of the supplier's accounts share, and at least FEWEST.

    Of each account its last two months count: the newest one may not be over yet, and is asked for once it is.
    """
    sums = _sums(_months(supplier_slug), newest=2)
    before_recalculation = select(sums.c.nth, sums.c.charged_kop).where(sums.c.charged_kop != sums.c.total_kop)
    values = union_all(select(sums.c.nth, sums.c.total_kop.label("sum_kop")), before_recalculation).subquery()
    shared = select(values.c.sum_kop, func.count().label("accounts")).group_by(values.c.nth, values.c.sum_kop).subquery()
    everybody = select(func.count()).select_from(Account).where(Account.supplier == supplier_slug).scalar_subquery()
    most = func.max(shared.c.accounts)
    query = select(literal(supplier_slug).label("supplier"), shared.c.sum_kop, most.label("accounts")).group_by(shared.c.sum_kop)
    return [dict(row) for row in db.session.execute(query.having(most >= FEWEST, most * ONE_IN >= everybody)).mappings()]


def _months(supplier_slug: str, *wanted: ColumnElement[bool]) -> Subquery:
    """Which registry speaks of which month of which account, and the how-manieth month from the newest it is (`nth`)."""
    charge, registry = Charge.__table__, Registry.__table__
    return (
        select(
            charge.c.account_id,
            charge.c.period,
            func.max(charge.c.registry_id).label("registry_id"),
            func.row_number().over(partition_by=charge.c.account_id, order_by=charge.c.period.desc()).label("nth"),
        )
        .join(registry, registry.c.id == charge.c.registry_id)
        .where(registry.c.supplier == supplier_slug, registry.c.state == "complete", *wanted)
        .group_by(charge.c.account_id, charge.c.period)
        .subquery()
    )


def _sums(months: Subquery, newest: int) -> Subquery:
    """What each of the `newest` months of an account came to: before recalculations, and to pay."""
    charge = Charge.__table__
    same = [charge.c[name] == months.c[name] for name in ("account_id", "period", "registry_id")]
    charged = func.sum(charge.c.sum_kop)
    return (
        select(
            charge.c.account_id,
            months.c.nth,
            charged.label("charged_kop"),
            (charged + func.sum(charge.c.recalculated_kop)).label("total_kop"),
        )
        .join(months, and_(*same))
        .where(months.c.nth <= newest)
        .group_by(charge.c.account_id, months.c.nth)
        .subquery()
    )

"""What pages may see of the registries: of each thing, the row of the newest complete registry that speaks of it.

Rows of a registry still `loading` are invisible, rows of an older one are superseded (docs/decisions/0004-registries-flip.md).
Every function here is ONE statement over one account's stretch of a clustered key, so a page never sees half of a flip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, Subquery, Table, exists, func, select, tuple_

from mygas.extensions import db
from mygas.models import Account, AccountCard, Act, Charge, Contract, ImportedPin, Meter, MeterCard, Payment, Reading, Registry


@dataclass(frozen=True)
class Card:
    """An account as its supplier knows it; fields as in models.AccountCard (kopecks, cm²; a positive balance is a debt)."""

    account_id: int
    supplier: str
    number: str
    united_number: str
    holder: str
    address: str
    area_cm2: int
    residents: int
    equipment: str
    privileges: str
    balance_kop: int
    balance_on: date
    closed: bool
    has_meter: bool


@dataclass(frozen=True)
class Line:
    """One line of a month's charges; fields as in models.Charge (thousandths of m³, kopecks per 1000 m³, kopecks)."""

    service: str
    method: str
    volume_milli: int
    price_kop: int
    sum_kop: int
    recalculated_kop: int


@dataclass(frozen=True)
class Month:
    """A month (`period` is year * 100 + month) with all its lines."""

    period: int
    lines: tuple[Line, ...]

    @property
    def charged_kop(self) -> int:
        """What the lines come to, without recalculations."""
        return sum(line.sum_kop for line in self.lines)

    @property
    def recalculated_kop(self) -> int:
        """What recalculations add (or, negative, take away)."""
        return sum(line.recalculated_kop for line in self.lines)

    @property
    def total_kop(self) -> int:
        """By how much the month moved the balance, payments apart."""
        return self.charged_kop + self.recalculated_kop


@dataclass(frozen=True)
class Booked:
    """A payment that the supplier has booked. `number` is its id in the supplier's billing."""

    number: str
    paid_on: date
    sum_kop: int
    source: str


@dataclass(frozen=True)
class KnownMeter:
    """A meter with its card; fields as in models.Meter and models.MeterCard."""

    meter_id: int
    serial: str
    model: str
    digits: int
    place: str
    state: str
    verified_until: date | None
    sealed_on: date | None
    seal: str


@dataclass(frozen=True)
class KnownReading:
    """A reading in the supplier's billing: thousandths of m³; `source` as in models.Reading."""

    meter_id: int
    taken_on: date
    value_milli: int
    source: str


@dataclass(frozen=True)
class KnownContract:
    """A contract; `ends_on` is None for one without a term."""

    number: str
    kind: str
    begins_on: date
    ends_on: date | None
    status: str


@dataclass(frozen=True)
class KnownAct:
    """An act of an inspection, a replacement, a reconciliation."""

    number: str
    kind: str
    made_on: date
    text: str


def find_account(supplier_slug: str, number: str) -> Account | None:
    """The account of a canonical number, if a complete registry has brought a card of it."""
    carded = exists().where(
        AccountCard.account_id == Account.id, AccountCard.registry_id == Registry.id, Registry.state == "complete"
    )
    return db.session.scalar(select(Account).where(Account.supplier == supplier_slug, Account.number == number, carded))


def card(account_id: int) -> Card | None:
    """The account's card, None while no complete registry has brought one."""
    newest = _newest(AccountCard, AccountCard.account_id == account_id, key=("account_id",))
    account = _table(Account)
    metered = exists().where(
        Meter.account_id == account.c.id,
        MeterCard.meter_id == Meter.id,
        MeterCard.registry_id == Registry.id,
        Registry.state == "complete",
    )
    query = (
        select(*_columns(newest, Card), account.c.supplier, account.c.number, metered.label("has_meter"))
        .join(account, account.c.id == newest.c.account_id)
        .where(newest.c.age == 1)
    )
    found = _rows(query)
    return Card(**found[0]) if found else None


def months(account_id: int, since_period: int | None = None, limit: int = 12) -> list[Month]:
    """The last `limit` months that have charges, newest first, none before `since_period`."""
    wanted = [Charge.account_id == account_id]
    if since_period is not None:
        wanted.append(Charge.period >= since_period)
    newest = _newest(Charge, *wanted, key=("period",), nth=func.dense_rank().over(order_by=Charge.period.desc()))
    query = (
        select(newest.c.period, *_columns(newest, Line))
        .where(newest.c.age == 1, newest.c.nth <= limit)
        .order_by(newest.c.period.desc(), newest.c.line)
    )
    lines = [(row["period"], Line(**{name: row[name] for name in Line.__dataclass_fields__})) for row in _rows(query)]
    return [Month(period, tuple(line for _, line in group)) for period, group in groupby(lines, key=lambda pair: pair[0])]


def payments(account_id: int, limit: int = 12, before: tuple[date, str] | None = None) -> list[Booked]:
    """Payments, newest first; `before` is (paid_on, number) of the last one shown. One of 0 kopecks was annulled: not shown."""
    newest = _newest(Payment, Payment.account_id == account_id, key=("number",))
    query = select(*_columns(newest, Booked)).where(newest.c.age == 1, newest.c.sum_kop != 0)
    if before is not None:
        query = query.where(tuple_(newest.c.paid_on, newest.c.number) < before)
    return [Booked(**row) for row in _rows(query.order_by(newest.c.paid_on.desc(), newest.c.number.desc()).limit(limit))]


def meters(account_id: int) -> list[KnownMeter]:
    """The account's meters that have a card, the longest known first."""
    newest = _newest(MeterCard, _of_account(MeterCard, account_id), key=("meter_id",))
    meter = _table(Meter)
    query = (
        select(*_columns(newest, KnownMeter), meter.c.serial)
        .join(meter, meter.c.id == newest.c.meter_id)
        .where(newest.c.age == 1)
        .order_by(newest.c.meter_id)
    )
    return [KnownMeter(**row) for row in _rows(query)]


def readings(account_id: int, since: date | None = None, limit: int = 24) -> list[KnownReading]:
    """Readings of all the account's meters, newest first, none taken before `since`."""
    wanted = [_of_account(Reading, account_id)]
    if since is not None:
        wanted.append(Reading.taken_on >= since)
    newest = _newest(Reading, *wanted, key=("meter_id", "taken_on"))
    query = select(*_columns(newest, KnownReading)).where(newest.c.age == 1)
    return [KnownReading(**row) for row in _rows(query.order_by(newest.c.taken_on.desc(), newest.c.meter_id).limit(limit))]


def contracts(account_id: int) -> list[KnownContract]:
    """Contracts, the latest begun first."""
    newest = _newest(Contract, Contract.account_id == account_id, key=("number",))
    query = select(*_columns(newest, KnownContract)).where(newest.c.age == 1)
    return [KnownContract(**row) for row in _rows(query.order_by(newest.c.begins_on.desc(), newest.c.number))]


def acts(account_id: int) -> list[KnownAct]:
    """Acts, newest first."""
    newest = _newest(Act, Act.account_id == account_id, key=("number",))
    query = select(*_columns(newest, KnownAct)).where(newest.c.age == 1)
    return [KnownAct(**row) for row in _rows(query.order_by(newest.c.made_on.desc(), newest.c.number))]


def imported_pin(account_id: int) -> bytes | None:
    """The keyed hash of the PIN that the supplier gave out himself (models.ImportedPin), if he did."""
    query = (
        select(ImportedPin.mac)
        .join(Registry, Registry.id == ImportedPin.registry_id)
        .where(ImportedPin.account_id == account_id, Registry.state == "complete")
        .order_by(ImportedPin.registry_id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def _newest(model: Any, *wanted: ColumnElement[bool], key: Sequence[str], **extra: ColumnElement[Any]) -> Subquery:
    """Rows of complete registries, each with its `age`: 1 for the newest registry that speaks of the same `key`."""
    table = _table(model)
    age = func.rank().over(partition_by=[table.c[name] for name in key], order_by=table.c.registry_id.desc())
    labelled = [expression.label(name) for name, expression in {"age": age, **extra}.items()]
    registry = _table(Registry)
    complete = select(table, *labelled).join(registry, registry.c.id == table.c.registry_id)
    return complete.where(registry.c.state == "complete", *wanted).subquery()


def _of_account(model: Any, account_id: int) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = model.meter_id.in_(select(Meter.id).where(Meter.account_id == account_id))
    return condition


def _columns(source: FromClause, shape: type) -> list[ColumnElement[Any]]:
    """The columns of `source` that the dataclass `shape` names."""
    return [source.c[name] for name in shape.__dataclass_fields__ if name in source.c]  # type: ignore[attr-defined]


def _rows(query: Select[Any]) -> Sequence[RowMapping]:
    return db.session.execute(query).mappings().all()


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table

"""What pages may see of the registries: of each thing, the row of the newest complete registry that speaks of it.

Rows of a registry still `loading` are invisible, rows of an older one are superseded (docs/decisions/0004-registries-flip.md).
Every function here is ONE statement over one account's stretch of a clustered key, so a page never sees half of a flip.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, cast, exists, func, or_, select, tuple_

from mygas.domain.newest import columns, metered, newest, of_account, rows, table
from mygas.domain.unbooked import unbooked_kop
from mygas.extensions import db
from mygas.models import Account, AccountCard, Act, Charge, Contract, ImportedPin, Meter, MeterCard, Payment, Reading, Registry

TAKEN_OFF = ("снят", "Снят", "демонтирован", "Демонтирован", "заменён", "Заменён", "заменен", "Заменен")
"""How the state of a meter begins that hangs there no more; a registry goes on telling of it for the sake of its history."""


@dataclass(frozen=True)
class Card:
    """An account as its supplier knows it; fields as in models.AccountCard (kopecks, cm²; a positive balance is a debt).

    `verified_until` is the earliest day on which the verification of one of its meters ends, those taken off apart;
    `paid_here_kop` is what was paid through the portal and is not in the supplier's balance yet.
    """

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
    verified_until: date | None
    paid_here_kop: int

    @property
    def left_kop(self) -> int:
        """What the balance will be once the supplier has booked what was paid here."""
        return self.balance_kop - self.paid_here_kop


@dataclass(frozen=True)
class Line:
    """One line of a month's charges; fields as in models.Charge (thousandths of m³, kopecks per 1000 m³, kopecks, millionths).

    `coefficient_micro` and `norm_milli` are 0, `price_act` is "" where the supplier did not tell.
    """

    service: str
    method: str
    volume_milli: int
    price_kop: int
    sum_kop: int
    recalculated_kop: int
    coefficient_micro: int = 0
    norm_milli: int = 0
    price_act: str = ""


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

    @property
    def taken_off(self) -> bool:
        """Whether the supplier says that it no longer counts."""
        return self.state.startswith(TAKEN_OFF)


@dataclass(frozen=True)
class KnownReading:
    """A reading in the supplier's billing: thousandths of m³; `source` as in models.Reading.

    `previous_*` tell of the reading of the same meter before it, None for the first one; `digits` is the meter's capacity,
    0 where it is not known.
    """

    meter_id: int
    serial: str
    digits: int
    taken_on: date
    value_milli: int
    source: str
    previous_on: date | None
    previous_milli: int | None
    previous_source: str | None


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
    found = db.session.execute(_card(), {"account_id": account_id}).mappings().one_or_none()
    return Card(**found) if found else None


@cache
def _card() -> Select[Any]:
    """Built once: every page of an account begins with it, and building takes longer than running."""
    account_id: Any = bindparam("account_id")
    known = newest(AccountCard, AccountCard.account_id == account_id, key=("account_id",))
    account = table(Account)
    hanging = newest(MeterCard, of_account(MeterCard, account_id), key=("meter_id",))
    counts = ~or_(*(hanging.c.state.startswith(word) for word in TAKEN_OFF))
    verified = select(func.min(hanging.c.verified_until)).where(hanging.c.age == 1, counts).scalar_subquery()
    told = (
        *(account.c.supplier, account.c.number, metered(account.c.id).label("has_meter"), verified.label("verified_until")),
        cast(unbooked_kop(account_id), BigInteger).label("paid_here_kop"),  # PostgreSQL adds up to a numeric
    )
    return select(*columns(known, Card), *told).join(account, account.c.id == known.c.account_id).where(known.c.age == 1)


def months(account_id: int, since_period: int | None = None, until_period: int | None = None, limit: int = 12) -> list[Month]:
    """The last `limit` months that have charges, newest first, none before `since_period` or after `until_period`."""
    wanted = [Charge.account_id == account_id]
    if since_period is not None:
        wanted.append(Charge.period >= since_period)
    if until_period is not None:
        wanted.append(Charge.period <= until_period)
    known = newest(Charge, *wanted, key=("period",), nth=func.dense_rank().over(order_by=Charge.period.desc()))
    query = (
        select(known.c.period, *columns(known, Line))
        .where(known.c.age == 1, known.c.nth <= limit)
        .order_by(known.c.period.desc(), known.c.line)
    )
    lines = [(row["period"], Line(**{name: row[name] for name in Line.__dataclass_fields__})) for row in rows(query)]
    return [Month(period, tuple(line for _, line in group)) for period, group in groupby(lines, key=lambda pair: pair[0])]


def payments(account_id: int, limit: int = 12, before: tuple[date, str] | None = None, since: date | None = None) -> list[Booked]:
    """Payments, newest first; `before` is (paid_on, number) of the last one shown. One of 0 kopecks was annulled: not shown."""
    known = newest(Payment, Payment.account_id == account_id, key=("number",))
    query = select(*columns(known, Booked)).where(known.c.age == 1, known.c.sum_kop != 0)
    if since is not None:
        query = query.where(known.c.paid_on >= since)
    if before is not None:
        query = query.where(tuple_(known.c.paid_on, known.c.number) < before)
    return [Booked(**row) for row in rows(query.order_by(known.c.paid_on.desc(), known.c.number.desc()).limit(limit))]


def meters(account_id: int) -> list[KnownMeter]:
    """The account's meters that have a card, the longest known first."""
    known = newest(MeterCard, of_account(MeterCard, account_id), key=("meter_id",))
    meter = table(Meter)
    query = (
        select(*columns(known, KnownMeter), meter.c.serial)
        .join(meter, meter.c.id == known.c.meter_id)
        .where(known.c.age == 1)
        .order_by(known.c.meter_id)
    )
    return [KnownMeter(**row) for row in rows(query)]


def readings(account_id: int, since: date | None = None, before: date | None = None, limit: int = 24) -> list[KnownReading]:
    """Readings of all the account's meters, newest first, taken from `since` on and before `before`."""
    known = newest(Reading, of_account(Reading, account_id), key=("meter_id", "taken_on"))

    def earlier(value: ColumnElement[Any], label: str) -> ColumnElement[Any]:
        return func.lag(value, type_=value.type).over(partition_by=known.c.meter_id, order_by=known.c.taken_on).label(label)

    told = (
        select(
            *columns(known, KnownReading),
            earlier(known.c.taken_on, "previous_on"),
            earlier(known.c.value_milli, "previous_milli"),
            earlier(known.c.source, "previous_source"),
        )
        .where(known.c.age == 1)
        .subquery()
    )
    cards = newest(MeterCard, of_account(MeterCard, account_id), key=("meter_id",))
    meter = table(Meter)
    query = (
        select(told, meter.c.serial, func.coalesce(cards.c.digits, 0).label("digits"))
        .join(meter, meter.c.id == told.c.meter_id)
        .outerjoin(cards, and_(cards.c.meter_id == told.c.meter_id, cards.c.age == 1))
        .order_by(told.c.taken_on.desc(), told.c.meter_id)
    )
    if since is not None:
        query = query.where(told.c.taken_on >= since)
    if before is not None:
        query = query.where(told.c.taken_on < before)
    return [KnownReading(**row) for row in rows(query.limit(limit))]


def contracts(account_id: int) -> list[KnownContract]:
    """Contracts, the latest begun first."""
    known = newest(Contract, Contract.account_id == account_id, key=("number",))
    query = select(*columns(known, KnownContract)).where(known.c.age == 1)
    return [KnownContract(**row) for row in rows(query.order_by(known.c.begins_on.desc(), known.c.number))]


def acts(account_id: int) -> list[KnownAct]:
    """Acts, newest first."""
    known = newest(Act, Act.account_id == account_id, key=("number",))
    query = select(*columns(known, KnownAct)).where(known.c.age == 1)
    return [KnownAct(**row) for row in rows(query.order_by(known.c.made_on.desc(), known.c.number))]


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

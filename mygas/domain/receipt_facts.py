"""What receipts of one month are made of, for many accounts in three statements: a page asks for one, a print run for hundreds.

Of each thing the newest complete registry speaks (domain.newest). Plain values out; domain.receipts makes sense of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    union_all,
)

from mygas.domain.histories import Charged, Ledger, Paid
from mygas.domain.months import first_day, following
from mygas.domain.newest import columns, newest, rows, table
from mygas.domain.settlements import period_of
from mygas.domain.unbooked import unbooked_kop
from mygas.domain.visible import TAKEN_OFF, Line
from mygas.models import Account, AccountCard, Charge, Meter, MeterCard, Payment, Pin, Reading


@dataclass(frozen=True)
class Holding:
    """An account as its supplier knows it; fields as in models.AccountCard.

    `generation` is of its PIN (domain.pins), `paid_here_kop` what was paid through the portal and is not in the balance yet.
    """

    account_id: int
    number: str
    united_number: str
    holder: str
    address: str
    area_cm2: int
    residents: int
    privileges: str
    balance_kop: int
    balance_on: date
    generation: int
    paid_here_kop: int


@dataclass(frozen=True)
class Taken:
    """A reading: thousandths of m³; `source` as in models.Reading."""

    taken_on: date
    value_milli: int
    source: str


@dataclass
class Hanging:
    """A meter that counts, with its last reading `within` the month and the last one `before` it, None where there is none."""

    serial: str
    model: str
    digits: int
    place: str
    verified_until: date | None
    within: Taken | None = None
    before: Taken | None = None


_OF_CARD = ("serial", "model", "digits", "place", "verified_until")


@dataclass
class Facts:
    """All that a receipt of the month is made of. `lines` are those of the month, `charged` and `paid` reach as far back as
    the reckoning of its balance needs."""

    holding: Holding
    lines: list[Line] = field(default_factory=list)
    charged: list[Charged] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    meters: dict[int, Hanging] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The last month that was charged: all after the one that is asked for are among `charged`."""
        return max(one.period for one in self.charged)

    @property
    def known_until(self) -> date:
        """By which day the supplier has told of payments."""
        return max(self.holding.balance_on, *(payment.paid_on for payment in self.paid), date.min)

    @property
    def ledger(self) -> Ledger:
        """What domain.settlements reckons from."""
        holding = self.holding
        return Ledger(holding.balance_kop, holding.balance_on, tuple(self.charged), tuple(self.paid))


def of_accounts(account_ids: Sequence[int], period: int) -> list[Facts]:
    """The facts of those accounts that have a card and were charged in the month, by number. At most three statements."""
    found = {row["account_id"]: Facts(Holding(**row)) for row in rows(_holdings(account_ids))}
    if not found:
        return []
    known_since = min(facts.holding.balance_on for facts in found.values())
    for row in rows(
        _moves(list(found), since_period=min(period, period_of(known_since)), since_day=min(first_day(period), known_since))
    ):
        _book(found[row["account_id"]], row, period)
    charged = {account_id: facts for account_id, facts in found.items() if facts.lines}
    if charged:
        for row in rows(_meters(list(charged), first_day(period), first_day(following(period)))):
            _hang(charged[row["account_id"]].meters, row)
    return list(charged.values())


def _holdings(account_ids: Sequence[int]) -> Select[Any]:
    known = newest(AccountCard, AccountCard.account_id.in_(account_ids), key=("account_id",))
    account, pin = table(Account), table(Pin)
    told = (
        *(account.c.number, func.coalesce(pin.c.generation, 1).label("generation")),
        cast(unbooked_kop(account.c.id), BigInteger).label("paid_here_kop"),  # PostgreSQL adds up to a numeric
    )
    query = select(*columns(known, Holding), *told).join(account, account.c.id == known.c.account_id)
    return query.outerjoin(pin, pin.c.account_id == known.c.account_id).where(known.c.age == 1).order_by(account.c.number)


def _moves(account_ids: Sequence[int], *, since_period: int, since_day: date) -> Any:
    """Lines of charges and payments, alike in their columns: `day` is of a payment, the rest but the sum of a line.

    A payment is looked for by its day only once it is known which registry speaks of it: a newer one may have moved it.
    """
    lines = newest(Charge, Charge.account_id.in_(account_ids), Charge.period >= since_period, key=("account_id", "period"))
    payments = newest(Payment, Payment.account_id.in_(account_ids), key=("account_id", "number"))
    shape = [lines.c[name] for name in ("account_id", "period", "line", *Line.__dataclass_fields__)]
    charges = select(*shape, cast(null(), Date()).label("day")).where(lines.c.age == 1)
    same = {"account_id": payments.c.account_id, "sum_kop": payments.c.sum_kop}
    paid = select(*(_like(column, same) for column in shape), payments.c.paid_on.label("day"))
    wanted = (payments.c.age == 1, payments.c.sum_kop != 0, payments.c.paid_on >= since_day)
    both = union_all(charges, paid.where(*wanted)).subquery()
    return select(both).order_by(both.c.account_id, both.c.period, both.c.line)


def _like(column: Any, same: dict[str, Any]) -> Any:
    """The column's counterpart in a row of a payment."""
    return same[column.name].label(column.name) if column.name in same else cast(null(), column.type).label(column.name)


def _meters(account_ids: Sequence[int], begins: date, ends: date) -> Select[Any]:
    """Meters with their readings: of each the last one within the month and the last one before it, a row for each reading."""
    meter = table(Meter)
    mine = select(Meter.id).where(Meter.account_id.in_(account_ids))
    cards = newest(MeterCard, MeterCard.meter_id.in_(mine), key=("meter_id",))
    counts = ~or_(*(cards.c.state.startswith(word) for word in TAKEN_OFF))
    taken = _last_two(mine, begins, ends)
    return (
        select(meter.c.account_id, meter.c.serial, *columns(cards, Hanging), cards.c.meter_id,
               taken.c.taken_on, taken.c.value_milli, taken.c.source, taken.c.within)
        .join(cards, and_(cards.c.meter_id == meter.c.id, cards.c.age == 1))
        .outerjoin(taken, and_(taken.c.meter_id == meter.c.id, taken.c.nth == 1))
        .where(counts)
        .order_by(meter.c.id)
    )  # fmt: skip


def _last_two(mine: Select[Any], begins: date, ends: date) -> Subquery:
    known = newest(Reading, Reading.meter_id.in_(mine), Reading.taken_on < ends, key=("meter_id", "taken_on"))
    within: ColumnElement[int] = case((known.c.taken_on >= begins, 1), else_=0)
    nth = func.row_number().over(partition_by=(known.c.meter_id, within), order_by=known.c.taken_on.desc())
    return select(known, within.label("within"), nth.label("nth")).where(known.c.age == 1).subquery()


def _book(facts: Facts, row: Any, period: int) -> None:
    if row["day"] is not None:
        facts.paid.append(Paid(row["day"], row["sum_kop"]))
        return
    if row["period"] == period:
        facts.lines.append(Line(**{name: row[name] for name in Line.__dataclass_fields__}))
    charged = Charged(row["period"], row["sum_kop"], row["recalculated_kop"])
    if facts.charged and facts.charged[-1].period == charged.period:
        before = facts.charged.pop()
        charged = Charged(before.period, before.sum_kop + charged.sum_kop, before.recalculated_kop + charged.recalculated_kop)
    facts.charged.append(charged)


def _hang(meters: dict[int, Hanging], row: Any) -> None:
    meter = meters.setdefault(row["meter_id"], Hanging(**{name: row[name] for name in _OF_CARD}))
    if row["taken_on"] is not None:
        taken = Taken(row["taken_on"], row["value_milli"], row["source"])
        if row["within"]:
            meter.within = taken
        else:
            meter.before = taken

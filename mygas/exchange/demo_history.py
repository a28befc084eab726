"""Two years of one household: what it burned, read, was charged and paid; right to the kopeck.

A month's charge is posted on its last day and paid in the following one; the balance is what was owed before, plus the
charges, minus the payments.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from random import Random

from mygas.exchange import demo_region
from mygas.exchange.demo_region import Dwelling

MONTHS = 24
AVERAGED = 3
"""Months without a reading that are charged by the average; then the norm comes (ПП РФ № 549, п. 31)."""
HABITS = ("exact", "rounded", "late", "debtor", "ahead")
_WEIGHTS = (50, 20, 18, 6, 6)
_OFFICES = ("Банк", "Почта России", "Касса", "Платёжный терминал")


@dataclass(frozen=True)
class Plan:
    """What is to happen to a household. Months are numbered from 0, the oldest; `silent_from` is the first one from which no
    readings come, `expired_from` the first one after the meter's verification ran out; MONTHS means never. `ends_owing` are
    the kopecks that a payment on the very last day leaves, None when there is no such payment."""

    habit: str
    silent_from: int = MONTHS
    expired_from: int = MONTHS
    before_kop: int = 0
    ends_owing: int | None = None


@dataclass(frozen=True)
class Charged:
    """One line: (year, month), line number, method, thousandths of m³, price and sums in kopecks; line 2 is maintenance.

    `coefficient_micro` and `norm_milli` as in models.Charge.
    """

    month: tuple[int, int]
    line: int
    method: str
    volume_milli: int
    price_kop: int
    sum_kop: int
    recalculated_kop: int = 0
    coefficient_micro: int = 0
    norm_milli: int = 0


@dataclass
class History:
    """`readings` are (month, day, whole m³, source), `payments` (month, day, kopecks, where)."""

    before_kop: int
    charges: list[Charged] = field(default_factory=list)
    readings: list[tuple[tuple[int, int], int, int, str]] = field(default_factory=list)
    payments: list[tuple[tuple[int, int], int, int, str]] = field(default_factory=list)
    balance_kop: int = 0


def charge_kop(volume_milli: int, price_kop: int, coefficient_micro: int = 0) -> int:
    """Kopecks for thousandths of m³, times a coefficient if there is one, at kopecks per 1000 m³; rounded half up, once."""
    return (volume_milli * (coefficient_micro or 1_000_000) * price_kop + 500_000_000_000) // 1_000_000_000_000


def plan(rng: Random, metered: bool) -> Plan:
    """An ordinary fate."""
    habit = rng.choices(HABITS, _WEIGHTS)[0]
    before = int(rng.random() * 90_000) if habit in ("late", "debtor") else 0
    silent = 6 + int(rng.random() * 18) if metered and rng.random() < 0.03 else MONTHS
    expired = 4 + int(rng.random() * 20) if metered and rng.random() < 0.04 else MONTHS
    return Plan(habit, silent, expired, -int(rng.random() * 50_000) if habit == "ahead" else before)


def live(rng: Random, home: Dwelling, plan: Plan, months: list[tuple[int, int]], *, maintained: bool) -> History:
    """The household's history over `months`, the oldest first."""
    history = History(plan.before_kop, balance_kop=plan.before_kop)
    anniversary = 1 + int(rng.random() * 12)
    volumes = _charged_volumes(rng, home, plan, months, history)
    for index, (year, month) in enumerate(months):
        if index:
            _pay(rng, plan, index, months[index], history)
        method, volume, owed_milli = volumes[index]
        price = demo_region.price_kop(year, month, home.heated)
        coefficient = home.coefficient_micro(month) if method == "meter" else 0
        norm = volume if method == "norm" else 0
        charged = charge_kop(volume, price, coefficient)
        correction = charge_kop(abs(owed_milli), price, coefficient) * (1 if owed_milli > 0 else -1)
        lines = [Charged((year, month), 1, method, volume, price, charged, correction, coefficient, norm)]
        if maintained and month == anniversary:
            lines.append(Charged((year, month), 2, "fixed", 0, 0, demo_region.MAINTENANCE_KOP))
        history.charges += lines
        history.balance_kop += sum(line.sum_kop + line.recalculated_kop for line in lines)
    if plan.ends_owing is not None and history.balance_kop > plan.ends_owing:
        history.payments.append((months[-1], monthrange(*months[-1])[1], history.balance_kop - plan.ends_owing, "Банк"))
        history.balance_kop = plan.ends_owing
    return history


def owed_for_maintenance_kop(history: History) -> int:
    """What of the balance is owed for maintenance, if payments go to the oldest charges first."""
    left, owed = max(0, history.balance_kop), 0
    for charged in reversed(history.charges):
        unpaid = min(left, max(0, charged.sum_kop + charged.recalculated_kop))
        left -= unpaid
        owed += unpaid if charged.line > 1 else 0
    return owed


def _charged_volumes(
    rng: Random, home: Dwelling, plan: Plan, months: list[tuple[int, int]], history: History
) -> list[tuple[str, int, int]]:
    """(method, thousandths of m³, thousandths to recalculate) for each month; the readings go into the history."""
    if not home.model:
        return [("norm", home.norm_milli(month), 0) for _, month in months]
    thrift = 0.5 + rng.random() * 0.7
    burned = [int(home.norm_milli(month) * thrift * (0.8 + 0.4 * rng.random())) // 1000 for _, month in months]
    source = "remote" if rng.random() < 0.06 else "subscriber"
    value = 100 + int(rng.random() * 20_000)
    volumes, missed, owed = [], 0, 0
    for index, month in enumerate(months):
        value += burned[index]
        silent = index >= plan.silent_from or (3 <= index < len(months) - 2 and missed == 0 and rng.random() < 0.03)
        if index >= plan.expired_from:
            volumes.append(("norm", home.norm_milli(month[1]), 0))
        elif silent and missed >= AVERAGED:
            missed += 1
            volumes.append(("norm", home.norm_milli(month[1]), 0))
        elif silent:
            missed += 1
            average = sum(burned[max(0, index - 12) : index]) // min(index, 12)
            owed += burned[index] - average
            volumes.append(("average", average * 1000, 0))
            if owed + burned[min(index + 1, len(months) - 1)] >= 0:  # a reading never goes back
                history.readings.append((month, monthrange(*month)[1], value - owed, "estimate"))
        else:
            volumes.append(("meter", burned[index] * 1000, owed * 1000))
            missed = owed = 0
            said_by = "inspector" if rng.random() < 0.02 else source
            history.readings.append((month, 15 + int(rng.random() * 10), value, said_by))
    return volumes


def _pay(rng: Random, plan: Plan, index: int, month: tuple[int, int], history: History) -> None:
    """What the household pays in this month towards what it owes since the last one."""
    owed, habit = history.balance_kop, plan.habit
    if habit == "debtor" and index >= MONTHS // 2 - 4:
        return
    if habit == "late" and rng.random() < 0.6:
        return
    if habit == "rounded":
        owed = -(-owed // 10_000) * 10_000
    if habit == "ahead":
        owed += 50_000
    if owed <= 0:
        return
    history.payments.append((month, 3 + int(rng.random() * 12), owed, rng.choice(_OFFICES)))
    history.balance_kop -= owed

"""A believable region for demonstrations and measurements, written as a registry that comes in like any other."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TextIO

from mygas import money
from mygas.exchange import demo_history, demo_region
from mygas.exchange.demo_history import MONTHS, Charged, History, Plan
from mygas.exchange.demo_region import Dwelling
from mygas.suppliers import Supplier

SHOWN = 100
"""So many of the accounts are told to the caller; any number may be written."""
_PIN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without look-alikes
_HEADERS = {
    "accounts": "account;holder;address;balance;balance_date;united_number;area;residents;equipment;privileges",
    "meters": "account;serial;model;digits;place;state;verified_until;sealed_on;seal",
    "readings": "account;serial;date;value;source",
    "charges": "account;period;line;service;method;volume;price;sum;recalculation;coefficient;norm;price_act",
    "payments": "account;number;date;sum;source",
    "balances": "account;service;balance",
    "contracts": "account;number;kind;begins;ends;status",
    "acts": "account;number;kind;date;text",
    "pins": "account;pin",
}
Told = tuple[str, bool, Plan]
"""What a household is there to show, whether it has a meter, what is to happen to it."""
_TELLING: tuple[Told, ...] = (  # the first accounts, each with something to show
    ("debt", True, Plan("debtor", before_kop=184_250)),
    ("overpayment", True, Plan("exact", ends_owing=-123_456)),
    ("no meter", False, Plan("late", before_kop=41_200)),
    ("expired verification", True, Plan("exact", expired_from=MONTHS - 5)),
    ("zero balance", True, Plan("exact", ends_owing=0)),
    ("long absent", True, Plan("late", silent_from=MONTHS - 8)),
)
_LESSON = ("lesson", True, Plan("late", before_kop=41_200))  # a meter that works, something to pay


@dataclass(frozen=True)
class DemoAccount:
    """What is needed to connect a demo account. `serial` is "" where there is no meter, `charge_kop` the last month's charge;
    `before_kop` was owed before the first month, `story` says what the account is there to show. `reading` is the last one, in
    whole m³."""

    number: str
    serial: str
    charge_kop: int
    pin: str
    before_kop: int
    story: str
    holder: str = ""
    address: str = ""
    reading: int = 0


@dataclass(frozen=True)
class _Household:
    number: str
    serial: str
    pin: str
    home: Dwelling
    plan: Plan
    history: History


def write_demo(
    folder: Path, supplier: Supplier, accounts: int, seed: int, *, today: date, progress: Callable[[int, int], None]
) -> list[DemoAccount]:
    """Write the files of a registry with `accounts` accounts and MONTHS months up to the one before `today`.

    The same seed and day make the same bytes. Constant memory. Returns the first SHOWN accounts. Raises ValueError when the
    supplier's sample numbers do not reach that far.
    """
    months = _months_before(today)
    shown = []
    with _sheets(folder, supplier) as sheets:
        for index in range(accounts):
            told = _TELLING[index] if index < len(_TELLING) else None
            household = _household(supplier, f"{seed}/{supplier.slug}/{index}", index, months, told)
            _write(household, supplier, index, months, sheets)
            if index < SHOWN:
                shown.append(_shown(household, months[-1], told))
            if index % 500 == 0:
                progress(index, accounts)
    progress(accounts, accounts)
    return shown


def write_lesson(folder: Path, supplier: Supplier, index: int, seed: str, *, today: date) -> DemoAccount:
    """Write the registry of one household for somebody who learns; another seed makes another household of the same number.

    It owes more than the last charge: that is a secret then, which may be asked for. And what it owes may be paid at once, for
    there is a lesson of that.
    """
    months = _months_before(today)
    drawn = (_household(supplier, f"{seed}/{at}", index, months, _LESSON) for at in count())
    household = next(
        one
        for one in drawn
        if _shown(one, months[-1], _LESSON).charge_kop < one.history.balance_kop
        and supplier.pay.min_kop <= one.history.balance_kop <= supplier.pay.max_kop
    )
    with _sheets(folder, supplier) as sheets:
        _write(household, supplier, index, months, sheets)
    return _shown(household, months[-1], _LESSON)


@contextmanager
def _sheets(folder: Path, supplier: Supplier) -> Iterator[dict[str, "_Sheet"]]:
    """The files of a registry, which end with their totals."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        heads = {name: head for name, head in _HEADERS.items() if name != "balances" or len(supplier.billing.services) > 1}
        sheets = {name: _Sheet(stack.enter_context(_created(folder / f"{name}.csv")), head) for name, head in heads.items()}
        yield sheets
        totals = "".join(f"{name}.csv;{sheet.rows};{money.plain(sheet.sum)}\n" for name, sheet in sheets.items())
        stack.enter_context(_created(folder / "totals.csv")).write("file;rows;sum\n" + totals)


class _Sheet:
    """A file being written, with its control totals."""

    def __init__(self, file: TextIO, header: str) -> None:
        self._file = file
        self.rows = 0
        self.sum = 0
        file.write(header + "\n")

    def add(self, *cells: object, kopecks: int = 0) -> None:
        self._file.write(";".join(map(str, cells)) + "\n")
        self.rows += 1
        self.sum += kopecks


def _created(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="", buffering=1 << 16)


def _household(supplier: Supplier, seed: str, index: int, months: list[tuple[int, int]], told: Told | None) -> _Household:
    """The household of that seed: the same whatever the number of accounts. `told` is what it is there to show, if anything."""
    rng = Random(seed)  # noqa: S311 - a made-up region must come out the same each time
    if told:
        _story, metered, plan = told
        home = demo_region.dwelling(rng, metered=metered, village=True)
    else:
        metered = rng.random() < 0.86
        home = demo_region.dwelling(rng, metered=metered, village=rng.random() < 0.45)
        plan = demo_history.plan(rng, metered)
    history = demo_history.live(rng, home, plan, months, maintained=len(supplier.billing.services) > 2)
    serial = f"{10_000_000 + int(rng.random() * 89_999_999):08d}" if metered else ""
    pin = "".join(rng.choices(_PIN_LETTERS, k=8))
    return _Household(supplier.account.generate(index), serial, pin, home, plan, history)


def _shown(household: _Household, last_month: tuple[int, int], told: Told | None) -> DemoAccount:
    home, history = household.home, household.history
    charge = sum(line.sum_kop + line.recalculated_kop for line in history.charges if line.month == last_month)
    return DemoAccount(
        household.number, household.serial, charge, household.pin, history.before_kop, told[0] if told else "", home.holder,
        home.address, history.readings[-1][2] if history.readings else 0,
    )  # fmt: skip


def _write(
    household: _Household, supplier: Supplier, index: int, months: list[tuple[int, int]], sheets: dict[str, _Sheet]
) -> None:
    number, home, history = household.number, household.home, household.history
    balance_on = _day(months[-1], monthrange(*months[-1])[1])
    sheets["accounts"].add(
        number, home.holder, home.address, money.plain(history.balance_kop), balance_on, f"20АА{index:06d}", f"{home.area},0",
        home.residents, home.equipment, "ветеран труда, 50 %" if index % 17 == 3 else "", kopecks=history.balance_kop,
    )  # fmt: skip
    for line in history.charges:
        _write_charge(number, line, supplier.billing.services, sheets["charges"])
    for at, (month, day, kopecks, where) in enumerate(history.payments, 1):
        payment = f"{month[0]}{month[1]:02d}-{index:06d}-{at}"
        sheets["payments"].add(number, payment, _day(month, day), money.plain(kopecks), where, kopecks=kopecks)
    if "balances" in sheets:
        _write_balances(number, history, supplier.billing.services, sheets["balances"])
    _write_papers(household, index, months, sheets)
    if household.serial:
        _write_meter(household, months, sheets)
    sheets["pins"].add(number, household.pin)


def _write_charge(number: str, line: Charged, services: tuple[str, ...], sheet: _Sheet) -> None:
    service = services[0] if line.line == 1 else services[-1]
    factor = _decimal(line.coefficient_micro, 6) if line.coefficient_micro else ""
    norm = _decimal(line.norm_milli, 3) if line.norm_milli else ""
    act = demo_region.price_act(*line.month) if line.price_kop else ""
    sheet.add(
        number, f"{line.month[1]:02d}.{line.month[0]}", line.line, service, line.method, _decimal(line.volume_milli, 3),
        money.plain(line.price_kop), money.plain(line.sum_kop), money.plain(line.recalculated_kop), factor, norm, act,
        kopecks=line.sum_kop,
    )  # fmt: skip


def _write_balances(number: str, history: History, services: tuple[str, ...], sheet: _Sheet) -> None:
    """One row for each service, a zero too; they add up to the account's balance."""
    owed = dict.fromkeys(services, 0)
    owed[services[-1]] += demo_history.owed_for_maintenance_kop(history)
    owed[services[0]] += history.balance_kop - sum(owed.values())
    for service, kopecks in owed.items():
        sheet.add(number, service, money.plain(kopecks), kopecks=kopecks)


def _write_meter(household: _Household, months: list[tuple[int, int]], sheets: dict[str, _Sheet]) -> None:
    number, serial, home = household.number, household.serial, household.home
    first, expired = months[0], household.plan.expired_from
    spread = int(serial) % 97
    if expired < MONTHS:
        verified = date(*months[expired], 1) - timedelta(days=1 + spread % 20)
    else:
        verified = date(months[-1][0] + 1 + spread % 9, 1 + spread % 12, 1 + spread % 28)
    sealed = date(first[0] - 1 - spread % 3, 1 + spread % 12, 1 + spread % 27)
    place = "на фасаде" if home.outside else "котельная" if home.heated else "кухня"
    state = "работает" if expired == MONTHS else "истёк срок поверки"
    sheets["meters"].add(
        number, serial, home.model, home.digits, place, state, f"{verified:%d.%m.%Y}", f"{sealed:%d.%m.%Y}", f"П{serial[:6]}"
    )
    for month, day, value, source in household.history.readings:
        sheets["readings"].add(number, serial, _day(month, day), value, source)


def _write_papers(household: _Household, index: int, months: list[tuple[int, int]], sheets: dict[str, _Sheet]) -> None:
    number, spread = household.number, index % 89
    begun = date(months[0][0] - 2 - spread % 12, 1 + spread % 12, 1 + spread % 28)
    sheets["contracts"].add(number, f"ПГ-{index:06d}", "Поставка газа", f"{begun:%d.%m.%Y}", "", "действует")
    ends = date(months[-1][0] + spread % 4, 12, 31)
    maintained = date(ends.year - 3, 1, 1)
    sheets["contracts"].add(
        number, f"ТО-{index:06d}", "Техническое обслуживание ВДГО", f"{maintained:%d.%m.%Y}", f"{ends:%d.%m.%Y}", "действует"
    )
    if index % 3 != 2:
        month = months[spread % MONTHS]
        text = "Пломбы целы, утечек нет." if household.serial else "Прибора учёта нет, оборудование исправно."
        sheets["acts"].add(number, f"АП-{month[0]}-{index:06d}", "Проверка", _day(month, 1 + spread % 28), text)


def _months_before(today: date) -> list[tuple[int, int]]:
    """(year, month) of the MONTHS months before that of `today`, the oldest first."""
    last = today.year * 12 + today.month - 2
    return [_year_and_month(at) for at in range(last - MONTHS + 1, last + 1)]


def _year_and_month(at: int) -> tuple[int, int]:
    """(year, month 1 to 12) of a month counted from the year 0."""
    return at // 12, at % 12 + 1


def _decimal(value: int, places: int) -> str:
    """`value` × 10 to the power of −`places`."""
    return f"{value // 10**places},{value % 10**places:0{places}d}"


def _day(month: tuple[int, int], day: int) -> str:
    return f"{day:02d}.{month[1]:02d}.{month[0]}"

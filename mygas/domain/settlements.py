"""взаиморасчёты: how the balance of an account came about, month by month. Pure arithmetic over histories.Ledger.

All figures are kopecks; a positive balance is a debt, a negative one an overpayment. The supplier's billing gives one
balance, on one day; the rest follows from what moved it, reckoned backwards:

* In each month: opening + charged + recalculated − paid = closing, and the closing of a month is the opening of the next.
* A charge moves the balance in the month for which it was charged, a payment in the month in which it was paid.
* The balance of today is the supplier's balance on `balance_on`, less what was paid after that day, plus what was charged
  for months that begin after it: the supplier's figure cannot know of those yet. What is dated by that day it does know of.
* So the closing of the newest month is the balance of today, and the opening of the oldest is whatever must have been owed
  before the history begins.
* A month in which nothing was charged but something was paid is a month like any other, with nothing charged. A month with
  neither is left out: nothing moved, and its neighbours meet across it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from mygas.domain import histories
from mygas.domain.histories import Charged, Ledger, Paid

PAGE = 12
"""Months on a page."""


@dataclass(frozen=True)
class SettledMonth:
    """A month (`period` is year * 100 + month), kopecks; `payments` by day, the first one first."""

    period: int
    charged_kop: int
    recalculated_kop: int
    payments: tuple[Paid, ...]
    closing_kop: int

    @property
    def paid_kop(self) -> int:
        """What was paid within it."""
        return sum(payment.sum_kop for payment in self.payments)

    @property
    def opening_kop(self) -> int:
        """What stood at its beginning."""
        return self.closing_kop - self.due_kop + self.paid_kop

    @property
    def due_kop(self) -> int:
        """What the supplier asked for: charged, with recalculations."""
        return self.charged_kop + self.recalculated_kop


@dataclass(frozen=True)
class Settlements:
    """All months of an account, newest first. `balance_kop` is the balance of today, `known_kop` the supplier's on `known_on`."""

    balance_kop: int
    known_kop: int
    known_on: date
    months: tuple[SettledMonth, ...]

    @property
    def years(self) -> list[int]:
        """Years with months, newest first."""
        return sorted({month.period // 100 for month in self.months}, reverse=True)

    def month(self, period: int) -> SettledMonth | None:
        """The month of that period."""
        return next((month for month in self.months if month.period == period), None)


def of_account(account_id: int) -> Settlements | None:
    """The account's settlements, None while the supplier has not told of it. One statement."""
    ledger = histories.ledger(account_id)
    return settle(ledger) if ledger else None


def settle(ledger: Ledger) -> Settlements:
    """Reckon the months of a ledger back from the balance that the supplier gave."""
    charged = {one.period: one for one in ledger.charged}
    paid: dict[int, list[Paid]] = {}
    for payment in sorted(ledger.paid, key=attrgetter("paid_on")):
        paid.setdefault(period_of(payment.paid_on), []).append(payment)
    today_kop = closing = balance_of_today(ledger)
    months = []
    for period in sorted(charged.keys() | paid.keys(), reverse=True):
        charge = charged.get(period) or Charged(period, 0, 0)
        month = SettledMonth(period, charge.sum_kop, charge.recalculated_kop, tuple(paid.get(period, ())), closing)
        months.append(month)
        closing = month.opening_kop
    return Settlements(today_kop, ledger.balance_kop, ledger.balance_on, tuple(months))


def balance_of_today(ledger: Ledger) -> int:
    """The supplier's balance, moved on by what came after the day on which he gave it; kopecks."""
    known = period_of(ledger.balance_on)
    charged = sum(one.sum_kop + one.recalculated_kop for one in ledger.charged if one.period > known)
    paid = sum(one.sum_kop for one in ledger.paid if one.paid_on > ledger.balance_on)
    return ledger.balance_kop + charged - paid


def page(
    months: Sequence[SettledMonth], *, year: int | None = None, before: int | None = None
) -> tuple[list[SettledMonth], int | None]:
    """PAGE months, newest first: of that year, older than the period `before`. And the `before` of the next page, if any."""
    wanted = [
        month for month in months if (year is None or month.period // 100 == year) and (before is None or month.period < before)
    ]
    shown = wanted[:PAGE]
    return shown, shown[-1].period if len(wanted) > PAGE else None


def period_of(day: date) -> int:
    """year * 100 + month."""
    return day.year * 100 + day.month

"""When a supplier takes readings, and which month's charges one sent today enters. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from mygas.domain.months import following
from mygas.domain.settlements import period_of
from mygas.suppliers.rules import Readings


@dataclass(frozen=True)
class Window:
    """The window to which a reading sent today belongs, `opens_on` to `closes_on`, both days included.

    `period` (year * 100 + month) is the month whose charges the reading enters. `late`: this month's window is over, so it is
    the next one's. `taken`: whether a reading is taken today; outside the window that is as the supplier's rule `late` says.
    `days_left` until the window closes: 0 on its last day.
    """

    opens_on: date
    closes_on: date
    is_open: bool
    period: int
    late: bool
    taken: bool
    days_left: int


def window(rule: Readings, today: date) -> Window:
    """The window as it stands on that day, by the supplier's own calendar."""
    this_month = period_of(today)
    late = today > _day(this_month, rule.to_day)
    period = following(this_month) if late else this_month
    opens_on, closes_on = _day(period, rule.from_day), _day(period, rule.to_day)
    is_open = opens_on <= today <= closes_on
    return Window(
        opens_on=opens_on,
        closes_on=closes_on,
        is_open=is_open,
        period=period,
        late=late,
        taken=is_open or rule.late == "next_period",
        days_left=(closes_on - today).days,
    )


def _day(period: int, day: int) -> date:
    """That day of the month, its last one where the month is shorter."""
    year, month = divmod(period, 100)
    return date(year, month, min(day, monthrange(year, month)[1]))

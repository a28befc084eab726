"""What readings and verification dates of a meter come to, and how volumes are written. Pure."""

from datetime import date

from mygas.domain.visible import KnownReading
from mygas.money import NBSP
from mygas.words import Figure

WARNINGS = (7, 30, 60)
"""Days before the end of a meter's verification at which people are told (product.md §4, row 28)."""


def consumed_milli(reading: KnownReading) -> int | None:
    """Thousandths of m³ since the reading before; None for the first one, and where the reading went back."""
    return difference_milli(reading.previous_milli, reading.value_milli, reading.digits)


def difference_milli(previous_milli: int | None, value_milli: int, digits: int) -> int | None:
    """Thousandths of m³ between two readings of a meter of so many digits; None where nobody knows."""
    if previous_milli is None:
        return None
    if may_have_turned(previous_milli, value_milli, digits):
        turn: int = 10**digits * 1000
        return turn - previous_milli + value_milli
    return value_milli - previous_milli if value_milli >= previous_milli else None


def has_rolled_over(reading: KnownReading) -> bool:
    """Whether the meter went through zero since the reading before."""
    return reading.previous_milli is not None and may_have_turned(reading.previous_milli, reading.value_milli, reading.digits)


def may_have_turned(previous_milli: int, value_milli: int, digits: int) -> bool:
    """Whether a fall of the value may be a meter gone through zero: from the last tenth of what it can show to the first.

    A fall elsewhere is rather a correction of an estimate or a mistake, and then nobody knows the consumption.
    """
    tenth: int = 10**digits * 100
    return bool(digits) and previous_milli >= 9 * tenth and value_milli < tenth


def days_left(until: date, today: date) -> int:
    """Days until a term ends, the last day included: 0 on the last day, negative once it is over."""
    return (until - today).days


def warning(until: date | None, today: date) -> int | None:
    """Which of WARNINGS has come, the nearest one; 0 once the verification is over; None while there is time, or no date."""
    if until is None:
        return None
    left = days_left(until, today)
    return 0 if left < 0 else next((step for step in WARNINGS if left <= step), None)


def plain_volume(milli: int) -> Figure:
    """`1226,4` m³ from thousandths: as machines and short messages read it, no more decimals than there are."""
    whole, part = divmod(milli, 1000)
    return Figure(f"{whole},{part:03d}".rstrip("0").rstrip(",") if part else whole)


def volume(milli: int) -> Figure:
    """«1 226,4» m³, from thousandths; no more decimals than there are."""
    return decimal(milli, 3)


def decimal(value: int, places: int, at_least: int = 0) -> Figure:
    """`value` × 10 to the power of −`places`, in the Russian way."""
    whole, part = divmod(abs(value), 10**places)
    fraction = f"{part:0{places}d}".rstrip("0").ljust(at_least, "0")
    sign = "\u2212" if value < 0 else ""
    return Figure(f"{sign}{whole:,}".replace(",", NBSP) + (f",{fraction}" if fraction else ""))

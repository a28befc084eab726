"""«Почему такая сумма?»: what each line of a month's charges was made of, reckoned again to the kopeck. Pure.

The formula is product.md §3.3: volume × coefficient × price per 1000 m³ / 1000, rounded half up to the kopeck, once per line.
Where a registry does not bring the coefficient, nothing here invents it: the product is that of the numbers given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mygas.domain.metering import consumed_milli
from mygas.domain.visible import KnownReading, Line, Month

MILLION = 1_000_000


@dataclass(frozen=True)
class Explained:
    """A line with its making. Thousandths of m³ and kopecks.

    `product_kop` is volume × coefficient × price, None where the sum is fixed or no price was given. `readings` are those of
    the month, for a line charged by the meter; `consumed_milli` is what they come to, None where they do not tell; `shared`
    says that several lines of the month rest on the same readings, `metered_milli` what is charged by them altogether.
    """

    line: Line
    product_kop: int | None
    readings: tuple[KnownReading, ...] = ()
    consumed_milli: int | None = None
    metered_milli: int = 0
    shared: bool = False

    @property
    def off_kop(self) -> int:
        """By how much the supplier's sum differs from the product of the numbers that he gave."""
        return 0 if self.product_kop is None else self.line.sum_kop - self.product_kop

    @property
    def unbilled_milli(self) -> int:
        """By how much the readings tell of more than was charged by them; negative: of less."""
        return 0 if self.consumed_milli is None else self.consumed_milli - self.metered_milli

    @property
    def recalculation_settles(self) -> bool:
        """Whether the line's recalculation is just what that difference costs, to the kopeck."""
        cost = cost_kop(self.unbilled_milli, self.line.price_kop, self.line.coefficient_micro)
        return not self.shared and self.unbilled_milli != 0 and cost == self.line.recalculated_kop


def cost_kop(volume_milli: int, price_kop: int, coefficient_micro: int = 0) -> int:
    """Kopecks for thousandths of m³ at kopecks per 1000 m³, rounded half up (away from zero where the volume is negative).

    `coefficient_micro` are millionths by which the volume is multiplied, 0 for one that was not given.
    """
    cost = (abs(volume_milli) * (coefficient_micro or MILLION) * price_kop + MILLION**2 // 2) // MILLION**2
    return -cost if volume_milli < 0 else cost


def explain(month: Month, readings: Sequence[KnownReading]) -> list[Explained]:
    """Each line of the month with its making; `readings` are those taken within the month, of all the account's meters."""
    by_meter = [line for line in month.lines if line.method == "meter"]
    told = [consumed_milli(reading) for reading in readings]
    consumed = sum(volume for volume in told if volume is not None)
    known = bool(told) and None not in told
    metered = sum(line.volume_milli for line in by_meter)
    return [
        Explained(
            line=line,
            product_kop=_product_kop(line),
            readings=tuple(readings) if line.method == "meter" else (),
            consumed_milli=consumed if known and line.method == "meter" else None,
            metered_milli=metered,
            shared=len(by_meter) > 1,
        )
        for line in month.lines
    ]


def _product_kop(line: Line) -> int | None:
    if line.method == "fixed" or not line.price_kop:
        return None
    return cost_kop(line.volume_milli, line.price_kop, line.coefficient_micro)

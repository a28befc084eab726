"""What one payment may come to at a supplier, and what is paid on top of it."""

from mygas import money
from mygas.suppliers.rules import Pay
from mygas.words import N_, Figure, Refused


def commission_kop(pay: Pay, amount_kop: int) -> int:
    """What is paid on top of the sum: kopecks, half a kopeck rounded up."""
    return max((amount_kop * pay.commission_bp + 5_000) // 10_000, pay.commission_min_kop)


def check_bounds(pay: Pay, amount_kop: int) -> None:
    """Raises Refused on the field `amount` for a sum that the supplier does not take at once."""
    if amount_kop < pay.min_kop:
        raise Refused(N_("Сумма не может быть меньше %(least)s руб."), field="amount", least=_short(pay.min_kop))
    if amount_kop > pay.max_kop:
        raise Refused(N_("Сумма не может быть больше %(most)s руб."), field="amount", most=_short(pay.max_kop))


def _short(kopecks: int) -> Figure:
    """`10` or `30 000`, `10,50` where there are kopecks."""
    return Figure(money.plain(kopecks, money.NBSP).removesuffix(",00"))

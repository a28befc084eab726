"""Numbers and days as papers say them. No-break spaces hold together what must not be parted."""

from datetime import date

from mygas.money import NBSP, Kopecks, plain, rubles

_OF = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"]
_IN = ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"]


def amount(kopecks: Kopecks) -> str:
    """`1 234,56`, without a sign: whether it is a debt or an overpayment is said in words beside it."""
    return plain(abs(kopecks), NBSP)


def changed(kopecks: Kopecks) -> str:
    """`снято 12,00`, `добавлено 12,00`; `нет` for nothing."""
    return f"{'снято' if kopecks < 0 else 'добавлено'}{NBSP}{amount(kopecks)}" if kopecks else "нет"


def charged(kopecks: Kopecks) -> str:
    """`1 234,56`; `снято 12,00` where a charge is taken back."""
    return changed(kopecks) if kopecks < 0 else amount(kopecks)


def standing(kopecks: Kopecks) -> str:
    """`Долг 12,00 ₽`, `Переплата 12,00 ₽`, `Долга нет`."""
    return f"{'Долг' if kopecks > 0 else 'Переплата'} {rubles(abs(kopecks))}" if kopecks else "Долга нет"


def thousandths(number: int) -> str:
    """`12 392,3`: thousandths as a decimal without needless noughts; a minus where there is one."""
    return _decimal(number, 3)


def coefficient(micro: int) -> str:
    """`1,02` from millionths."""
    return _decimal(micro, 6)


def square_metres(cm2: int) -> str:
    """`54,3 м²` from square centimetres."""
    return f"{_decimal(cm2, 4)}{NBSP}м²"


def _decimal(number: int, places: int) -> str:
    whole, part = divmod(abs(number), 10**places)
    tail = f"{part:0{places}d}".rstrip("0")
    sign = "\u2212" if number < 0 else ""
    return sign + f"{whole:,}".replace(",", NBSP) + ("," + tail if tail else "")


def in_words(day: date) -> str:
    """`15 ноября 2026 года`."""
    return f"{day.day}{NBSP}{_OF[day.month - 1]} {day.year}{NBSP}года"


def in_figures(day: date) -> str:
    """`15.11.2026`."""
    return f"{day:%d.%m.%Y}"


def month(period: int) -> str:
    """`октябрь 2026 года` from 202610."""
    return f"{_IN[period % 100 - 1]} {period // 100}{NBSP}года"


def month_begins(period: int) -> str:
    """`1 октября 2026 года` from 202610."""
    return in_words(date(period // 100, period % 100, 1))

"""What may stand in a cell: each function takes stripped text and returns what the database keeps, or raises Unfit.

The `plain_...` ones take a whole column of cells written in the plainest way, at a tenth of the price, and return None when
any cell is written otherwise. Days come out as ISO text: SQLite keeps them so, PostgreSQL reads them so.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from mygas import money
from mygas.domain.folding import fold
from mygas.exchange.faults import Unfit
from mygas.words import N_

_DAY = re.compile(r"(?:([0-9]{2})\.([0-9]{2})\.([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2}))\Z")
_PERIOD = re.compile(r"(?:(0[1-9]|1[0-2])\.((?:19|20)[0-9]{2})|((?:19|20)[0-9]{2})-(0[1-9]|1[0-2]))\Z")
_NUMBER = re.compile(rf"([0-9]{{1,9}}|{money.GROUPED}{{1,2}})(?:[.,]([0-9]{{1,9}}))?\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd]")
# Russian letters of UTF-8 read as cp1251 begin with Р or С and go on with signs that no Russian text has after them.
_MOJIBAKE = re.compile(r"[РС][ЂЃ‚ѓ„†‡€‰Љ‹ЊЌЋЏђ‘“•™љ›њќћџЎўЈ¤Ґ¦©Є¬\xad®Ї±Ііґµ¶·єјЅѕї]")
_SHOWN = 40
_PLAIN_WHOLE = re.compile(r"(?:[0-9]{1,9}\n)*\Z")
_PLAIN_HUNDREDTHS = re.compile(r"(?:[0-9]{1,11}[.,][0-9]{2}\n)*\Z")
_PLAIN_WORD = re.compile(r"(?:[0-9A-Za-zА-Яа-яЁё/_.-]{1,40}\n)*\Z")


def day(text: str) -> str:
    """`31.12.2026` or `2026-12-31`, from 1900 to 2199."""
    found = _DAY.match(text)
    if not found:
        raise Unfit(N_("«%(text)s» — не дата: нужно дд.мм.гггг или гггг-мм-дд"), text=text[:_SHOWN])
    d, m, y, *iso = found.groups()
    year, month, number = (y, m, d) if y else iso
    try:
        value = date(int(year), int(month), int(number))
    except ValueError:
        raise Unfit(N_("такой даты не бывает: «%(text)s»"), text=text) from None
    if not 1900 <= value.year <= 2199:
        raise Unfit(N_("год не от 1900 до 2199: «%(text)s»"), text=text)
    return value.isoformat()


def period(text: str) -> int:
    """A month `12.2026` or `2026-12` as year * 100 + month."""
    found = _PERIOD.match(text)
    if not found:
        raise Unfit(N_("«%(text)s» — не месяц: нужно мм.гггг или гггг-мм"), text=text[:_SHOWN])
    month, year, iso_year, iso_month = found.groups()
    return int(year or iso_year) * 100 + int(month or iso_month)


def any_kopecks(text: str) -> int:
    """Rubles with at most two decimals, as kopecks; may be negative."""
    try:
        return money.parse(text)
    except ValueError:
        raise Unfit(N_("«%(text)s» — не сумма в рублях: нужно 1234,56 или 1234.56"), text=text[:_SHOWN]) from None


def kopecks(text: str) -> int:
    """Rubles as kopecks, not negative."""
    value = any_kopecks(text)
    if value < 0:
        raise Unfit(N_("отрицательная сумма «%(text)s» здесь недопустима"), text=text)
    return value


def decimal(places: int) -> Callable[[str], int]:
    """A parser of non-negative numbers with up to `places` decimals; the result is scaled to an integer by 10**places."""

    def parse(text: str) -> int:
        found = _NUMBER.match(text)
        if not found or len(found[2] or "") > places:
            reason = N_("«%(text)s» — не число от нуля, знаков после запятой не больше %(places)s")
            raise Unfit(reason, text=text[:_SHOWN], places=places)
        whole = re.sub("[^0-9]", "", found[1])
        return int(whole + (found[2] or "").ljust(places, "0"))

    return parse


def area(text: str) -> int:
    """Square metres with up to two decimals, as cm²; a dwelling has less than 100 000 m²."""
    value = decimal(2)(text)
    if value >= 100_000_00:
        raise Unfit(N_("площадь «%(text)s» м² слишком велика"), text=text)
    return value * 100


def coefficient(text: str) -> int:
    """A factor with up to six decimals, as millionths; those that bring gas to standard conditions are near 1."""
    value = decimal(6)(text)
    if not 0 < value < 10_000_000:
        raise Unfit(N_("коэффициент «%(text)s» — не между 0 и 10"), text=text[:_SHOWN])
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.match(r"[0-9]{1,9}\Z", text) or not low <= int(text) <= high:
            reason = N_("«%(text)s» — не целое число от %(low)s до %(high)s")
            raise Unfit(reason, text=text[:_SHOWN], low=low, high=high)
        return int(text)

    return parse


def portal_number(text: str) -> str:
    """The portal's own number of a payment or a reading, as digits."""
    return str(whole(1, 999_999_999)(text))


def text(longest: int) -> Callable[[str], str]:
    """A parser of plain one-line text of at most `longest` characters."""

    def parse(value: str) -> str:
        if len(value) > longest:
            raise Unfit(N_("слишком длинно: %(length)s знаков, можно не больше %(longest)s"), length=len(value), longest=longest)
        if _CONTROL.search(value):
            raise Unfit(N_("в тексте управляющий знак (перенос строки, нулевой байт или подобное)"))
        if _MOJIBAKE.search(value):
            raise Unfit(N_("текст искажён: похоже, файл сохранён не в той кодировке («%(text)s»)"), text=value[:_SHOWN])
        return value

    return parse


def choice(words: Mapping[str, str | bool]) -> Callable[[str], str | bool]:
    """A parser of one of the given words, in any case of letters."""

    def parse(text: str) -> str | bool:
        found = words.get(text.lower())
        if found is None:
            raise Unfit(N_("«%(text)s» — нужно одно из: %(words)s"), text=text[:_SHOWN], words=", ".join(words))
        return found

    return parse


def pin(text: str) -> str:
    """A PIN or old password, folded. Its text is never repeated in a reason."""
    folded = fold(text)
    if not 4 <= len(folded) <= 40:
        raise Unfit(N_("ПИН-код — от 4 до 40 букв и цифр"))
    return folded


def plain_kopecks(cells: Sequence[str]) -> list[int] | None:
    """Sums such as `1234,56`, never negative, always with kopecks."""
    text = "\n".join((*cells, ""))
    if not _PLAIN_HUNDREDTHS.match(text):
        return None
    return list(map(int, text.replace(",", "").replace(".", "").split()))


def plain_thousandths(cells: Sequence[str]) -> list[int] | None:
    """Whole numbers, as thousandths."""
    text = "\n".join((*cells, ""))
    return list(map(int, text.replace("\n", "000\n").split())) if _PLAIN_WHOLE.match(text) else None


def plain_words(cells: Sequence[str]) -> list[str] | None:
    """Numbers of documents of at most 40 characters, without spaces."""
    return list(cells) if _PLAIN_WORD.match("\n".join((*cells, ""))) else None

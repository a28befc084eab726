"""The text of a payment code: ГОСТ Р 56042-2014, what a bank's application reads off a receipt. Pure.

A service part `ST00012|` says the version, the encoding and the separator; then `Key=Value` fields follow, five mandatory
ones first, in the order of the standard. Of the payer it tells the account number alone: the supplier needs no more, and a
receipt lies about.
"""

import re
import unicodedata
from typing import Literal

from babel.dates import format_date

from mygas.domain.months import first_day
from mygas.money import Kopecks
from mygas.suppliers import Supplier

Codec = Literal["utf-8", "cp1251"]
SEPARATOR = "|"
MOST_MANDATORY = 300
"""Bytes of the mandatory fields with the separators between them, the service part apart."""
MOST = {"Name": 160, "PersonalAcc": 20, "BankName": 45, "BIC": 9, "CorrespAcc": 20, "Sum": 18, "Purpose": 160,
        "PayeeINN": 12, "KPP": 9}  # fmt: skip
"""Characters of a value."""
UTILITIES = "02"
"""TechCode of payments for a dwelling: ЖКХ."""
_PERIODS = {"MMYY": "{month:02d}{short:02d}", "MMYYYY": "{month:02d}{year}", "MM.YYYY": "{month:02d}.{year}"}
_NOT_SPOKEN = re.compile(r"[\s|]+")
_PLAIN = str.maketrans("әӘөӨүҮҗҖңҢһҺӏӀ", "аАоОуУжЖнНхХІІ")
"""Letters of the region's languages that fall apart into no letter and mark of their own."""


class DoesNotFit(ValueError):
    """The payee cannot be written into a payment code: a field, or the mandatory ones together, are too long."""


def codec(supplier: Supplier) -> Codec:
    """How the text becomes bytes."""
    return "utf-8" if supplier.qr.encoding == "ST00012" else "cp1251"


def compose(supplier: Supplier, *, number: str, period: int, sum_kop: Kopecks) -> str:
    """The code by which the account `number` pays for `period` (year * 100 + month).

    A sum of 0 or less is left out: the payer then enters his own. Raises DoesNotFit.
    """
    bank, written_in = supplier.bank, codec(supplier)
    mandatory = _written(
        {"Name": supplier.legal_name, "PersonalAcc": bank.account, "BankName": bank.name, "BIC": bank.bic,
         "CorrespAcc": bank.corr_account}, written_in,
    )  # fmt: skip
    if len(mandatory.encode(written_in)) > MOST_MANDATORY:
        raise DoesNotFit(f"the mandatory fields take more than {MOST_MANDATORY} bytes")
    month = format_date(first_day(period), "LLLL yyyy", locale="ru")
    additional = _written(
        {
            **({"Sum": str(sum_kop)} if sum_kop > 0 else {}),
            "Purpose": f"Оплата за газ, л/с {number}, {month}",
            "PayeeINN": supplier.inn,
            "KPP": supplier.kpp,
            supplier.qr.account_key: number,
            "PaymPeriod": _period(period, supplier.qr.period_format),
            "TechCode": UTILITIES,
        },
        written_in,
    )
    return SEPARATOR.join((supplier.qr.encoding, mandatory, additional))


def spoken(text: str, written_in: Codec) -> str:
    """The text as a value: on one line, without the separator, and in letters that the encoding has.

    A letter that Windows-1251 lacks gives way to the one it is made from («ӝ» to «ж»), else to «?».
    """
    letters = (" " if unicodedata.category(sign)[0] == "C" else sign for sign in unicodedata.normalize("NFC", text))
    known = letters if written_in == "utf-8" else map(_in_cp1251, letters)
    return _NOT_SPOKEN.sub(" ", "".join(known)).strip()


def _in_cp1251(sign: str) -> str:
    candidates = (sign, sign.translate(_PLAIN), unicodedata.normalize("NFKD", sign)[0])
    return next((candidate for candidate in candidates if candidate.encode("cp1251", "ignore")), "?")


def _written(fields: dict[str, str], written_in: Codec) -> str:
    """Raises DoesNotFit."""
    values = {key: spoken(value, written_in) for key, value in fields.items()}
    for key, value in values.items():
        if len(value) > MOST.get(key, len(value)):
            raise DoesNotFit(f"{key} is longer than {MOST[key]} characters")
    return SEPARATOR.join(f"{key}={value}" for key, value in values.items())


def _period(period: int, pattern: str) -> str:
    return _PERIODS[pattern].format(month=period % 100, year=period // 100, short=period // 100 % 100)

"""What stands on printed papers: plain data that the domain composes and documents draw. Kopecks, thousandths of m³, cm².

Texts are Russian and ready to print; the domain has resolved everything, documents decide nothing but where it stands.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Variant = Literal["a4", "large"]


@dataclass(frozen=True)
class Payee:
    """The supplier on paper: who he is, where his bank is, where he is to be found."""

    name: str
    legal_name: str
    inn: str
    kpp: str
    address: str
    phone: str
    email: str
    hours: str
    bank_name: str
    bic: str
    account: str
    corr_account: str


@dataclass(frozen=True)
class PaperMeter:
    """A meter. `verified_until` None: not told. Values are thousandths of m³; `value_source` in Russian («абонент»).

    `digits` is how many its counter has before the comma: as many boxes are printed to write a reading into.
    """

    serial: str
    model: str
    place: str
    verified_until: date | None
    previous_milli: int | None
    previous_on: date | None
    value_milli: int | None
    value_on: date | None
    value_source: str
    digits: int = 5


@dataclass(frozen=True)
class PaperLine:
    """A line of the month's charges; `method` in Russian («по прибору учёта»); `price_kop` per 1000 m³, 0 where there is none."""

    service: str
    method: str
    volume_milli: int
    coefficient_micro: int
    price_kop: int
    sum_kop: int
    recalculated_kop: int


@dataclass(frozen=True)
class ReceiptPaper:
    """квитанция (платёжный документ) of one account and month: product.md §3.5.

    `period` is year * 100 + month. opening + charged + recalculated + penalty − paid = closing. `current` is the paper of the
    newest charged month, which alone asks for money: its closing is the balance of today, `paid_here_kop` what was paid through
    the portal and is not in it yet, `to_pay_kop` what is left if that is a debt, else 0. A past month's has none of the three,
    and no code. `lines` hold no penalty: that is `penalty_kop`. `methods` says in one sentence how the month was charged. `pin`
    and whatever else must not be printed is empty or 0. `qr` is the text of the payment code (ГОСТ Р 56042-2014), `qr_codec` how
    it becomes bytes; `as_of` is the day of the supplier's data, by which payments are counted.
    """

    payee: Payee
    number: str
    united_number: str
    holder: str
    address: str
    area_cm2: int
    residents: int
    privileges: str
    period: int
    as_of: date
    current: bool
    due_on: date
    meters: tuple[PaperMeter, ...]
    lines: tuple[PaperLine, ...]
    opening_kop: int
    charged_kop: int
    recalculated_kop: int
    paid_kop: int
    penalty_kop: int
    closing_kop: int
    paid_here_kop: int
    to_pay_kop: int
    pin: str
    qr: str
    qr_codec: Literal["utf-8", "cp1251"]
    methods: str

    @property
    def left_kop(self) -> int:
        """What the closing will be once the supplier has booked what was paid here; a debt is positive."""
        return self.closing_kop - self.paid_here_kop


@dataclass(frozen=True)
class ConsentPaper:
    """согласие: the text of one edition, who consented to it, when, and how he was known. Moments are aware.

    `sha256` is that of the edition's file; `proof` is in words.
    """

    title: str
    edition: date
    paragraphs: tuple[str, ...]
    sha256: str
    login: str
    given_at: datetime
    proof: str
    ip: str
    user_agent: str
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class PaymentPaper:
    """чек: the document of one payment made through the portal. `moment` and `made_at` are on the supplier's clock."""

    payee: Payee
    number: str
    account_number: str
    address: str
    amount_kop: int
    commission_kop: int
    split: tuple[tuple[str, int], ...]
    paid_at: datetime
    acquirer_id: str
    fiscal_id: str
    state: str

"""Papers to draw in tests and measurements."""

from dataclasses import replace
from datetime import UTC, date, datetime

from mygas.papers import PaperLine, PaperMeter, Payee, PaymentPaper, ReceiptPaper

PAYEE = Payee(
    name="Газпром межрегионгаз Пермь",
    legal_name="АО «Газпром межрегионгаз Пермь»",
    inn="5902183841",
    kpp="590401001",
    address="614000, г. Пермь, ул. Петропавловская, д. 43",
    phone="8 (800) 300-00-04",
    email="info@perm.example.ru",
    hours="пн–пт 8:00–20:00, сб 9:00–15:00",
    bank_name="ВОЛГО-ВЯТСКИЙ БАНК ПАО СБЕРБАНК",
    bic="042202603",
    account="40702810012345678901",
    corr_account="30101810900000000603",
)
METER = PaperMeter("01234567", "BK-G4T", "кухня", date(2031, 5, 14), 12345_000, date(2026, 9, 24), 12392_300, date(2026, 10, 23),
                   "абонент")  # fmt: skip
LINES = (
    PaperLine("Газоснабжение природным газом", "по прибору учёта", 47_300, 1_020_000, 769_000, 37_101, 0),
    PaperLine("Отопление жилого дома", "по нормативу", 54_300, 1_000_000, 620_000, 33_666, -1_200),
    PaperLine("Техническое обслуживание ВДГО", "по договору", 0, 1_000_000, 0, 25_000, 0),
)


def code(number: str, sum_kop: int) -> str:
    """The text of a payment code, as long as they are in life."""
    return "|".join(
        (
            "ST00012", f"Name={PAYEE.legal_name}", f"PersonalAcc={PAYEE.account}", f"BankName={PAYEE.bank_name}",
            f"BIC={PAYEE.bic}", f"CorrespAcc={PAYEE.corr_account}", f"PayeeINN={PAYEE.inn}", f"KPP={PAYEE.kpp}", f"Sum={sum_kop}",
            f"Purpose=Оплата за газ по л/с {number}", f"PersAcc={number}", "PaymPeriod=102026", "LastName=Иванова",
            "FirstName=Мария", "MiddleName=Петровна", "PayerAddress=г. Пермь, ул. Ленина, д. 12, кв. 5", "TechCode=02",
        )
    )  # fmt: skip


RECEIPT = ReceiptPaper(
    payee=PAYEE,
    number="12345678",
    united_number="20МВ123456",
    holder="Иванова Мария Петровна",
    address="г. Пермь, ул. Ленина, д. 12, кв. 5",
    area_cm2=543_000,
    residents=3,
    privileges="",
    period=202610,
    as_of=date(2026, 11, 2),
    current=True,
    due_on=date(2026, 11, 15),
    meters=(METER,),
    lines=LINES,
    opening_kop=58_874,
    charged_kop=95_767,
    recalculated_kop=-1_200,
    paid_kop=25_000,
    penalty_kop=1_000,
    closing_kop=129_441,
    paid_here_kop=0,
    to_pay_kop=129_441,
    pin="48219035",
    qr=code("12345678", 129_441),
    qr_codec="utf-8",
    methods="Газ начислен по показаниям прибора учёта, отопление — по нормативу.",
)
PAYMENT = PaymentPaper(
    payee=PAYEE,
    number="МГ-2026-000123",
    account_number="12345678",
    address="г. Пермь, ул. Ленина, д. 12, кв. 5",
    amount_kop=129_441,
    commission_kop=1_294,
    split=(("Газоснабжение природным газом", 104_441), ("Техническое обслуживание ВДГО", 25_000)),
    paid_at=datetime(2026, 11, 5, 14, 31, tzinfo=UTC),
    acquirer_id="2d3b1a5e-000f-5000-8000-1c0d2f4a5b6c",
    fiscal_id="12345",
    state="Деньги переданы поставщику",
)


def another(number: int) -> ReceiptPaper:
    """The receipt of another account: other numbers, sums and so another code."""
    name, owed = f"{10_000_000 + number}", 100_000 + number * 7
    return replace(RECEIPT, number=name, to_pay_kop=owed, closing_kop=owed, qr=code(name, owed), holder=f"Петрова {number} Мария")

"""квитанция: for which months there is one, and what stands on it (product.md §3.5). documents draw it, pages show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from mygas.domain import payment_code, pins, receipt_facts, settlements
from mygas.domain.accounts import masked_address
from mygas.domain.billing_words import METHODS, SOURCES
from mygas.domain.explaining import MILLION
from mygas.domain.months import first_day, following, last_day
from mygas.domain.newest import rows, table
from mygas.domain.receipt_facts import Facts, Hanging
from mygas.domain.settlements import Settlements, period_of
from mygas.domain.visible import Line
from mygas.extensions import db
from mygas.models import Account, Charge, Registry
from mygas.money import Kopecks
from mygas.papers import PaperLine, PaperMeter, Payee, ReceiptPaper
from mygas.suppliers import Supplier

BATCH = 200
"""Accounts composed at once: enough to spread three statements thin, few enough to hold."""
_PENALTY = ("Пеня", "Пени")
_HOW = {
    "meter": "по показаниям прибора учёта",
    "average": "по среднемесячному расходу, потому что показаний не было",
    "norm": "по нормативу потребления",
}


@dataclass(frozen=True)
class Composed:
    """A receipt with what is not printed on it.

    The account, the newest charged month, and what is owed today, less what was paid here (kopecks, a debt is positive).
    """

    account_id: int
    paper: ReceiptPaper
    newest: int
    today_kop: Kopecks


def periods(account_id: int) -> list[int]:
    """Months that have charges, newest first. One statement."""
    charge, registry = table(Charge), table(Registry)
    told = select(charge.c.period).distinct().join(registry, registry.c.id == charge.c.registry_id)
    wanted = told.where(charge.c.account_id == account_id, registry.c.state == "complete")
    return [row["period"] for row in rows(wanted.order_by(charge.c.period.desc()))]


def preselected(known: Sequence[int], today: date) -> int | None:
    """The current month if it has charges, else the last one that has (product.md §0, decision 6). `known` as of `periods`."""
    return next((period for period in known if period <= period_of(today)), known[0] if known else None)


def edition(supplier_slug: str) -> int:
    """Which registry spoke last of the supplier's accounts: its id, 0 where none did."""
    last = select(func.max(Registry.id)).where(Registry.supplier == supplier_slug, Registry.state == "complete")
    return db.session.scalar(last) or 0


def count(supplier_slug: str, after: str = "") -> int:
    """How many accounts the supplier has, those after that number."""
    return db.session.scalar(select(func.count()).where(Account.supplier == supplier_slug, Account.number > after)) or 0


def batches(supplier: Supplier, period: int, after: str = "") -> Iterator[tuple[int, list[Composed]]]:
    """All receipts of the month by number, those after that number: (accounts looked at, their receipts), few at a time.

    Read in one transaction, so that a registry that comes in meanwhile does not mix with the one before it.
    """
    account = table(Account)
    while True:
        query = select(account.c.id, account.c.number).where(account.c.supplier == supplier.slug, account.c.number > after)
        found = rows(query.order_by(account.c.number).limit(BATCH))
        if not found:
            return
        yield len(found), list(compose(supplier, period, [row["id"] for row in found]))
        after = found[-1]["number"]


def compose(supplier: Supplier, period: int, ids: Sequence[int], *, extended: bool = True) -> Iterator[Composed]:
    """Receipts of that month for those of the accounts that were charged in it, by number. At most three statements.

    For the basic version, which whoever knows the number may see, all that tells of the household is left out or masked,
    and the PIN with it; that is printed where the supplier prints it on receipts at all.
    """
    for facts in receipt_facts.of_accounts(ids, period):
        settled = settlements.settle(facts.ledger)
        paper = _paper(supplier, period, facts, settled, extended=extended)
        yield Composed(facts.holding.account_id, paper, facts.newest, settled.balance_kop - facts.holding.paid_here_kop)


def _paper(supplier: Supplier, period: int, facts: Facts, settled: Settlements, *, extended: bool) -> ReceiptPaper:
    """The paper of the newest charged month reckons as far as is known today; one of a past month stops at its end."""
    month = settled.month(period)
    assert month is not None, "it has charges"  # noqa: S101
    holding, current = facts.holding, period == facts.newest
    closing = settled.balance_kop if current else month.closing_kop
    paid_here = holding.paid_here_kop if current else 0
    to_pay = max(closing - paid_here, 0) if current else 0
    penalties = [line for line in facts.lines if line.service.startswith(_PENALTY)]
    charged = [line for line in facts.lines if line not in penalties]
    return ReceiptPaper(
        payee=payee(supplier),
        number=holding.number,
        united_number=holding.united_number if extended else "",
        holder=holding.holder if extended else "",
        address=holding.address if extended else masked_address(holding.address),
        area_cm2=holding.area_cm2 if extended else 0,
        residents=holding.residents if extended else 0,
        privileges=holding.privileges if extended else "",
        period=period,
        as_of=facts.known_until if current else min(holding.balance_on, last_day(period)),
        current=current,
        due_on=first_day(following(period)).replace(day=supplier.billing.due_day),
        meters=tuple(map(_meter, facts.meters.values())) if extended else (),
        lines=tuple(map(_line, charged)),
        opening_kop=month.opening_kop,
        charged_kop=sum(line.sum_kop for line in charged),
        recalculated_kop=sum(line.recalculated_kop for line in charged),
        paid_kop=month.opening_kop + month.due_kop - closing,
        penalty_kop=sum(line.sum_kop + line.recalculated_kop for line in penalties),
        closing_kop=closing,
        paid_here_kop=paid_here,
        to_pay_kop=to_pay,
        pin=pins.derived(supplier.slug, holding.number, holding.generation)
        if extended and supplier.access.pin_on_receipt
        else "",
        qr=payment_code.compose(supplier, number=holding.number, period=period, sum_kop=to_pay) if current else "",
        qr_codec=payment_code.codec(supplier),
        methods=_methods(charged),
    )


def payee(supplier: Supplier) -> Payee:
    """The supplier as he stands on every paper."""
    bank, office = supplier.bank, supplier.offices[0]
    return Payee(
        name=supplier.name,
        legal_name=supplier.legal_name,
        inn=supplier.inn,
        kpp=supplier.kpp,
        address=office.address,
        phone=supplier.support_phone,
        email=supplier.support_email,
        hours=office.hours,
        bank_name=bank.name,
        bic=bank.bic,
        account=bank.account,
        corr_account=bank.corr_account,
    )


def _meter(meter: Hanging) -> PaperMeter:
    before, within = meter.before, meter.within
    return PaperMeter(
        serial=meter.serial,
        model=meter.model,
        place=meter.place,
        verified_until=meter.verified_until,
        previous_milli=before.value_milli if before else None,
        previous_on=before.taken_on if before else None,
        value_milli=within.value_milli if within else None,
        value_on=within.taken_on if within else None,
        value_source=SOURCES.get(within.source, within.source) if within else "",
        digits=meter.digits,
    )


def _line(line: Line) -> PaperLine:
    return PaperLine(
        service=line.service,
        method=METHODS.get(line.method, line.method),
        volume_milli=line.volume_milli,
        coefficient_micro=line.coefficient_micro or MILLION,  # on paper, what was not told multiplied by nothing
        price_kop=line.price_kop,
        sum_kop=line.sum_kop,
        recalculated_kop=line.recalculated_kop,
    )


def _methods(lines: Sequence[Line]) -> str:
    """How the gas of the month came to be charged, in one sentence; nothing where no volume was."""
    ways = [words for method, words in _HOW.items() if any(line.method == method for line in lines)]
    return f"Газ начислен {'; '.join(ways)}." if ways else ""

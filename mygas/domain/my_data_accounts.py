"""What an archive of a user's data tells of his accounts: as much as his pages show him now (accounts.is_open)."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from mygas.domain import accounts, reading_history, visible
from mygas.domain.accounts import Connection, is_open
from mygas.domain.my_data_parts import OWN, Part, Row, Whose

_MONTHS, _PAYMENTS, _A_YEAR = 120, 5000, 100_000
"""How much is read at a time. A household has not so many readings in a year."""
_ALWAYS = ("supplier", "number", "balance_kop", "balance_on", "closed", "paid_here_kop")
_EXTENDED = ("united_number", "holder", "area_cm2", "residents", "equipment", "privileges")
_LINE = ("service", "method", "volume_milli", "price_kop", "sum_kop", "recalculated_kop")


def _open(whose: Whose, section: str) -> Iterator[Connection]:
    """Live connections to which the section of the account is open."""
    for connection in whose.live:
        supplier = whose.suppliers.get(connection.supplier)
        if supplier is not None and is_open(section, connection, supplier):
            yield connection


def _cards(whose: Whose) -> Iterator[Row]:
    for connection in whose.live:
        card = visible.card(connection.account_id)
        if card is not None:
            closed: dict[str, Any] = {} if connection.access == "extended" else dict.fromkeys(_EXTENDED)
            told = {name: getattr(card, name) for name in (*_ALWAYS, *_EXTENDED)}
            yield {**told, "address": accounts.address_for(connection, card), **closed}


def _charges(whose: Whose) -> Iterator[Row]:
    for connection in _open(whose, "charges"):
        until: int | None = None
        while months := visible.months(connection.account_id, until_period=until, limit=_MONTHS):
            for month in months:
                for line in month.lines:
                    told = {name: getattr(line, name) for name in _LINE}
                    yield {"account": connection.account.number, "period": month.period, **told}
            until = months[-1].period - 1  # what is no month of a year has no charges


def _booked(whose: Whose) -> Iterator[Row]:
    for connection in _open(whose, "payments"):
        before: tuple[date, str] | None = None
        while found := visible.payments(connection.account_id, limit=_PAYMENTS, before=before):
            yield from ({"account": connection.account.number, **asdict(one)} for one in found)
            before = found[-1].paid_on, found[-1].number


def _readings(whose: Whose) -> Iterator[Row]:
    for connection in _open(whose, "history"):
        for year in reading_history.overview(connection.account_id, since_period=999912).years:
            since, before = date(year, 1, 1), date(year + 1, 1, 1)
            for one in visible.readings(connection.account_id, since=since, before=before, limit=_A_YEAR):
                meter = one.serial if connection.access == "extended" else ""
                told = {"taken_on": one.taken_on, "value_milli": one.value_milli, "source": one.source}
                yield {"account": connection.account.number, "meter": meter, **told}


def _meters(whose: Whose) -> Iterator[Row]:
    told = ("serial", "model", "place", "state", "verified_until", "sealed_on", "seal")
    for connection in _open(whose, "subscriber"):
        for meter in visible.meters(connection.account_id):
            yield {"account": connection.account.number, **{name: getattr(meter, name) for name in told}}


def _contracts(whose: Whose) -> Iterator[Row]:
    for connection in _open(whose, "contracts"):
        yield from ({"account": connection.account.number, **asdict(one)} for one in visible.contracts(connection.account_id))


def _acts(whose: Whose) -> Iterator[Row]:
    for connection in _open(whose, "acts"):
        yield from ({"account": connection.account.number, **asdict(one)} for one in visible.acts(connection.account_id))


_ACCOUNT = {"account": "лицевой счёт"}
PARTS: tuple[Part, ...] = (
    *OWN,
    Part("accounts", "Лицевые счета по данным поставщика; закрытое в основной версии пусто", {
        "supplier": "поставщик", "number": "лицевой счёт", "united_number": "единый лицевой счёт", "holder": "абонент",
        "address": "адрес", "area_cm2": "площадь, см²", "residents": "проживают", "equipment": "оборудование",
        "privileges": "льготы", "balance_kop": "долг (с минусом — переплата), копеек", "balance_on": "на день",
        "closed": "счёт закрыт", "paid_here_kop": "оплачено здесь и ещё не учтено поставщиком, копеек",
    }, _cards),
    Part("charges", "Начисления", {
        **_ACCOUNT, "period": "месяц (ГГГГММ)", "service": "услуга",
        "method": "meter — по прибору, average — по среднему, norm — по нормативу, fixed — твёрдая сумма",
        "volume_milli": "объём, тысячных м³", "price_kop": "цена за 1000 м³, копеек", "sum_kop": "начислено, копеек",
        "recalculated_kop": "перерасчёт, копеек",
    }, _charges, table=True),
    Part("booked_payments", "Платежи, учтённые поставщиком", {
        **_ACCOUNT, "number": "номер у поставщика", "paid_on": "дата", "sum_kop": "сумма, копеек", "source": "откуда",
    }, _booked, table=True),
    Part("readings", "Показания, учтённые поставщиком", {
        **_ACCOUNT, "meter": "прибор (в расширенной версии)", "taken_on": "дата", "value_milli": "показание, тысячных м³",
        "source": "subscriber — абонент, inspector — контролёр, estimate — расчётное, remote — телеметрия",
    }, _readings, table=True),
    Part("meters", "Приборы учёта", {
        **_ACCOUNT, "serial": "заводской номер", "model": "марка", "place": "где стоит", "state": "состояние",
        "verified_until": "поверен до", "sealed_on": "опломбирован", "seal": "пломба",
    }, _meters),
    Part("contracts", "Договоры", {
        **_ACCOUNT, "number": "номер", "kind": "вид", "begins_on": "с", "ends_on": "по", "status": "состояние",
    }, _contracts),
    Part("acts", "Акты", {
        **_ACCOUNT, "number": "номер", "kind": "вид", "made_on": "дата", "text": "содержание",
    }, _acts),
)  # fmt: skip

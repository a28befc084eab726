"""The files of a registry as data: which columns, what may stand in them, where they go (docs/formats.md says it in words)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import Table

from mygas.exchange import values
from mygas.models import (
    AccountCard,
    Act,
    Charge,
    Contract,
    ImportedPin,
    MeterCard,
    Payment,
    Reading,
    ReadingVerdict,
    ServiceBalance,
)

Parse = Callable[[str], Any]


class _Must(Enum):
    """The only value says that a cell must not be empty; an enumeration, so that types can tell it from a default."""

    BE_GIVEN = "must be given"


REQUIRED = _Must.BE_GIVEN


@dataclass(frozen=True)
class Column:
    """`name` stands in the header, `field` in the table. A missing column or an empty cell means `default`.

    `latest` makes of today the greatest value allowed: a payment of tomorrow is a slip of the pen. `plain` does a whole
    column at once where values seldom repeat and are written plainly; it must agree with `parse`.
    """

    name: str
    field: str
    parse: Parse
    default: Any = REQUIRED
    latest: Callable[[date], Any] | None = None
    plain: Callable[[Sequence[str]], list[Any] | None] | None = None


@dataclass(frozen=True)
class File:
    """`name`.csv and the table it goes to. Each has a column `account` before those listed.

    `key` with the account (or with the meter, whose `serial` it then holds) names a row; `unit` is the beginning of the key
    within which a newer registry supersedes all older rows. `summed` is the field that totals.csv adds up. A file that
    `enrols` may bring accounts not heard of before; of a `sealed` one only a keyed hash of its single column is kept.
    """

    name: str
    model: type
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unit: tuple[str, ...]
    summed: str = ""
    enrols: bool = False
    sealed: bool = False

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"

    @property
    def table(self) -> Table:
        table: Table = self.model.__table__  # type: ignore[attr-defined]
        return table

    @property
    def of_meter(self) -> bool:
        """Whether its rows belong to a meter rather than to the account itself."""
        return "meter_id" in self.table.c

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns)


def _this_month(today: date) -> int:
    return today.year * 100 + today.month


METHODS = {
    "meter": "meter", "average": "average", "norm": "norm", "fixed": "fixed",
    "по прибору": "meter", "по среднему": "average", "по нормативу": "norm", "твёрдая сумма": "fixed",
}  # fmt: skip
SOURCES = {
    "subscriber": "subscriber", "inspector": "inspector", "estimate": "estimate", "remote": "remote",
    "абонент": "subscriber", "контролёр": "inspector", "расчётное": "estimate", "телеметрия": "remote",
}  # fmt: skip
VERDICTS = {"accepted": "accepted", "rejected": "rejected", "учтено": "accepted", "отклонено": "rejected"}
YES_NO = {"1": True, "0": False, "да": True, "нет": False, "yes": True, "no": False}

_SERIAL = Column("serial", "serial", values.text(40))
_volume = values.decimal(3)

FILES = (
    File("accounts", AccountCard, (
        Column("holder", "holder", values.text(160)),
        Column("address", "address", values.text(250)),
        Column("balance", "balance_kop", values.any_kopecks),
        Column("balance_date", "balance_on", values.day, latest=date.isoformat),
        Column("united_number", "united_number", values.text(20), ""),
        Column("area", "area_cm2", values.area, 0),
        Column("residents", "residents", values.whole(0, 999), 0),
        Column("equipment", "equipment", values.text(250), ""),
        Column("privileges", "privileges", values.text(250), ""),
        Column("closed", "closed", values.choice(YES_NO), False),
    ), key=(), unit=(), summed="balance_kop", enrols=True),
    File("meters", MeterCard, (
        _SERIAL,
        Column("model", "model", values.text(60)),
        Column("digits", "digits", values.whole(1, 9), 5),
        Column("place", "place", values.text(80), ""),
        Column("state", "state", values.text(40), ""),
        Column("verified_until", "verified_until", values.day, None),
        Column("sealed_on", "sealed_on", values.day, None, latest=date.isoformat),
        Column("seal", "seal", values.text(40), ""),
    ), key=("serial",), unit=("serial",)),
    File("readings", Reading, (
        _SERIAL,
        Column("date", "taken_on", values.day, latest=date.isoformat),
        Column("value", "value_milli", _volume, plain=values.plain_thousandths),
        Column("source", "source", values.choice(SOURCES)),
    ), key=("serial", "taken_on"), unit=("serial", "taken_on")),
    File("charges", Charge, (
        Column("period", "period", values.period, latest=_this_month),
        Column("line", "line", values.whole(1, 999), 1),
        Column("service", "service", values.text(80)),
        Column("method", "method", values.choice(METHODS)),
        Column("volume", "volume_milli", _volume, 0),
        Column("price", "price_kop", values.kopecks, 0),
        Column("sum", "sum_kop", values.kopecks, plain=values.plain_kopecks),
        Column("recalculation", "recalculated_kop", values.any_kopecks, 0),
        Column("coefficient", "coefficient_micro", values.coefficient, 0),
        Column("norm", "norm_milli", _volume, 0),
        Column("price_act", "price_act", values.text(120), ""),
    ), key=("period", "line"), unit=("period",), summed="sum_kop"),
    File("payments", Payment, (
        Column("number", "number", values.text(40), plain=values.plain_words),
        Column("date", "paid_on", values.day, latest=date.isoformat),
        Column("sum", "sum_kop", values.kopecks, plain=values.plain_kopecks),
        Column("source", "source", values.text(80), ""),
        Column("portal_number", "portal_number", values.portal_number, ""),
    ), key=("number",), unit=("number",), summed="sum_kop"),
    File("balances", ServiceBalance, (
        Column("service", "service", values.text(80)),
        Column("balance", "balance_kop", values.any_kopecks),
    ), key=("service",), unit=(), summed="balance_kop"),
    File("verdicts", ReadingVerdict, (
        Column("number", "number", values.whole(1, 999_999_999)),
        Column("verdict", "verdict", values.choice(VERDICTS)),
        Column("reason", "reason", values.text(200), ""),
    ), key=("number",), unit=("number",)),
    File("contracts", Contract, (
        Column("number", "number", values.text(40)),
        Column("kind", "kind", values.text(80)),
        Column("begins", "begins_on", values.day),
        Column("ends", "ends_on", values.day, None),
        Column("status", "status", values.text(40), ""),
    ), key=("number",), unit=("number",)),
    File("acts", Act, (
        Column("number", "number", values.text(40)),
        Column("kind", "kind", values.text(80)),
        Column("date", "made_on", values.day, latest=date.isoformat),
        Column("text", "text", values.text(500), ""),
    ), key=("number",), unit=("number",)),
    File("pins", ImportedPin, (
        Column("pin", "mac", values.pin),
    ), key=(), unit=(), sealed=True),
)  # fmt: skip

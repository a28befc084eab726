"""Functions that are off: said on the pages concerned, and refused here alone. What was begun before goes to its end."""

from collections.abc import Iterable
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from mygas.domain import bulletins
from mygas.domain.bulletins import EVERYBODY
from mygas.domain.wording import MOSCOW
from mygas.models import Bulletin
from mygas.words import N_, Refused

Function = Literal["pay", "readings", "receipts", "registration", "support"]

FUNCTIONS: dict[str, str] = {
    "pay": N_("Приём платежей"),
    "readings": N_("Приём показаний"),
    "receipts": N_("Выпуск квитанций"),
    "registration": N_("Регистрация"),
    "support": N_("Приём вопросов"),
}
_OFF = {
    "pay": (N_("Приём платежей приостановлен. %(words)s"), N_("Приём платежей приостановлен до %(until)s. %(words)s")),
    "readings": (N_("Приём показаний приостановлен. %(words)s"), N_("Приём показаний приостановлен до %(until)s. %(words)s")),
    "receipts": (N_("Выпуск квитанций приостановлен. %(words)s"), N_("Выпуск квитанций приостановлен до %(until)s. %(words)s")),
    "registration": (N_("Регистрация приостановлена. %(words)s"), N_("Регистрация приостановлена до %(until)s. %(words)s")),
    "support": (N_("Приём вопросов приостановлен. %(words)s"), N_("Приём вопросов приостановлен до %(until)s. %(words)s")),
}


class Whose(Protocol):
    """A supplier, or who answers questions in his name: as much as is asked of either here."""

    @property
    def slug(self) -> str: ...

    @property
    def time_zone(self) -> ZoneInfo: ...


def check(function: Function, supplier: Whose | None) -> None:
    """Raises Refused, in the operator's words, while the function is off: inside the unit of work, before anything is written.
    `supplier` is None where none is known yet."""
    for one in off(bulletins.standing({supplier.slug} if supplier else ()), supplier, (function,)):
        sentence, values = told(one, supplier)
        raise Refused(sentence, **values)


def off(known: Iterable[Bulletin], supplier: Whose | None, functions: Iterable[str]) -> list[Bulletin]:
    """Those of the bulletins that close one of the functions for the supplier."""
    slugs, wanted = {EVERYBODY, supplier.slug if supplier else EVERYBODY}, set(functions)
    return [one for one in known if one.function in wanted and one.supplier in slugs]


def told(outage: Bulletin, supplier: Whose | None) -> tuple[str, dict[str, Any]]:
    """The sentence of it and its values: until when by the supplier's clock, or, where there is none, by that of Moscow."""
    closed, closed_until = _OFF[outage.function]
    if outage.ends_at is None:
        return closed, {"words": outage.text}
    until = outage.ends_at.astimezone(supplier.time_zone if supplier else MOSCOW)
    return closed_until, {"words": outage.text, "until": until}

"""Readings that subscribers send: taking them, all or none, and what became of those of a month.

A newer reading of the same meter and month replaces the standing one, both are kept; the unique index
`uq_sent_reading_standing` is the rule. All the readings of one form are taken, or none is.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from mygas import clock
from mygas.domain import accounts, audit, limits, outages, reading_history
from mygas.domain.meters_now import meters_now
from mygas.domain.newest import newest
from mygas.domain.reading_checks import check, repeats
from mygas.domain.reading_facts import Checked, Entered, Finding, MeterNow, Price
from mygas.domain.reading_history import Line
from mygas.domain.reading_letters import promise_accepted
from mygas.domain.reading_window import Window, window
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken
from mygas.extensions import db
from mygas.models import Charge, Connection, Meter, SentReading
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

BLIND_TRIES, BLIND_TERM = 10, timedelta(days=30)
"""How often readings of one account may be sent by those who may not see the ones before (docs/decisions/0009)."""

NOTHING_ENTERED = N_("Введите показание хотя бы одного прибора.")


class NotAccepted(Refused):
    """Nothing was taken: some readings are refused, or, where none is, wait for the subscriber to say that they are right.

    `checked` are all readings of the form with what was found; as a Refused it speaks the first sentence of `findings`.
    """

    def __init__(self, checked: Sequence[Checked], findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].sentence, findings[0].field, **findings[0].values)
        self.checked = tuple(checked)
        self.findings = tuple(findings)

    @property
    def may_be_confirmed(self) -> bool:
        return all(finding.strength == "confirm" for finding in self.findings)


@dataclass(frozen=True)
class Accepted:
    """The readings that stand now, in the order of the form, and what is to be said of them."""

    readings: tuple[SentReading, ...]
    notes: tuple[Finding, ...]


def price(account_id: int) -> Price | None:
    """Of the newest month that was charged by meters; None where there was none, or where its lines differ: which of the
    prices goes with which meter nobody told."""
    newest_first = db.session.execute(_prices(), {"account_id": account_id}).all()
    months = [row.period for row in newest_first]
    if not months or months.count(months[0]) > 1:
        return None
    return Price(newest_first[0].price_kop, newest_first[0].coefficient_micro)


@cache
def _prices() -> Select[Any]:
    """The two newest prices, with their months."""
    known = newest(Charge, Charge.account_id == bindparam("account_id"), key=("period",))
    by_meter = known.c.age == 1, known.c.method == "meter", known.c.price_kop > 0
    prices = select(known.c.period, known.c.price_kop, known.c.coefficient_micro).where(*by_meter).distinct()
    return prices.order_by(known.c.period.desc()).limit(2)


def is_blind(connection: Connection, supplier: Supplier) -> bool:
    """Whether the connection may not be told of earlier readings, consumption and sums (docs/decisions/0006, 0009)."""
    return not accounts.is_open("history", connection, supplier)


def as_seen(meters: Iterable[MeterNow], connection: Connection, supplier: Supplier) -> list[MeterNow]:
    """The meters as this connection may see them: a blind one knows of nothing but what its own user sent."""
    if not is_blind(connection, supplier):
        return list(meters)
    hidden = {"known_milli": None, "known_on": None, "known_source": "", "last_year_milli": None}
    strange = {"sent_milli": None, "sent_at": None, "sent_reason": ""}
    return [replace(one, **hidden, **({} if one.sent_by == connection.user_id else strange)) for one in meters]  # type: ignore[arg-type]


def sent(connection: Connection, supplier: Supplier, period: int) -> list[Line]:
    """What stands of that month and what became of it; a blind connection sees what its own user sent. One statement."""
    lines, blind = reading_history.standing(connection.account_id, period), is_blind(connection, supplier)
    return [line for line in lines if not blind or (line.sent and line.sent.user_id == connection.user_id)]


def choose_messages(visitor: Visitor, connection: Connection, *, answer: bool, remind: bool) -> None:
    """Whether to tell the user by message what became of his readings, and when it is time to send them."""
    connection.answer, connection.remind = answer, remind
    audit.by_user("reading.messages", visitor, account_id=connection.account_id, answer=answer, remind=remind)


def accept(
    visitor: Visitor, connection: Connection, supplier: Supplier, entries: Sequence[Entered], confirmed: Iterable[str] = ()
) -> Accepted:
    """Take the readings, all or none; inside a unit_of_work. Those that stand already are answered as they are.

    `confirmed` are keys of findings that the subscriber has said are right. Raises NotAccepted, and Refused where readings
    are not taken at all.
    """
    today = supplier.today()
    now_open = window(supplier.readings, today)
    _may_send(connection, supplier, now_open)
    if not entries:
        raise Refused(NOTHING_ENTERED)
    account_id = connection.account_id
    blind = is_blind(connection, supplier)
    if blind and limits.hit("blind reading", str(account_id), per=BLIND_TERM).count > BLIND_TRIES:
        raise Refused(_TOO_OFTEN)
    _take_turns(account_id)
    meters = {meter.meter_id: meter for meter in meters_now(account_id, now_open.period, today, connection.user_id)}
    if any(entered.meter_id not in meters for entered in entries):
        raise Refused(N_("Прибор, показание которого Вы вводите, снят с учёта. Откройте страницу заново."))
    checked = [check(meters[entered.meter_id], entered, supplier, today, blind=blind) for entered in entries]
    insist(checked, confirmed)
    taken = tuple(_keep(one, connection, supplier, now_open.period, today) for one in checked)
    audit.by_user("reading.send", visitor, account_id=account_id, numbers=[reading.id for reading in taken])
    promise_accepted(connection, taken)
    return Accepted(taken, tuple(finding for one in checked for finding in one.found("note")))


_TOO_OFTEN = N_(
    "По этому счёту показания передавали слишком часто. Подключите расширенную версию: в ней такого предела нет. "
    "Или передайте показание поставщику по телефону."
)


def _may_send(connection: Connection, supplier: Supplier, now_open: Window) -> None:
    outages.check("readings", supplier)
    if not accounts.is_open("readings", connection, supplier):
        raise Refused(N_("Передавать показания можно в расширенной версии."))
    if not now_open.taken:
        raise Refused(
            N_("Сейчас поставщик показания не принимает. Передайте их с %(opens)s по %(closes)s."),
            opens=now_open.opens_on,
            closes=now_open.closes_on,
        )


def _take_turns(account_id: int) -> None:
    """Two who send readings of one account take turns: PostgreSQL locks the meters, SQLite has one writer anyway."""
    db.session.execute(select(Meter.id).where(Meter.account_id == account_id).order_by(Meter.id).with_for_update())


def insist(checked: Sequence[Checked], confirmed: Iterable[str] | None = None) -> None:
    """Raises NotAccepted for readings that are wrong, and for doubtful ones not `confirmed`, unless that is None."""
    refused = [finding for one in checked for finding in one.found("refuse")]
    said = None if confirmed is None else frozenset(confirmed)
    doubted = [finding for one in checked for finding in one.found("confirm") if said is not None and finding.key not in said]
    if refused or doubted:
        raise NotAccepted(checked, refused or doubted)


def one_standing() -> AbstractContextManager[None]:
    """Of a meter and a month one reading stands."""
    refusal = Refused(N_("Показание уже передано в другом окне. Откройте страницу заново."))
    return refused_if_taken("uq_sent_reading_standing", refusal)


def _keep(checked: Checked, connection: Connection, supplier: Supplier, period: int, today: date) -> SentReading:
    """Write the reading, unless the standing one says the same; one that the supplier rejected is replaced in any case."""
    meter, entered = checked.meter, checked.entered
    if meter.sent_id and repeats(meter, entered.value_milli, rolled_over=checked.rolled_over):
        return db.session.get_one(SentReading, meter.sent_id)
    now = clock.now()
    reading = SentReading(
        supplier=supplier.slug,
        account_id=connection.account_id,
        meter_id=meter.meter_id,
        user_id=connection.user_id,
        period=period,
        taken_on=today,
        value_milli=entered.value_milli,
        rolled_over=checked.rolled_over,
        previous_milli=meter.known_milli,
        previous_on=meter.known_on,
        consumed_milli=checked.consumed_milli,
        replaces_id=meter.sent_id,
        sent_at=now,
    )
    with one_standing():
        if meter.sent_id:
            db.session.execute(update(SentReading).where(SentReading.id == meter.sent_id).values(replaced_at=now))
        db.session.add(reading)
    return reading

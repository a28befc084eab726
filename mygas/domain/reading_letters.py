"""What users are told by message of their readings: taken, booked or rejected by the supplier, time to send them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from mygas import clock
from mygas.domain import notices, outbox
from mygas.domain.metering import plain_volume
from mygas.domain.missing_readings import without_reading
from mygas.domain.notices import News
from mygas.domain.reading_window import Window
from mygas.domain.wording import Addressee, Letter, Words, addressee
from mygas.extensions import db
from mygas.models import Account, Connection, Meter, SentReading, User

LIFE = timedelta(days=1)
"""After which there is no point in a message about a reading any more."""


def promise_accepted(connection: Connection, readings: Sequence[SentReading]) -> None:
    """Promise the answer «принято», if the connection wants answers; in the transaction that accepts the readings.

    They must have their ids (be flushed). What was answered already is not answered again.
    """
    if not connection.answer or not readings:
        return
    key = f"reading-accepted:{max(one.id for one in readings)}"
    if outbox.is_promised(key):
        return
    told = {"account": connection.account_id, "readings": [one.id for one in readings]}
    notices.tell(connection.user_id, "reading", "reading-accepted", key, told, expires_at=clock.now() + LIFE)


def promise_verdicts(rows: Iterable[Any]) -> None:
    """Promise to tell what the supplier said of readings. A row: user_id, connection_id, number, verdict, reason, key."""
    told = [
        News(row.user_id, row.key,
             {"connection": row.connection_id, "reading": row.number, "verdict": row.verdict, "reason": row.reason})
        for row in rows
    ]  # fmt: skip
    notices.tell_all("reading", "reading-verdict", told, expires_at=clock.now() + LIFE)


def promise_reminders(rows: Iterable[Any], window: Window, *, expires_at: datetime) -> None:
    """Promise to remind of the readings of that window. A row: user_id, id of the connection, key."""
    days = {"period": window.period, "opens_on": window.opens_on.isoformat(), "closes_on": window.closes_on.isoformat()}
    told = [News(row.user_id, row.key, {"connection": row.id, **days}) for row in rows]
    notices.tell_all("reminder", "reading-reminder", told, expires_at=expires_at)


def accepted_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The portal took the readings; None when the user is no more."""
    told, account = addressee(db.session.get(User, payload["user"]), payload), db.session.get(Account, payload["account"])
    if told is None or account is None:
        return None
    sent = _sent(payload["readings"])
    one = f"принято {plain_volume(sent[0][0].value_milli)} м³" if len(sent) == 1 else f"принято показаний: {len(sent)}"
    lines = "\n".join(
        f"№ {one.id}: прибор {serial}, {one.taken_on:%d.%m.%Y}, {plain_volume(one.value_milli)} м³" for one, serial in sent
    )
    return Words(
        "Показания приняты",
        f"Счёт …{account.number[-4:]}: {one}. Smorodina",
        f"Показания по лицевому счёту {account.number} приняты порталом:\n\n{lines}\n\n"
        f"Портал передаст их поставщику газа. Что с ними стало, видно в разделе «Приборы учёта»: {public_url}/",
    ).to(told)


def verdict_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The supplier booked the reading, or rejected it and said why; None when nobody wants to know any more."""
    connection, sent = db.session.get(Connection, payload["connection"]), _sent([payload["reading"]])
    if not sent or connection is None or (told := _told(connection, payload, wants=connection.answer)) is None:
        return None
    number, (reading, serial) = connection.account.number, sent[0]
    booked = payload["verdict"] == "accepted"
    value = plain_volume(reading.value_milli)
    fate = "Поставщик учёл показание" if booked else "Поставщик отклонил показание"
    reason = f"Причина: {payload['reason'] or 'поставщик её не назвал'}.\n" if not booked else ""
    return Words(
        "Показание учтено" if booked else "Показание отклонено",
        f"Счёт …{number[-4:]}: {value} м³ {'учтено' if booked else 'не учтено, причина в кабинете'}. Smorodina",
        f"{fate} № {reading.id} по лицевому счёту {number}:\n"
        f"прибор {serial}, {reading.taken_on:%d.%m.%Y}, {value} м³.\n{reason}\n"
        f"История показаний — в личном кабинете: {public_url}/",
    ).to(told)


def reminder_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """It is time to send readings; None when those of all meters have come since, or nobody wants to be reminded any more."""
    connection = db.session.get(Connection, payload["connection"])
    if connection is None or (told := _told(connection, payload, wants=connection.remind)) is None:
        return None
    if not without_reading({connection.account_id}, payload["period"], date.fromisoformat(payload["opens_on"])):
        return None
    number, until = connection.account.number, date.fromisoformat(payload["closes_on"])
    return Words(
        "Пора передать показания",
        f"Счёт …{number[-4:]}: передайте показания до {until:%d.%m}. Smorodina",
        f"Пора передать показания по лицевому счёту {number}.\n"
        f"Поставщик принимает их до {until:%d.%m.%Y} включительно.\n"
        f"Передать: {public_url}/accounts/{connection.ref}/\n\n"
        "Если показаний нет, начислят по среднему, а потом по нормативу.\n"
        "Отказаться от напоминаний можно в разделе «Приборы учёта».",
    ).to(told)


def _sent(numbers: Sequence[int]) -> list[tuple[SentReading, str]]:
    """The readings of these numbers with the serials of their meters, in order."""
    query = db.select(SentReading, Meter.serial).join(Meter, Meter.id == SentReading.meter_id)
    return [(row[0], row[1]) for row in db.session.execute(query.where(SentReading.id.in_(numbers)).order_by(SentReading.id))]


def _told(connection: Connection, payload: Mapping[str, Any], *, wants: bool) -> Addressee | None:
    return addressee(connection.user, payload) if wants and connection.ended_at is None else None

"""What users are told by message of their readings: taken, booked or rejected by the supplier, time to send them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from mygas import clock
from mygas.domain import outbox
from mygas.domain.letters import SIGNED, Letter
from mygas.domain.metering import plain_volume
from mygas.domain.missing_readings import without_reading
from mygas.domain.reading_window import Window
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
    told = {"user": connection.user_id, "account": connection.account_id, "readings": [one.id for one in readings]}
    outbox.promise("reading-accepted", key, told, expires_at=clock.now() + LIFE)


def promise_verdict(connection_id: int, number: int, verdict: str, reason: str, key: str) -> None:
    """Promise to tell what the supplier said of a reading: accepted or rejected."""
    told = {"connection": connection_id, "reading": number, "verdict": verdict, "reason": reason}
    outbox.promise("reading-verdict", key, told, expires_at=clock.now() + LIFE)


def promise_reminder(connection_id: int, window: Window, key: str, *, expires_at: datetime) -> None:
    """Promise to remind of the readings of that window."""
    days = {"opens_on": window.opens_on.isoformat(), "closes_on": window.closes_on.isoformat()}
    told = {"connection": connection_id, "period": window.period, **days}
    outbox.promise("reading-reminder", key, told, expires_at=expires_at)


def accepted_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The portal took the readings; None when the user is no more."""
    user, account = db.session.get(User, payload["user"]), db.session.get(Account, payload["account"])
    if user is None or user.disabled_at is not None or account is None:
        return None
    sent = _sent(payload["readings"])
    if user.channel == "phone":
        one = f"принято {plain_volume(sent[0][0].value_milli)} м³" if len(sent) == 1 else f"принято показаний: {len(sent)}"
        return Letter(user.login, "phone", "", f"Счёт …{account.number[-4:]}: {one}. Smorodina")
    lines = "\n".join(
        f"№ {one.id}: прибор {serial}, {one.taken_on:%d.%m.%Y}, {plain_volume(one.value_milli)} м³" for one, serial in sent
    )
    text = (
        f"Здравствуйте!\n\nПоказания по лицевому счёту {account.number} приняты порталом:\n\n{lines}\n\n"
        f"Портал передаст их поставщику газа. Что с ними стало, видно в разделе «Приборы учёта»: {public_url}/\n\n{SIGNED}"
    )
    return Letter(user.login, "email", "Показания приняты", text)


def verdict_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The supplier booked the reading, or rejected it and said why; None when nobody wants to know any more."""
    connection, sent = db.session.get(Connection, payload["connection"]), _sent([payload["reading"]])
    if not sent or connection is None or not _is_told(connection, wants=connection.answer):
        return None
    user, number, (reading, serial) = connection.user, connection.account.number, sent[0]
    booked = payload["verdict"] == "accepted"
    value = plain_volume(reading.value_milli)
    if user.channel == "phone":
        word = "учтено" if booked else "не учтено, причина в кабинете"
        return Letter(user.login, "phone", "", f"Счёт …{number[-4:]}: {value} м³ {word}. Smorodina")
    fate = "Поставщик учёл показание" if booked else "Поставщик отклонил показание"
    reason = f"Причина: {payload['reason'] or 'поставщик её не назвал'}.\n" if not booked else ""
    text = (
        f"Здравствуйте!\n\n{fate} № {reading.id} по лицевому счёту {number}:\n"
        f"прибор {serial}, {reading.taken_on:%d.%m.%Y}, {value} м³.\n{reason}\n"
        f"История показаний — в личном кабинете: {public_url}/\n\n{SIGNED}"
    )
    return Letter(user.login, "email", "Показание учтено" if booked else "Показание отклонено", text)


def reminder_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """It is time to send readings; None when those of all meters have come since, or nobody wants to be reminded any more."""
    connection = db.session.get(Connection, payload["connection"])
    if connection is None or not _is_told(connection, wants=connection.remind):
        return None
    if not without_reading({connection.account_id}, payload["period"], date.fromisoformat(payload["opens_on"])):
        return None
    user, number, until = connection.user, connection.account.number, date.fromisoformat(payload["closes_on"])
    if user.channel == "phone":
        return Letter(user.login, "phone", "", f"Счёт …{number[-4:]}: передайте показания до {until:%d.%m}. Smorodina")
    text = (
        f"Здравствуйте!\n\nПора передать показания по лицевому счёту {number}.\n"
        f"Поставщик принимает их до {until:%d.%m.%Y} включительно.\n"
        f"Передать: {public_url}/accounts/{connection.ref}/\n\n"
        "Если показаний нет, начислят по среднему, а потом по нормативу.\n"
        f"Отказаться от напоминаний можно в разделе «Приборы учёта».\n\n{SIGNED}"
    )
    return Letter(user.login, "email", "Пора передать показания", text)


def _sent(numbers: Sequence[int]) -> list[tuple[SentReading, str]]:
    """The readings of these numbers with the serials of their meters, in order."""
    query = db.select(SentReading, Meter.serial).join(Meter, Meter.id == SentReading.meter_id)
    return [(row[0], row[1]) for row in db.session.execute(query.where(SentReading.id.in_(numbers)).order_by(SentReading.id))]


def _is_told(connection: Connection, *, wants: bool) -> bool:
    return wants and connection.ended_at is None and connection.user.disabled_at is None

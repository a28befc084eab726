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
from mygas.words import N_

LIFE = timedelta(days=1)
"""After which there is no point in a message about a reading any more."""
_BOOKED = (
    N_("Показание учтено"),
    N_("Счёт …%(tail)s: %(value)s м³ учтено. Smorodina"),
    N_("Поставщик учёл показание по лицевому счёту %(number)s:"),
)
_REJECTED = (
    N_("Показание отклонено"),
    N_("Счёт …%(tail)s: %(value)s м³ не учтено, причина в кабинете. Smorodina"),
    N_("Поставщик отклонил показание по лицевому счёту %(number)s:"),
)


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
    say, sent, tail = told.speech.say, _sent(payload["readings"]), account.number[-4:]
    return Words(
        say("Показания приняты"),
        say("Счёт …%(tail)s: принято %(value)s м³. Smorodina", tail=tail, value=plain_volume(sent[0][0].value_milli))
        if len(sent) == 1
        else say("Счёт …%(tail)s: принято показаний: %(count)s. Smorodina", tail=tail, count=len(sent)),
        say(
            "Показания по лицевому счёту %(number)s приняты порталом:\n\n%(lines)s\n\n"
            "Портал передаст их поставщику газа. Что с ними стало, видно в разделе «Приборы учёта»: %(portal)s",
            number=account.number, lines="\n".join(_line(told, *row) for row in sent), portal=public_url + "/",
        ),
    ).to(told)  # fmt: skip


def verdict_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The supplier booked the reading, or rejected it and said why; None when nobody wants to know any more."""
    connection, sent = db.session.get(Connection, payload["connection"]), _sent([payload["reading"]])
    if not sent or connection is None or (told := _told(connection, payload, wants=connection.answer)) is None:
        return None
    say, number = told.speech.say, connection.account.number
    booked = payload["verdict"] == "accepted"
    subject, short, fate = map(say, _BOOKED if booked else _REJECTED)
    reason = payload["reason"] or say("поставщик её не назвал")
    told_why = "" if booked else say("Причина: %(reason)s.", reason=reason) + "\n"
    history = say("История показаний — в личном кабинете: %(portal)s", portal=public_url + "/")
    return Words(
        subject,
        short % told.speech.written({"tail": number[-4:], "value": plain_volume(sent[0][0].value_milli)}),
        f"{fate % {'number': number}}\n{_line(told, *sent[0])}.\n{told_why}\n{history}",
    ).to(told)


def reminder_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """It is time to send readings; None when those of all meters have come since, or nobody wants to be reminded any more."""
    connection = db.session.get(Connection, payload["connection"])
    if connection is None or (told := _told(connection, payload, wants=connection.remind)) is None:
        return None
    if not without_reading({connection.account_id}, payload["period"], date.fromisoformat(payload["opens_on"])):
        return None
    say, number, until = told.speech.say, connection.account.number, date.fromisoformat(payload["closes_on"])
    return Words(
        say("Пора передать показания"),
        say("Счёт …%(tail)s: передайте показания до %(day)s. Smorodina", tail=number[-4:], day=until),
        say(
            "Пора передать показания по лицевому счёту %(number)s.\nПоставщик принимает их до %(day)s включительно.\n"
            "Передать: %(link)s\n\nЕсли показаний нет, начислят по среднему, а потом по нормативу.\n"
            "Отказаться от напоминаний можно в разделе «Приборы учёта».",
            number=number, day=until, link=public_url + "/accounts/" + connection.ref + "/",
        ),
    ).to(told)  # fmt: skip


def _sent(numbers: Sequence[int]) -> list[tuple[SentReading, str]]:
    """The readings of these numbers with the serials of their meters, in order."""
    query = db.select(SentReading, Meter.serial).join(Meter, Meter.id == SentReading.meter_id)
    return [(row[0], row[1]) for row in db.session.execute(query.where(SentReading.id.in_(numbers)).order_by(SentReading.id))]


def _line(told: Addressee, reading: SentReading, serial: str) -> str:
    return told.speech.say(
        "№ %(reading)s: прибор %(serial)s, %(day)s, %(value)s м³",
        reading=reading.id, serial=serial, day=reading.taken_on, value=plain_volume(reading.value_milli),
    )  # fmt: skip


def _told(connection: Connection, payload: Mapping[str, Any], *, wants: bool) -> Addressee | None:
    return addressee(connection.user, payload) if wants and connection.ended_at is None else None

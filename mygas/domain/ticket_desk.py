"""Questions to the support, from the side of the operators: the queue, answering, handing on. Each sees his addressees' only."""

import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, tuple_

from mygas import clock
from mygas.domain import audit, operators, ticket_letters, tickets
from mygas.domain.addressees import Addressee
from mygas.domain.operators import serves
from mygas.extensions import db
from mygas.models import Operator, Ticket, TicketMessage
from mygas.models.types import UtcDateTime
from mygas.words import N_, Refused

FILTERS = {
    "waiting": N_("Ждут нас"),
    "mine": N_("Мои"),
    "unassigned": N_("Ничьи"),
    "answered": N_("Ждут абонента"),
    "closed": N_("Закрытые"),
}
MEASURED = timedelta(days=30)
_ENOUGH = 1000  # answers that a median is taken of, the newest
_MEANWHILE = N_(
    "Пока Вы писали, в обращении появилось новое сообщение. Прочитайте его выше; если Ваш ответ ещё нужен, нажмите кнопку снова."
)
_CLOSED_ALREADY = N_("Это обращение уже закрыто.")
_NOT_CLOSED = N_("Это обращение не закрыто.")
_GONE = N_("Обращение уже передано другому адресату.")
_ERASED = N_("Абонент закрыл свой кабинет: обращение удалено, отвечать некому.")
_NO_COLLEAGUE = N_("Этот оператор обращений этого адресата не ведёт. Выберите другого.")


@dataclass(frozen=True)
class Pace:
    """How the operator's addressees answer: how many wait now, and the median time to a first answer within 30 days."""

    waiting: int
    median: timedelta | None


def queue(operator: Operator, wanted: str, after: str | None, limit: int) -> list[Ticket]:
    """Tickets of one of FILTERS: open ones first, who waits longest on top; closed ones newest first. `after` is the ref of the
    last one shown."""
    query = db.select(Ticket).options(db.joinedload(Ticket.account), db.joinedload(Ticket.operator), db.joinedload(Ticket.user))
    query = query.where(serves(operator, Ticket.addressee), *_conditions(operator)[wanted]).limit(limit)
    if wanted == "closed":
        last = db.select(Ticket.id).where(Ticket.ref == after).scalar_subquery()
        query = query.where(Ticket.id < last) if after else query
        return list(db.session.scalars(query.order_by(Ticket.id.desc())))
    place = (db.case((Ticket.state == "open", 0), else_=1), Ticket.waiting_since, Ticket.id)
    if after:
        query = query.where(tuple_(*place) > db.select(*place).where(Ticket.ref == after).scalar_subquery())
    return list(db.session.scalars(query.order_by(*place)))


def find(operator: Operator, ref: str) -> Ticket | None:
    """The ticket of that ref, if it is to one of the operator's addressees."""
    whole = (db.joinedload(Ticket.account), db.joinedload(Ticket.operator), db.joinedload(Ticket.user))
    query = db.select(Ticket).options(*whole).where(Ticket.ref == ref, serves(operator, Ticket.addressee))
    return db.session.scalars(query).one_or_none()


def of_number(operator: Operator, number: int) -> Ticket | None:
    return db.session.scalars(db.select(Ticket).where(Ticket.id == number, serves(operator, Ticket.addressee))).one_or_none()


def pace(operator: Operator) -> Pace:
    mine, since = serves(operator, Ticket.addressee), clock.now() - MEASURED
    waiting = db.session.scalar(db.select(db.func.count(Ticket.id)).where(mine, Ticket.state == "open"))
    answered = db.select(Ticket.created_at, Ticket.first_answered_at).where(mine, Ticket.first_answered_at >= since)
    newest = db.session.execute(answered.order_by(Ticket.first_answered_at.desc()).limit(_ENOUGH))
    times = [row.first_answered_at - row.created_at for row in newest]
    return Pace(waiting or 0, statistics.median_low(times) if times else None)


def colleagues(addressee: str) -> list[Operator]:
    """Operators at work who answer for that addressee, by name."""
    at_work = db.session.scalars(db.select(Operator).filter_by(disabled_at=None).order_by(Operator.name))
    return [operator for operator in at_work if addressee in operators.addressees(operator)]


def answer(operator: Operator, ip: str, ticket: Ticket, text: str, seen: int, *, closing: bool = False) -> None:
    """Say it to the asker, who is told. Audited. `seen` is the version that the operator has read.

    Raises Refused when something was said meanwhile. A ticket that was nobody's becomes the operator's.
    """
    now = clock.now()
    _change(
        operator, ticket, Ticket.version == seen, refusal=Refused(_MEANWHILE),
        state="closed" if closing else "answered", closed_at=now if closing else None, answered_at=now, version=seen + 1,
        first_answered_at=db.func.coalesce(Ticket.first_answered_at, db.literal(now, UtcDateTime())),
        operator_id=db.func.coalesce(Ticket.operator_id, operator.id),
    )  # fmt: skip
    message = _write(operator, ticket, "operator", text)
    _audit("ticket.answer", operator, ip, ticket)
    ticket_letters.tell_answered(ticket, message)


def note(operator: Operator, ip: str, ticket: Ticket, text: str) -> None:
    """Write something for colleagues, which the asker is never shown. Audited."""
    _change(operator, ticket, refusal=Refused(_GONE), version=Ticket.version)  # holds the ticket while it is written
    _write(operator, ticket, "note", text)
    _audit("ticket.note", operator, ip, ticket)


def assign(operator: Operator, ip: str, ticket: Ticket, to: int) -> Operator:
    """Give the ticket to an operator of the same addressee, oneself for one. Audited. Raises Refused for anybody else."""
    chosen = next((one for one in colleagues(ticket.addressee) if one.id == to), None)
    if chosen is None:
        raise Refused(_NO_COLLEAGUE, field="operator")
    _change(operator, ticket, Ticket.addressee == ticket.addressee, refusal=Refused(_GONE), operator_id=chosen.id)
    _audit("ticket.assign", operator, ip, ticket, to=chosen.id)
    return chosen


def close(operator: Operator, ip: str, ticket: Ticket, reason: str) -> None:
    """Close it without an answer: the asker reads the reason in his ticket, and is sent nothing. Audited.

    Raises Refused when it is closed already.
    """
    values = {"state": "closed", "closed_at": clock.now(), "version": Ticket.version + 1}
    _change(operator, ticket, Ticket.state != "closed", refusal=Refused(_CLOSED_ALREADY), **values)
    _write(operator, ticket, "operator", reason)
    _audit("ticket.close", operator, ip, ticket)


def reopen(operator: Operator, ip: str, ticket: Ticket) -> None:
    """Let it wait for us again, from now on. Audited. Raises Refused when it is not closed."""
    values = {"state": "open", "closed_at": None, "waiting_since": clock.now()}
    _change(operator, ticket, Ticket.state == "closed", refusal=Refused(_NOT_CLOSED), **values)
    _audit("ticket.reopen", operator, ip, ticket)


def pass_on(operator: Operator, ip: str, ticket: Ticket, to: Addressee, before: str) -> None:
    """Hand it on from the addressee `before` to another one, where it is nobody's yet; a note says so. Audited.

    Raises Refused when it was handed on already.
    """
    _change(operator, ticket, Ticket.addressee == before, refusal=Refused(_GONE), addressee=to.slug, operator_id=None)
    _write(operator, ticket, "note", f"Передано: {to.name}.")
    _audit("ticket.pass-on", operator, ip, ticket, before=before, to=to.slug)


def _conditions(operator: Operator) -> dict[str, list[ColumnElement[bool]]]:
    return {
        "waiting": [Ticket.state == "open"],
        "mine": [Ticket.operator_id == operator.id, Ticket.state.in_(["open", "answered"])],
        "unassigned": [Ticket.operator_id.is_(None), Ticket.state == "open"],
        "answered": [Ticket.state == "answered"],
        "closed": [Ticket.state == "closed"],
    }


def _change(operator: Operator, ticket: Ticket, *only: Any, refusal: Refused, **values: Any) -> None:
    """One conditional UPDATE, of a ticket that is still the operator's to see, and not erased. Raises Refused."""
    if tickets.change(ticket, serves(operator, Ticket.addressee), Ticket.subject != "", *only, **values):
        return
    erased = db.session.scalar(db.select(Ticket.subject).filter_by(id=ticket.id)) == ""
    raise Refused(_ERASED) if erased else refusal


def _write(operator: Operator, ticket: Ticket, author: str, text: str) -> TicketMessage:
    message = TicketMessage(ticket_id=ticket.id, author=author, operator_id=operator.id, text=text, at=clock.now())
    db.session.add(message)
    db.session.flush()
    return message


def _audit(action: str, operator: Operator, ip: str, ticket: Ticket, **detail: object) -> None:
    detail = {"ticket": ticket.id, **detail}
    audit.by_operator(action, operator, ip, user_id=ticket.user_id, account_id=ticket.account_id, **detail)

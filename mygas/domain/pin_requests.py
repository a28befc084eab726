"""Requests for a PIN: filed by a subscriber, decided by an operator of the account's supplier."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from mygas import clock
from mygas.domain import audit, challenges, limits, notices, open_cabinet, outbox, scans
from mygas.domain.scans import KeptScan
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db
from mygas.models import Connection, Operator, PinRequest
from mygas.words import N_, Refused

MOST_A_DAY = 3
DELIVERY = timedelta(days=7)  # a PIN that could not be sent for a week is asked for anew

DOCUMENTS = {  # instruction 002, letter by letter
    "passport": N_("Гражданский паспорт с ФИО и пропиской"),
    "title": N_(
        "Свидетельство о Государственной регистрации права собственности на жилое помещение "
        "(либо договор найма, либо договор долевого участия)"
    ),
    "apartment-card": N_("Поквартирная карточка из домоуправления (с датой выдачи не позднее 1 месяца)"),
    "house-book": N_("Домовая книга с указанием зарегистрированных граждан"),
}

_TOO_MANY = N_("За сутки можно подать не более %(most)s запросов. Попробуйте завтра.")
_OPEN_ALREADY = N_("Ваш запрос на ПИН-код по этому счёту уже рассматривается. Дождитесь ответа.")
_NOT_DEAD = N_("Этот ответ уже отправляется или отправлен.")
_DECIDED = N_("По этому запросу уже принято решение.")


def check(connection: Connection) -> None:
    """Raises Refused when a request would be refused: one is open, three were filed today, the account is extended already.

    A courtesy, before a scan is looked at; `submit` is the rule.
    """
    if connection.access == "extended":
        raise Refused(N_("Расширенная версия по этому счёту уже подключена."))
    if any(request.state == "open" for request in of_user(connection.user_id, connection.account_id)):
        raise Refused(_OPEN_ALREADY)
    if limits.count("pin-request", str(connection.user_id)) >= MOST_A_DAY:
        raise Refused(_TOO_MANY, most=MOST_A_DAY)


def submit(
    visitor: Visitor,
    connection: Connection,
    *,
    full_name: str,
    email: str,
    phone: str,
    document_kind: str = "",
    scan: KeptScan | None = None,
) -> PinRequest:
    """File a request; `email` and `phone` (canonical or empty) are for the operator to ask back by. Audited.

    Raises Refused when one is open already, when the account is extended already, over three a day, when the cabinet is closed.
    """
    user_id = connection.user_id
    open_cabinet.hold(user_id)
    check(connection)
    request = PinRequest(
        user_id=user_id,
        account_id=connection.account_id,
        supplier=connection.supplier,
        full_name=full_name,
        email=email,
        phone=phone,
        document_kind=document_kind,
        created_at=clock.now(),
    )
    with refused_if_taken("uq_pin_request_open", Refused(_OPEN_ALREADY)):
        db.session.add(request)
    if limits.hit("pin-request", str(user_id), per=timedelta(days=1)).count > MOST_A_DAY:  # rolled back with the request
        raise Refused(_TOO_MANY, most=MOST_A_DAY)
    if scan is not None:
        scans.attach(request, scan)
    audit.by_user("pin-request.submit", visitor, account_id=connection.account_id, request=request.id)
    return request


def of_user(user_id: int, account_id: int) -> list[PinRequest]:
    """The user's requests about the account, newest first."""
    mine = db.select(PinRequest).filter_by(user_id=user_id, account_id=account_id)
    return list(db.session.scalars(mine.order_by(PinRequest.id.desc())))


def queue(supplier_slugs: Sequence[str], state: str = "open", after: int | None = None, limit: int = 50) -> list[PinRequest]:
    """Requests of these suppliers in that state, with account and user: open ones oldest first, decided ones newest first.

    The state "undelivered" is of decided ones whose letter was given up. `after` is the id of the last one shown.
    """
    waiting = state == "open"
    wanted = PinRequest.letter == "dead" if state == "undelivered" else PinRequest.state == state
    query = db.select(PinRequest).options(db.joinedload(PinRequest.account), db.joinedload(PinRequest.user))
    query = query.where(PinRequest.supplier.in_(supplier_slugs), wanted)
    if after is not None:
        query = query.where(PinRequest.id > after if waiting else PinRequest.id < after)
    return list(db.session.scalars(query.order_by(PinRequest.id if waiting else PinRequest.id.desc()).limit(limit)))


def find(ref: str, supplier_slugs: Sequence[str]) -> PinRequest | None:
    """The request of that ref, if it is to one of these suppliers."""
    query = db.select(PinRequest).options(db.joinedload(PinRequest.account), db.joinedload(PinRequest.user))
    return db.session.scalars(query.where(PinRequest.ref == ref, PinRequest.supplier.in_(supplier_slugs))).one_or_none()


def approve(request: PinRequest, operator: Operator, ip: str) -> None:
    """Send the account's PIN to the confirmed login of him who asked. Audited.

    The promise names the request only; the PIN is derived when the letter is composed. Raises Refused when the request is
    decided already.
    """
    _decide(request, operator, "approved")
    challenges.let_try_again(request.account_id, request.user_id)
    audit.by_operator("pin-request.approve", operator, ip, **_touched(request))
    _tell(request, "pin")


def refuse(request: PinRequest, operator: Operator, ip: str, reason: str) -> None:
    """Tell him who asked that there will be no PIN, and why. Audited. Raises Refused when the request is decided already."""
    _decide(request, operator, "refused", reason=reason)
    audit.by_operator("pin-request.refuse", operator, ip, **_touched(request))
    _tell(request, "pin-refused")


def send_again(request: PinRequest, operator: Operator, ip: str) -> None:
    """Send the answer again after its letter was given up. Audited. Raises Refused when it was not."""
    if not outbox.send_again(_letter(request), expires_at=clock.now() + DELIVERY):
        raise Refused(_NOT_DEAD)
    audit.by_operator("pin-request.send-again", operator, ip, **_touched(request))


def why_undelivered(request: PinRequest) -> str:
    """What the gateway said when the letter was given up; empty for any other request."""
    return outbox.last_error(_letter(request)) if request.letter == "dead" else ""


def _letter(request: PinRequest) -> str:
    """The key of the outbox row that carries the answer; PinRequest.letter finds it by the same words."""
    return f"pin-refused:{request.id}" if request.state == "refused" else f"pin:{request.id}"


def _tell(request: PinRequest, kind: str) -> None:
    told = {"request": request.id}
    notices.tell(request.user_id, "pin", kind, _letter(request), told, expires_at=clock.now() + DELIVERY)


def _decide(request: PinRequest, operator: Operator, state: str, reason: str = "") -> None:
    """One conditional UPDATE: of two operators at once, one decides."""
    statement = (
        update(PinRequest)
        .where(PinRequest.id == request.id, PinRequest.state == "open", PinRequest.supplier.in_(operator.suppliers))
        .values(state=state, reason=reason, operator_id=operator.id, decided_at=clock.now())
        .execution_options(synchronize_session="evaluate")
    )
    if not rows_changed(statement):
        raise Refused(_DECIDED)


def _touched(request: PinRequest) -> dict[str, int]:
    return {"user_id": request.user_id, "account_id": request.account_id, "request": request.id}

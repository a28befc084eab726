"""«Закрыть кабинет»: what a user may take away with him goes, what the law keeps stays, and no payment is left in the air."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, update

from mygas import clock
from mygas.domain import audit, my_data, outbox, paying, present_password, scans, tickets
from mygas.domain.orders import ASKED_ON
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import Connection, Consent, Draft, LoginChange, Message, NoticeChoice, Order, PinRequest, SignIn, User
from mygas.words import N_, Refused

FAREWELL_LIFE = timedelta(days=3)
AFTER_WITHDRAWAL = timedelta(days=30)
A_ROUND = 100  # cabinets closed in one transaction of the schedule
_UNFINISHED = N_("Кабинет пока не закрыть: платёж № %(number)s не завершён. Откройте его, там сказано, что делать.")
_ASKED_FOR_NOTHING = N_("Пользователь закрыл свой кабинет.")


class Unfinished(NamedTuple):
    """A payment for which the cabinet must stay open: its number and ref."""

    number: int
    ref: str


def unfinished(user_id: int) -> list[Unfinished]:
    """Payments of the user whose money may be on its way, here or back; until they are over the cabinet stays open."""
    held = db.select(Order.id, Order.ref).where(Order.user_id == user_id, _may_move_money()).order_by(Order.id)
    return [Unfinished(*row) for row in db.session.execute(held)]


def close(visitor: Visitor, proof: str) -> None:
    """Close the cabinet of who is signed in: the user stays as a row without a name, for payments and consents name him.

    A payment that no bank was told of is given up. Audited; a farewell goes to his contacts. Raises Refused while money may
    be on its way, and as present_password.hold does. paying.begin keeps the user's row while it writes an order, so one
    of the two is the first.
    """
    user = present_password.hold(present_password.the_user(visitor).id, proof)
    _let_payments_go(visitor, user.id)
    _close(user)
    audit.by_user("cabinet.close", visitor)


def close_withdrawn() -> int:
    """Close, as the text of the consent says, the cabinets of users who withdrew it AFTER_WITHDRAWAL ago and have given none
    since; returns how many. One with an unfinished payment waits for its end.

    Each is looked at again once it is held: of this and a consent given anew, or a payment begun, one is the first.
    """
    then = clock.now() - AFTER_WITHDRAWAL
    long_ago = db.select(Consent.user_id).where(Consent.withdrawn_at <= then)
    since = db.select(Consent.id).where(
        Consent.user_id == User.id, or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at > then)
    )
    paying_still = db.select(Order.id).where(Order.user_id == User.id, or_(Order.state == "created", _may_move_money()))
    over = db.select(User).where(User.id.in_(long_ago), User.disabled_at.is_(None), ~since.exists(), ~paying_still.exists())
    closed = 0
    for user_id in db.session.scalars(over.with_only_columns(User.id).order_by(User.id).limit(A_ROUND)).all():
        db.session.get_one(User, user_id, with_for_update=True)
        user = db.session.scalars(over.where(User.id == user_id)).one_or_none()
        if user is not None:
            _close(user)
            audit.by_system("cabinet.close", user_id=user.id)
            closed += 1
    return closed


def _close(user: User) -> None:
    _end_connections(user.id)
    for model in (SignIn, Draft, LoginChange, NoticeChoice, Message):
        db.session.execute(delete(model).where(model.user_id == user.id))
    tickets.erase(user.id)
    scans.let_go(user.id)
    my_data.let_go(user.id)
    given = update(Consent).where(Consent.user_id == user.id, Consent.withdrawn_at.is_(None))
    db.session.execute(given.values(withdrawn_at=clock.now()))
    _say_farewell(user)
    _forget(user)


def _may_move_money() -> ColumnElement[bool]:
    told = Order.state.in_(("submitting", "unknown", "pending", "review", "refund_pending"))
    return or_(told, and_(Order.state.in_(ASKED_ON), Order.ask_at.is_not(None)))


def _let_payments_go(visitor: Visitor, user_id: int) -> None:
    """All looked at before any is touched: a refusal must not leave half a deed."""
    mine = db.select(Order).where(Order.user_id == user_id, or_(Order.state == "created", _may_move_money())).order_by(Order.id)
    held = db.session.scalars(mine.with_for_update().execution_options(populate_existing=True)).all()
    for order in held:
        if order.state != "created":
            raise Refused(_UNFINISHED, number=order.id)
    for order in held:
        paying.give_up(visitor, order)


def _end_connections(user_id: int) -> None:
    """Accounts at the supplier are not touched. Open requests for a PIN are over, for there is nobody to send it to."""
    now = clock.now()
    live = update(Connection).where(Connection.user_id == user_id, Connection.ended_at.is_(None))
    db.session.execute(live.values(ended_at=now, slot=None, remind=False, answer=False))
    db.session.execute(update(Connection).where(Connection.user_id == user_id).values(alias=""))
    waiting = update(PinRequest).where(PinRequest.user_id == user_id, PinRequest.state == "open")
    db.session.execute(waiting.values(state="refused", reason=_ASKED_FOR_NOTHING, decided_at=now))
    db.session.execute(update(PinRequest).where(PinRequest.user_id == user_id).values(email="", phone=""))


def _say_farewell(user: User) -> None:
    """To the contacts as they are now: afterwards nobody knows them any more."""
    for contact in filter(None, (user.login, user.second_login)):
        payload = {"to": contact, "at": clock.now().isoformat(), "language": user.language}
        outbox.promise(
            "farewell", f"farewell:{user.id}:{contact == user.login:d}", payload, expires_at=clock.now() + FAREWELL_LIFE
        )


def _forget(user: User) -> None:
    """The login is free for whoever proves it anew; what stands in its place is no contact, and unique."""
    user.login, user.password_hash, user.full_name = f"closed:{user.id}", "", ""
    user.second_login = user.second_channel = user.second_confirmed_at = None
    user.disabled_at = clock.now()

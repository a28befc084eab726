"""What people sent through the portal, put straight into the database: readings, paid orders, refunds."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Meter, Operator, Order, Refund, SentReading, User

LOGIN = "sender@example.ru"
SENT_AT = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)


def put(*rows: Any) -> None:
    """Commit the rows."""
    with unit_of_work():
        db.session.add_all(rows)


def sender() -> int:
    """The id of a user who sends."""
    found = db.session.scalar(select(User.id).where(User.login == LOGIN))
    if found is None:
        put(User(login=LOGIN, channel="email", password_hash="", created_at=clock.now()))
        found = db.session.scalars(select(User.id).where(User.login == LOGIN)).one()
    return found


def sent(account_id: int, value_milli: int, **other: Any) -> int:
    """A reading of the account's first meter; its number."""
    meter = db.session.scalars(select(Meter.id).where(Meter.account_id == account_id).order_by(Meter.id)).first()
    known = {"supplier": supplier_of(account_id), "account_id": account_id, "meter_id": meter, "user_id": sender(),
             "period": 202611, "taken_on": date(2026, 11, 20), "value_milli": value_milli, "sent_at": SENT_AT}  # fmt: skip
    row = SentReading(**{**known, **other})
    put(row)
    return row.id


def corrected(number: int, value_milli: int) -> int:
    """A newer reading instead of that one; its number."""
    with unit_of_work():
        older = db.session.get_one(SentReading, number)
        older.replaced_at = SENT_AT
        db.session.flush()
        newer = SentReading(
            supplier=older.supplier, account_id=older.account_id, meter_id=older.meter_id, user_id=older.user_id,
            period=older.period, taken_on=older.taken_on, value_milli=value_milli, sent_at=SENT_AT, replaces_id=number,
        )  # fmt: skip
        db.session.add(newer)
    return newer.id


def paid(account_id: int, amount_kop: int, state: str = "succeeded") -> int:
    """An order of that sum; its number."""
    row = Order(
        supplier=supplier_of(account_id), account_id=account_id, user_id=sender(), amount_kop=amount_kop, state=state,
        split=[["Газоснабжение природным газом", amount_kop]], request_key=secrets.token_hex(8), request_hash="",
        acquirer="pretend", acquirer_key=secrets.token_hex(8), acquirer_id=f"a-{amount_kop}", created_at=SENT_AT,
        updated_at=SENT_AT, paid_at=SENT_AT,
    )  # fmt: skip
    put(row)
    return row.id


def refunded(number: int) -> None:
    """The order was given back, all as it should be."""
    clerk = Operator(
        login=secrets.token_hex(8), name="Анна", suppliers=["perm"], password_hash="", totp=b"", created_at=clock.now()
    )
    put(clerk)
    with unit_of_work():
        order = db.session.get_one(Order, number)
        order.state = "refunded"
        db.session.add(Refund(order_id=number, supplier=order.supplier, state="done", reason="ошибка", asked_by=clerk.id,
                              acquirer_id=f"r-{number}", asked_at=SENT_AT, done_at=SENT_AT))  # fmt: skip


def supplier_of(account_id: int) -> str:
    return db.session.get_one(Account, account_id).supplier

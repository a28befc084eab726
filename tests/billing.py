"""What a supplier's billing tells of an account beside the conftest's region: rows of later registries."""

import secrets
from datetime import date

from flask import Flask

from mygas import clock
from mygas.extensions import db, transactions_may_write
from mygas.models import Account, AccountCard, Meter, MeterCard, Reading, Registry


def tell(app: Flask, number: str, *rows: object, supplier: str = "perm") -> None:
    """A later registry with these rows about the account; those of a meter that name none are of its first meter."""
    with app.app_context(), transactions_may_write():
        now = clock.now()
        registry = Registry(
            supplier=supplier, digest=secrets.token_hex(32), state="complete", rows={}, started_at=now, completed_at=now
        )
        db.session.add(registry)
        account_id = account_of(number, supplier)
        first = db.session.scalars(db.select(Meter.id).filter_by(account_id=account_id).order_by(Meter.id)).first()
        db.session.flush()
        for row in rows:
            row.registry_id = registry.id
            if isinstance(row, MeterCard | Reading):
                row.meter_id = row.meter_id or first
            else:
                row.account_id = account_id
            db.session.add(row)
        db.session.commit()


def hang(app: Flask, number: str, serial: str, *, supplier: str = "perm", **card: object) -> int:
    """One more meter on the account; returns its id."""
    with app.app_context(), transactions_may_write():
        meter = Meter(account_id=account_of(number, supplier), serial=serial)
        db.session.add(meter)
        db.session.commit()
        meter_id = int(meter.id)
    tell(app, number, MeterCard(meter_id=meter_id, **{"model": "BK-G4T", "digits": 5, **card}), supplier=supplier)
    return meter_id


def reading(day: str, value: int, source: str = "subscriber", meter_id: int | None = None) -> Reading:
    """A reading in the billing: an ISO day and whole m³."""
    return Reading(meter_id=meter_id, taken_on=date.fromisoformat(day), value_milli=value * 1000, source=source)


def card(**other: object) -> AccountCard:
    """The account's card, as in conftest's region but for what is named."""
    known = {"holder": "Иванова Мария Петровна", "address": "г. Пермь, ул. Ленина, д. 12, кв. 5", "balance_kop": 124_530,
             "balance_on": date(2026, 11, 1)}  # fmt: skip
    return AccountCard(**{**known, **other})


def account_of(number: str, supplier: str = "perm") -> int:
    """The account's id; inside an app context."""
    return int(db.session.scalars(db.select(Account.id).filter_by(supplier=supplier, number=number)).one())

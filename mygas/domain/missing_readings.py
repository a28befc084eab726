"""Whose readings of a month have not come: asked of whole pages of accounts when reminders are planned, of one as one leaves."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import and_, exists, or_, select

from mygas.domain.newest import newest
from mygas.domain.visible import TAKEN_OFF
from mygas.extensions import db
from mygas.models import AccountCard, Meter, MeterCard, Reading, ReadingVerdict, Registry, SentReading


def without_reading(account_ids: Collection[int], period: int, opens_on: date) -> set[int]:
    """Which of the accounts have a meter hanging whose reading of that month, taken from `opens_on`, has come neither here nor
    to the billing. One that the supplier rejected has not come. One statement."""
    meter_ids = select(Meter.id).where(Meter.account_id.in_(account_ids))
    cards = newest(MeterCard, MeterCard.meter_id.in_(meter_ids), key=("meter_id",))
    accounts = newest(AccountCard, AccountCard.account_id.in_(account_ids), key=("account_id",))
    verdicts = newest(ReadingVerdict, ReadingVerdict.account_id.in_(account_ids), key=("number",))
    rejected = select(verdicts.c.number).where(verdicts.c.age == 1, verdicts.c.verdict == "rejected")
    sent = exists().where(
        SentReading.meter_id == Meter.id,
        SentReading.period == period,
        SentReading.replaced_at.is_(None),
        SentReading.id.not_in(rejected),
    )
    known = exists().where(
        Reading.meter_id == Meter.id,
        Reading.taken_on >= opens_on,
        Reading.source != "estimate",
        Registry.id == Reading.registry_id,
        Registry.state == "complete",
    )
    closed = exists().where(accounts.c.account_id == Meter.account_id, accounts.c.age == 1, accounts.c.closed.is_(True))
    taken_off = or_(*(cards.c.state.startswith(word) for word in TAKEN_OFF))
    waiting = select(Meter.account_id).join(cards, and_(cards.c.meter_id == Meter.id, cards.c.age == 1))
    return set(db.session.scalars(waiting.where(~taken_off, ~sent, ~known, ~closed).distinct()))

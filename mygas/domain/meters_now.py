"""What the meters of an account stand at before a reading is sent: one statement, built once, since every turn asks it."""

from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, case, exists, func, select

from mygas.domain.months import first_day, following
from mygas.domain.newest import columns, newest, of_account, table
from mygas.domain.reading_facts import MeterNow
from mygas.domain.reading_history import is_same
from mygas.domain.visible import TAKEN_OFF
from mygas.extensions import db
from mygas.models import AccountCard, Meter, MeterCard, Reading, ReadingVerdict, SentReading

_SENT = {"id": "sent_id", "user_id": "sent_by", "value_milli": "sent_milli", "sent_at": "sent_at", "rolled_over": "rolled"}
_BEFORE, _SAME_MONTH, _SINCE = range(3)


def meters_now(account_id: int, period: int, today: date, user_id: int | None = None) -> list[MeterNow]:
    """The meters that hang on an account, the longest known first, as they stand before a reading of that month is taken;
    none where the account is closed. `user_id` is who looks, where that matters. One statement."""
    values = {
        "account_id": account_id,
        "period": period,
        "today": today,
        "year_ago": first_day(period - 100),
        "year_ago_ends": first_day(following(period - 100)),
    }
    found = [row for row in db.session.execute(_statement(), values).mappings() if not row["state"].startswith(TAKEN_OFF)]
    return [_meter_now(list(group), user_id) for _, group in groupby(found, key=lambda row: row["meter_id"])]


@cache
def _statement() -> Select[Any]:
    account_id: Any = bindparam("account_id")
    cards = newest(MeterCard, of_account(MeterCard, account_id), key=("meter_id",))
    accounts = newest(AccountCard, AccountCard.account_id == account_id, key=("account_id",))
    verdicts = newest(ReadingVerdict, ReadingVerdict.account_id == account_id, key=("number",))
    told, meter, sent = _told(account_id), table(Meter), table(SentReading)
    standing = and_(sent.c.meter_id == cards.c.meter_id, sent.c.period == bindparam("period"), sent.c.replaced_at.is_(None))
    return (
        select(
            *columns(cards, MeterNow),
            *(cards.c.state, meter.c.serial),
            *(told.c.taken_on, told.c.value_milli, told.c.source, told.c.stretch),
            *(sent.c[name].label(label) for name, label in _SENT.items()),
            *(verdicts.c.verdict, verdicts.c.reason),
        )
        .join(meter, meter.c.id == cards.c.meter_id)
        .outerjoin(told, and_(told.c.meter_id == cards.c.meter_id, told.c.nth == 1))
        .outerjoin(sent, standing)
        .outerjoin(verdicts, and_(verdicts.c.number == sent.c.id, verdicts.c.age == 1))
        .where(cards.c.age == 1, ~exists().where(accounts.c.age == 1, accounts.c.closed.is_(True)))
        .order_by(cards.c.meter_id, told.c.taken_on)
    )


def _told(account_id: Any) -> Subquery:
    """What the billing knows: of each meter the last reading (`nth` 1) before the same month of last year, in it, and since.

    A reading of this very period that came here from the portal is left out: a correction is not to be compared with what
    it corrects.
    """
    own = exists().where(
        SentReading.account_id == account_id,
        SentReading.period == bindparam("period"),
        is_same(Reading, SentReading),
    )
    past = Reading.taken_on <= bindparam("today")
    known = newest(Reading, of_account(Reading, account_id), past, ~own, key=("meter_id", "taken_on"))
    stretch: ColumnElement[int] = case(
        (known.c.taken_on >= bindparam("year_ago_ends"), _SINCE),
        (known.c.taken_on >= bindparam("year_ago"), _SAME_MONTH),
        else_=_BEFORE,
    )
    nth = func.row_number().over(partition_by=[known.c.meter_id, stretch], order_by=known.c.taken_on.desc())
    return select(known, stretch.label("stretch"), nth.label("nth")).where(known.c.age == 1).subquery()


def _meter_now(told: list[Any], user_id: int | None) -> MeterNow:
    """One meter from its rows, one for each stretch in which something is known, the newest last."""
    last = told[-1]
    values = {row["stretch"]: row["value_milli"] for row in told}
    consumed = values[_SAME_MONTH] - values[_BEFORE] if {_SAME_MONTH, _BEFORE} <= values.keys() else None
    return MeterNow(
        **{name: last[name] for name in ("meter_id", "serial", "model", "digits", "place", "verified_until")},
        known_milli=last["value_milli"],
        known_on=last["taken_on"],
        known_source=last["source"] or "",
        last_year_milli=consumed if consumed is not None and consumed >= 0 else None,
        sent_rolled_over=bool(last["rolled"]),
        sent_by_other=user_id is not None and last["sent_by"] not in (None, user_id),
        sent_rejected=last["verdict"] == "rejected",
        sent_reason=last["reason"] or "",
        **{label: last[label] for label in ("sent_id", "sent_by", "sent_milli", "sent_at")},
    )

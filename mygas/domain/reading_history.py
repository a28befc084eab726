"""The readings of an account as one history: those in the supplier's billing and those sent through the portal, and what became
of the latter. The fate of a reading is computed from what is known, never stored. Statements are built once: that takes longer
than to run them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    RowMapping,
    Select,
    String,
    and_,
    bindparam,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from mygas.domain.metering import difference_milli
from mygas.domain.newest import newest, of_account, table
from mygas.extensions import db
from mygas.models import Charge, Dispatch, MeterCard, Reading, ReadingVerdict, SentReading
from mygas.models.types import UtcDateTime

Fate = Literal["taken", "dispatched", "booked", "rejected", "replaced"]
"""принято порталом, передано поставщику, учтено, отклонено, заменено."""


@dataclass(frozen=True)
class Sent:
    """What became of a reading sent through the portal.

    `number` is how people and the supplier know it; `dispatch` the number of the file it left in, on the day `dispatched_at`;
    both None while it has not. `reason` is the supplier's, of a rejected one.
    """

    number: int
    user_id: int
    sent_at: datetime
    fate: Fate
    dispatch: int | None
    dispatched_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Line:
    """A line of the history: thousandths of m³; `source` as in models.Reading. `sent` is None for what did not pass here.

    `consumed_milli` is None for the first reading of a meter, and where nobody knows.
    """

    meter_id: int
    taken_on: date
    value_milli: int
    source: str
    consumed_milli: int | None
    sent: Sent | None


@dataclass(frozen=True)
class Overview:
    """The years in which there are readings, newest first; and thousandths of m³ charged by month (year * 100 + month)."""

    years: tuple[int, ...]
    volumes: dict[int, int]


def lines(account_id: int, since: date = date.min, before: date = date.max, limit: int = 24) -> list[Line]:
    """The history, newest first, at least `limit` lines of it if there are as many. One statement.

    What was sent and came back with the same day and value is one line (product.md K13).
    """
    asked = {"account_id": account_id, "since": since, "before": before, "most": 2 * limit}
    return list(_merged(db.session.execute(_lines(), asked).mappings().all()))


def own(account_id: int, user_id: int, limit: int = 12) -> list[Line]:
    """What the user himself sent for the account, newest first: nothing he does not know but its fate. One statement."""
    found = db.session.execute(_own(), {"account_id": account_id, "user_id": user_id, "most": limit}).mappings()
    return [_line(row, None, _fate_of(row, booked=row["booked"])) for row in found]


def standing(account_id: int, period: int) -> list[Line]:
    """What stands of the readings sent for that month, by meter. One statement."""
    found = db.session.execute(_standing(), {"account_id": account_id, "period": period}).mappings()
    return [_line(row, row["consumed"], _fate_of(row, booked=row["booked"])) for row in found]


def overview(account_id: int, since_period: int) -> Overview:
    """The years of the history, and what was charged in each month from `since_period` on. One statement."""
    found = db.session.execute(_overview(), {"account_id": account_id, "since_period": since_period}).all()
    return Overview(
        years=tuple(sorted({at for at, milli in found if milli is None}, reverse=True)),
        volumes={at: milli for at, milli in found if milli is not None},
    )


_ACCOUNT: Any = bindparam("account_id")
_MOST = bindparam("most", type_=Integer)


@cache
def _lines() -> Select[Any]:
    both = union_all(_known(), _sent()).subquery()
    taken_on, number = both.c.taken_on, both.c.number
    asked = select(both).where(taken_on >= bindparam("since"), taken_on < bindparam("before"))
    return asked.order_by(taken_on.desc(), both.c.meter_id, number.is_(None).desc(), number.desc()).limit(_MOST)


@cache
def _own() -> Select[Any]:
    return _sent().where(SentReading.user_id == bindparam("user_id")).order_by(SentReading.id.desc()).limit(_MOST)


@cache
def _standing() -> Select[Any]:
    stands = SentReading.period == bindparam("period"), SentReading.replaced_at.is_(None)
    return _sent().where(*stands).order_by(SentReading.meter_id)


@cache
def _overview() -> CompoundSelect[Any]:
    known = newest(Reading, of_account(Reading, _ACCOUNT), key=("meter_id", "taken_on"))
    wanted = Charge.account_id == _ACCOUNT, Charge.period >= bindparam("since_period")
    charges = newest(Charge, *wanted, key=("period",))
    years = select(cast(extract("year", known.c.taken_on), Integer).label("at"), cast(null(), BigInteger).label("milli"))
    sent = select(cast(extract("year", SentReading.taken_on), Integer), cast(null(), BigInteger))
    gas = charges.c.age == 1, charges.c.method != "fixed"
    volumes = select(charges.c.period, cast(func.sum(charges.c.volume_milli), BigInteger)).where(*gas).group_by(charges.c.period)
    return union_all(years.distinct(), sent.where(SentReading.account_id == _ACCOUNT).distinct(), volumes)


def is_same(known: Any, sent: Any) -> ColumnElement[bool]:
    """Whether a reading of the billing (columns of models.Reading) is one that was sent (columns of models.SentReading).

    It may have been booked on a later day, and some billings drop the decimals.
    """
    whole = sent.value_milli - sent.value_milli % 1000
    return and_(
        known.meter_id == sent.meter_id,
        known.taken_on >= sent.taken_on,
        known.source == "subscriber",
        or_(known.value_milli == sent.value_milli, known.value_milli == whole),
    )


def _known() -> Select[Any]:
    """What the billing knows, with the reading before."""
    known = newest(Reading, of_account(Reading, _ACCOUNT), key=("meter_id", "taken_on"))
    cards = newest(MeterCard, of_account(MeterCard, _ACCOUNT), key=("meter_id",))

    value = known.c.value_milli
    previous = func.lag(value, type_=value.type).over(partition_by=known.c.meter_id, order_by=known.c.taken_on)
    return (
        select(
            known.c.meter_id, known.c.taken_on, known.c.value_milli, known.c.source,
            previous.label("previous_milli"), func.coalesce(cards.c.digits, 0).label("digits"),
            *(cast(null(), kind).label(name) for name, kind in _OF_SENT.items()),
        )
        .outerjoin(cards, and_(cards.c.meter_id == known.c.meter_id, cards.c.age == 1))
        .where(known.c.age == 1)
    )  # fmt: skip


def _sent() -> Select[Any]:
    """What was sent, with what came of it."""
    verdicts = newest(ReadingVerdict, ReadingVerdict.account_id == _ACCOUNT, key=("number",))
    known = newest(Reading, of_account(Reading, _ACCOUNT), key=("meter_id", "taken_on"))
    sent, dispatch = table(SentReading), table(Dispatch)
    booked = select(known.c.meter_id).where(known.c.age == 1, is_same(known.c, sent.c))
    told = {
        "number": sent.c.id, "user_id": sent.c.user_id, "sent_at": sent.c.sent_at, "replaced": sent.c.replaced_at.is_not(None),
        "consumed": sent.c.consumed_milli, "dispatch": dispatch.c.number, "dispatched_at": dispatch.c.made_at,
        "verdict": verdicts.c.verdict, "reason": verdicts.c.reason, "booked": booked.exists(),
    }  # fmt: skip
    return (
        select(
            sent.c.meter_id, sent.c.taken_on, sent.c.value_milli, literal("subscriber", String(10)).label("source"),
            cast(null(), BigInteger).label("previous_milli"), literal(0).label("digits"),
            *(told[name].label(name) for name in _OF_SENT),
        )
        .outerjoin(dispatch, dispatch.c.id == sent.c.dispatch_id)
        .outerjoin(verdicts, and_(verdicts.c.number == sent.c.id, verdicts.c.age == 1))
        .where(sent.c.account_id == _ACCOUNT)
    )  # fmt: skip


_OF_SENT: dict[str, Any] = {
    "number": BigInteger(), "user_id": Integer(), "sent_at": UtcDateTime(), "replaced": Boolean(), "consumed": BigInteger(),
    "dispatch": Integer(), "dispatched_at": UtcDateTime(), "verdict": String(10), "reason": String(200), "booked": Boolean(),
}  # fmt: skip


def _merged(found: Sequence[RowMapping]) -> Iterator[Line]:
    """Lines from rows, newest first; of what was sent the newest that stands may be what is known, and is then one with it."""
    known = {_what(row) for row in found if row["number"] is None}
    standing = {_what(row): row for row in reversed(found) if row["number"] is not None and not row["replaced"]}
    for row in found:
        sent = standing.get(_what(row))
        if row["number"] is None:
            consumed = difference_milli(row["previous_milli"], row["value_milli"], row["digits"])
            yield _line(row, consumed, _fate_of(sent, booked=True) if sent else None)
        elif row is not sent or _what(row) not in known:
            yield _line(row, row["consumed"], _fate_of(row, booked=row["booked"]))


def _what(row: RowMapping) -> tuple[int, date, int]:
    """What was read of which meter on which day."""
    return row["meter_id"], row["taken_on"], row["value_milli"]


def _line(row: RowMapping, consumed: int | None, sent: Sent | None) -> Line:
    return Line(row["meter_id"], row["taken_on"], row["value_milli"], row["source"], consumed, sent)


def _fate_of(row: RowMapping, *, booked: bool) -> Sent:
    """The supplier's word goes first, then what his billing knows, then what the portal did."""
    fate: Fate = "taken" if row["dispatch"] is None else "dispatched"
    if row["replaced"]:
        fate = "replaced"
    elif row["verdict"] == "rejected":
        fate = "rejected"
    elif row["verdict"] == "accepted" or booked:
        fate = "booked"
    return Sent(
        number=row["number"],
        user_id=row["user_id"],
        sent_at=row["sent_at"],
        fate=fate,
        dispatch=row["dispatch"],
        dispatched_at=row["dispatched_at"],
        reason=row["reason"] or "",
    )

"""Who is to be told of readings unasked: that it is time to send them, and what the supplier said of those sent.

Both are planned by the worker, page by page, so that a million accounts take no more memory than a hundred; a page is two
statements and, where somebody is to be told, one unit of work with one statement more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import String, and_, cast, exists, func, literal, or_, select, text, tuple_, update
from sqlalchemy.orm import aliased

from mygas import clock
from mygas.domain import reading_letters
from mygas.domain.missing_readings import without_reading
from mygas.domain.reading_history import is_same
from mygas.domain.reading_window import Window
from mygas.domain.work import rows_changed, unit_of_work
from mygas.extensions import db
from mygas.models import (
    Connection,
    Outgoing,
    Reading,
    ReadingVerdict,
    Registry,
    SentReading,
)
from mygas.suppliers import Supplier

PAGE = 500
"""Connections, or verdicts, looked at in one go."""
FIRST_DAYS, LAST_DAYS = 2, 3
"""Reminders go out on so many days after a window opens and before it closes (its last day included), if not sent before.

Less than outbox.KEEP_DONE together: as long as a reminder may be planned, its key is remembered.
"""
DECENT = range(9, 20)
"""Hours of the supplier's clock at which a message may come unasked."""
RECENT = timedelta(days=70)
"""For so long after a reading was sent a registry may still bring it."""
_REMINDED = text("connection.remind AND connection.ended_at IS NULL")  # as the indexes ix_connection_... have it
_ANSWERED = text("connection.answer AND connection.ended_at IS NULL")

Which = Literal["opens", "closes"]


@dataclass(frozen=True)
class Occasion:
    """A reason to remind of the readings of one window."""

    supplier: str
    which: Which
    window: Window
    expires_at: datetime

    def key(self, connection_id: Any) -> Any:
        """The outbox key of the reminder; of a column, an expression."""
        ends = f":{self.window.period}:{self.which}"
        return literal("reading-reminder:") + cast(connection_id, String) + literal(ends)


def occasion(supplier: Supplier, window: Window, now: datetime) -> Occasion | None:
    """Whether people are to be reminded now. `now` is on the supplier's clock."""
    today = now.date()
    if not window.is_open or now.hour not in DECENT:
        return None
    expires_at = datetime.combine(window.closes_on + timedelta(days=1), time(0), supplier.time_zone)
    if window.days_left < LAST_DAYS:
        return Occasion(supplier.slug, "closes", window, expires_at)
    if today - window.opens_on < timedelta(days=FIRST_DAYS):
        return Occasion(supplier.slug, "opens", window, expires_at)
    return None


def plan(occasion: Occasion) -> int:
    """Promise a reminder to everybody who wants one and has not sent his readings; returns how many. Opens units of work."""
    promised = 0
    for page in _reminded(occasion):
        window = occasion.window
        late = without_reading({row.account_id for row in page}, window.period, window.opens_on)
        db.session.rollback()
        told = [row for row in page if row.account_id in late]
        if not told:
            continue
        with unit_of_work():
            reading_letters.promise_reminders(told, window, expires_at=occasion.expires_at)
        promised += len(told)
    return promised


def _reminded(occasion: Occasion) -> Iterator[Sequence[Any]]:
    """Pages of the supplier's connections that want reminders and have had none yet: id, user_id, account_id, key."""
    key, last = occasion.key(Connection.id), 0
    query = select(Connection.id, Connection.user_id, Connection.account_id, key.label("key")).where(
        Connection.supplier == occasion.supplier, _REMINDED, ~exists().where(Outgoing.key == key)
    )
    while page := db.session.execute(query.where(Connection.id > last).order_by(Connection.id).limit(PAGE)).all():
        yield page
        last = page[-1].id


def tell_verdicts(suppliers: Iterable[Supplier]) -> int:
    """Promise to tell what the newest registries say of readings sent, each registry once; returns how many are told. Those
    that come by night, on the supplier's clock, wait for the morning.

    Opens units of work. Killed half-way, it goes over the registry again, and its keys keep people from being told twice.
    """
    promised = 0
    awake = [one.slug for one in suppliers if clock.now().astimezone(one.time_zone).hour in DECENT]
    untold = select(Registry).where(Registry.state == "complete", Registry.told_at.is_(None), Registry.supplier.in_(awake))
    for registry in db.session.scalars(untold.order_by(Registry.id)).all():
        for page in _judged(registry) if registry.rows.get("verdicts") or registry.rows.get("readings") else ():
            db.session.rollback()
            with unit_of_work():
                reading_letters.promise_verdicts(page)
            promised += len(page)
        db.session.rollback()
        with unit_of_work():
            told = update(Registry).where(Registry.id == registry.id)
            rows_changed(told.values(told_at=clock.now()).execution_options(synchronize_session=False))
    return promised


def _judged(registry: Registry) -> Iterator[Sequence[Any]]:
    """Pages of what the registry says of readings whose senders want answers: number, connection_id, user_id, verdict, reason,
    key.

    A reading that is in the registry itself was booked, whether or not the supplier sends verdicts; it is told of once.
    """
    since = (registry.completed_at or clock.now()) - RECENT
    said = and_(
        ReadingVerdict.account_id == SentReading.account_id,
        ReadingVerdict.number == SentReading.id,
        ReadingVerdict.registry_id == registry.id,
    )
    other = aliased(ReadingVerdict)
    judged_before = exists().where(other.account_id == SentReading.account_id, other.number == SentReading.id)
    booked_now = exists().where(is_same(Reading, SentReading), Reading.registry_id == registry.id)
    booked_before = exists().where(is_same(Reading, SentReading), Reading.registry_id < registry.id)
    news = or_(
        ReadingVerdict.verdict == "rejected",
        and_(ReadingVerdict.verdict == "accepted", ~booked_before),
        and_(ReadingVerdict.verdict.is_(None), booked_now, ~booked_before, ~judged_before, SentReading.replaced_at.is_(None)),
    )
    key = literal("reading-verdict:") + cast(SentReading.id, String) + literal(f":{registry.id}")
    verdict, reason = func.coalesce(ReadingVerdict.verdict, "accepted"), func.coalesce(ReadingVerdict.reason, "")
    query = (
        select(Connection.id.label("connection_id"), Connection.user_id, SentReading.id.label("number"),
               verdict.label("verdict"), reason.label("reason"), key.label("key"))
        .select_from(Connection)
        .join(SentReading, and_(SentReading.account_id == Connection.account_id, SentReading.user_id == Connection.user_id))
        .outerjoin(ReadingVerdict, said)
        .where(Connection.supplier == registry.supplier, _ANSWERED, SentReading.sent_at > since, news)
        .where(~exists().where(Outgoing.key == key))
    )  # fmt: skip
    order = (Connection.id, SentReading.id)
    last = (0, 0)
    while page := db.session.execute(query.where(tuple_(*order) > last).order_by(*order).limit(PAGE)).all():
        yield page
        last = (page[-1].connection_id, page[-1].number)

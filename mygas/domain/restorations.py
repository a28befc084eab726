"""Beginning anew from a backup (promises.md §6.7): what a database must forget that has lost some time, and what it must ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.orm import Session

from mygas import clock
from mygas.domain import audit
from mygas.domain.work import rows_changed
from mygas.extensions import Model, db
from mygas.models import Confirmation, Draft, OperatorSignIn, Outgoing, Restoration, SignIn

IDS_A_SECOND = 100  # more rows than any table gets in the long run
_LEAST_LEAP, _LONGEST_LEAP = 100_000, 50_000_000  # ids have 31 bits on PostgreSQL


@dataclass(frozen=True)
class Forgotten:
    """How many sessions, drafts and codes died."""

    sessions: int
    drafts: int
    codes: int


def generation(session: Session | None = None) -> int:
    """A number that goes up with each restore, 0 before the first one; of another database by that database's session."""
    return (session or db.session).scalar(select(func.max(Restoration.generation))) or 0


def begin_anew(made_at: datetime) -> Forgotten:
    """Make a restored database fit to be used, inside a unit of work. `made_at` is when the backup was made. Audited.

    Sessions, drafts and codes die: who had ended or used them meanwhile would have them back. What waits in the outbox goes
    out, once more perhaps: its keys are the same. Ids that may have been given in the lost time are not given again, for
    people, the bank and gateways know them.
    """
    now = clock.now()
    codes = rows_changed(delete(Confirmation))
    drafts = rows_changed(delete(Draft))
    sessions = rows_changed(delete(SignIn)) + rows_changed(delete(OperatorSignIn))
    under_way = Outgoing.state.in_(("ready", "leased"))
    rows_changed(delete(Outgoing).where(under_way, Outgoing.kind == "confirmation").execution_options(synchronize_session=False))
    released = update(Outgoing).where(Outgoing.state == "leased").values(state="ready", lease_until=None)
    rows_changed(released.execution_options(synchronize_session=False))
    _leap(db.session.connection(), now - made_at)
    number = max(generation() + 1, int(now.timestamp()) // 60)
    db.session.add(Restoration(generation=number, made_at=made_at, restored_at=now))
    audit.by_system("portal.restore", made_at=made_at.isoformat(), generation=number)
    return Forgotten(sessions, drafts, codes)


def to_compare() -> Restoration | None:
    """The oldest restoration after which the acquirer's register was not compared yet."""
    waiting = select(Restoration).where(Restoration.compared_at.is_(None)).order_by(Restoration.generation)
    return db.session.scalars(waiting.limit(1)).one_or_none()


def note_compared(number: int) -> None:
    """The register of the time that was lost has been compared; in a unit of work."""
    rows_changed(update(Restoration).where(Restoration.generation == number).values(compared_at=clock.now()))


def _leap(connection: Connection, lost: timedelta) -> None:
    """Leave out the ids that may have been given meanwhile in tables whose ids are never reused."""
    leap = min(max(int(lost.total_seconds()) * IDS_A_SECOND, _LEAST_LEAP), _LONGEST_LEAP)
    for table in Model.metadata.sorted_tables:
        if not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        last = connection.scalar(select(func.max(table.c.id))) or 0
        if connection.dialect.name == "sqlite":
            known = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}) or 0
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            row = {"name": table.name, "last": max(last, known) + leap}
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), row)
        else:
            sequence = connection.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', "id")))
            known = connection.scalar(text(f"SELECT last_value FROM {sequence}")) or 0  # noqa: S608 - a name of our own schema
            connection.execute(select(func.setval(sequence, max(last, known) + leap)))

"""What the portal can say of its own health, a check a line: for /readyz, for `flask doctor` (promises.md §6.8)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, func, text

from mygas import clock, schema
from mygas.domain import ledger, machine, outbox, restorations
from mygas.domain.machine import Finding, Installation
from mygas.extensions import db, sqlite_driver, transactions_may_write, wal_is_safe
from mygas.models import AuditEntry, Order, Reconciliation

__all__ = ["Finding", "Installation", "examine", "is_ready"]

LAG_ALARM = 120.0  # seconds
BEAT = timedelta(seconds=30)
BACKED_UP_WITHIN = timedelta(hours=1)  # a timer makes one every quarter of an hour
RECONCILED_WITHIN = timedelta(hours=26)  # once a night, and it may take its time


def examine(of: Installation, bank: str | None, *, thorough: bool = False) -> list[Finding]:
    """All checks, none of which changes anything; a check that fails itself is bad. `bank` is the acquirer's name.

    `thorough` ones read whole tables: they are for a person or for cron, not for every few seconds.
    """
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("database", _database),
        ("schema", _schema),
        ("sqlite", _sqlite),
        ("outbox", _outbox),
        ("disk", partial(machine.disk, of)),
        ("clock", _clock),
    ]
    if not of.mount:
        checks += [
            ("worker", partial(_worker, of)),
            ("backup", partial(_backup, of)),
            ("keys", partial(machine.keys, of)),
            ("proxies", partial(machine.proxies, of)),
        ]
    checks += [("reconciliation", partial(_reconciliation, bank))] if bank else []
    checks += [("books", _books)] if thorough else []
    return [_tried(name, check) for name, check in checks]


def is_ready(findings: list[Finding]) -> bool:
    """Whether nothing is bad."""
    return all(one.state != "bad" for one in findings)


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # whatever hinders a check is what it has found
        db.session.rollback()
        return Finding(name, "bad", f"it cannot be looked into: {type(error).__name__}", "see the log; is the database there?")


def _database() -> Finding:
    """A write, taken back."""
    with transactions_may_write(), db.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        connection.rollback()
    return Finding("database", "ok", "it can be written to")


def _schema() -> Finding:
    connection: Connection = db.session.connection()
    if (present := schema.present(connection)) == schema.head():
        return Finding("schema", "ok", present)
    says = f"it is {present or 'empty'}, and this portal wants {schema.head()}"
    return Finding("schema", "bad", says, "stop the portal and start it by `flask --app wsgi up`, or install the newer one")


def _sqlite() -> Finding:
    """Which library is at work, and by which journal (promises.md §2.2)."""
    if db.engine.dialect.name != "sqlite":
        return Finding("sqlite", "ok", "not used: PostgreSQL")
    version = sqlite_driver.sqlite_version_info
    mode = str(db.session.scalar(text("PRAGMA journal_mode"))).upper()
    says = f"{'.'.join(map(str, version))}, journal {mode}"
    if mode == "WAL" and not wal_is_safe(version):
        return Finding(
            "sqlite", "bad", f"{says}: this version may spoil it", "install pysqlite3, or run `flask --app wsgi db upgrade`"
        )
    if not wal_is_safe(version):
        return Finding("sqlite", "warn", f"{says}: slow, for WAL is not safe with this version", "install pysqlite3")
    if mode != "WAL":
        return Finding("sqlite", "warn", f"{says}: it should be WAL", "run `flask --app wsgi db upgrade`")
    return Finding("sqlite", "ok", says)


def _outbox() -> Finding:
    seconds, dead = outbox.lag(clock.now())
    if seconds >= LAG_ALARM:
        says = f"the oldest message has been waiting for {seconds:.0f} s"
        return Finding("outbox", "bad", says, "is the worker running? does the gateway answer? see the log")
    if dead:
        return Finding("outbox", "warn", f"{dead} messages were given up", "see why in the log; send answers again from the desk")
    return Finding("outbox", "ok", f"nothing waits longer than {seconds:.0f} s")


def _worker(of: Installation) -> Finding:
    if not of.heart.exists():
        return Finding("worker", "warn", "none has been at work here yet", "start it: `flask --app wsgi up` or `worker`")
    ago = clock.now().timestamp() - of.heart.stat().st_mtime
    if ago > BEAT.total_seconds():
        return Finding("worker", "bad", f"its last sign of life is {ago:.0f} s old", "start it again; see the log")
    return Finding("worker", "ok", f"alive {max(ago, 0):.0f} s ago")


def _backup(of: Installation) -> Finding:
    if of.restoring.exists():
        return Finding("backup", "bad", "a restore was cut off", "run it again: docs/backups.md")
    if not of.last_backup.exists():
        return Finding(
            "backup", "warn", "none was made from here yet", "`flask --app wsgi backup FOLDER --keep` every 15 minutes"
        )
    told = json.loads(of.last_backup.read_text(encoding="utf-8"))
    ago = clock.now() - datetime.fromisoformat(told["made_at"])
    if ago > BACKED_UP_WITHIN:
        return Finding("backup", "bad", f"the last one is {_hours(ago)} old: {told['path']}", "see why its timer fails; make one")
    return Finding("backup", "ok", f"{ago.total_seconds() // 60:.0f} minutes ago: {told['path']}")


def _reconciliation(bank: str) -> Finding:
    """Not before there is a payment old enough to have been compared."""
    name, since = "reconciliation", clock.now() - RECONCILED_WITHIN
    if restorations.to_compare():
        says = "after the restore the bank's register was not compared yet"
        return Finding(name, "warn", says, "the worker does it at once; if this stays, the bank does not answer: see the log")
    begun = db.select(Order.id).where(Order.acquirer == bank, Order.created_at < since).limit(1)
    done_at = db.session.scalar(db.select(func.max(Reconciliation.done_at)).filter_by(acquirer=bank))
    if (done_at is None or done_at < since) and db.session.execute(begun).first() is not None:
        ago = f"{_hours(clock.now() - done_at)} ago" if done_at else "never"
        return Finding(name, "bad", f"last: {ago}", "is the worker running? does the bank answer? see the log")
    return Finding(name, "ok", f"last: {done_at:%Y-%m-%d %H:%M} UTC" if done_at else "nothing to compare yet")


def _books() -> Finding:
    if violations := ledger.invariants():
        return Finding("books", "bad", "; ".join(violations[:3]), "do not pay out by them; call who looks after the portal")
    return Finding("books", "ok", "the ledger adds up, and every payment is in it once")


def _clock() -> Finding:
    return machine.clock_is_sane(db.session.scalar(db.select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1)))


def _hours(ago: timedelta) -> str:
    return f"{ago.total_seconds() / 3600:.1f} h"

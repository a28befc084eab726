"""Receipts as files: asked for by a user, made by the worker (jobs.receipts), deleted after a while, made again on demand.

A row speaks of one content: whatever of the account changes, the fingerprint of its receipt does, and the next request is
another row. Two who ask at once get one row and one promise; a making that was overtaken by another changes nothing. The
files themselves are not this room's matter: who asks tells whether one is there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, update

from mygas import clock
from mygas.domain import audit, limits, outages, outbox
from mygas.domain.newest import rows
from mygas.domain.visitors import Visitor
from mygas.domain.work import insert_or_update, rows_changed
from mygas.extensions import db, keyring
from mygas.models import Account, Connection, ReceiptFile
from mygas.papers import ReceiptPaper, Variant
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

KEPT = timedelta(days=30)
PROMISED = timedelta(days=1)  # after which there is no point in making a receipt that was asked for
MOST_A_DAY = 30  # made for one user: each costs the worker a part of a second
REMEMBERED = timedelta(days=365)  # after it was to be deleted: whoever kept the address of its page is told of it
SHOWN = 12
_WANTED = ReceiptFile.state.in_(("waiting", "ready"))
_TOO_MANY = N_("За сутки можно сформировать не более %(most)s квитанций. Попробуйте завтра.")


@dataclass(frozen=True)
class Task:
    """A row as the worker needs it: plain values that outlive a transaction; fields as in models.ReceiptFile."""

    id: int
    ref: str
    generation: int
    supplier: str
    account_id: int
    period: int
    variant: Variant
    extended: bool
    digest: str


def ask(
    visitor: Visitor,
    connection: Connection,
    supplier: Supplier,
    paper: ReceiptPaper,
    variant: Variant,
    *,
    is_kept: Callable[[str], bool],
) -> ReceiptFile:
    """The file of that content: the one that is there or being made, else promised now. Call it in a unit of work; audited.

    `is_kept` tells whether the file of a ref is on the disk: a restored backup may have brought the row alone. Raises
    Refused over MOST_A_DAY and while receipts are off; what need not be made is neither counted nor refused.
    """
    extended = connection.access == "extended"
    digest = fingerprint(paper, extended)
    key = {"account_id": connection.account_id, "period": paper.period, "variant": variant, "digest": digest}
    known = _find(key)
    if known is not None and (known.state == "waiting" or (known.state == "ready" and is_kept(known.ref))):
        file = known
    else:
        outages.check("receipts", supplier)
        if limits.hit("receipt", str(connection.user_id), per=timedelta(days=1)).count > MOST_A_DAY:
            raise Refused(_TOO_MANY, most=MOST_A_DAY)
        file = _promised(key, known, extended)
    audit.by_user("receipt.ask", visitor, account_id=connection.account_id, period=paper.period, file=file.ref)
    return file


def _promised(key: Mapping[str, object], known: ReceiptFile | None, extended: bool) -> ReceiptFile:
    """The row, new or once more; of those who come at once one makes the promise."""
    now = clock.now()
    fresh = {"state": "waiting", "asked_at": now, "expires_at": now + KEPT}
    seen = known.generation if known else 0  # a row that came meanwhile has another one
    statement = (
        insert_or_update(ReceiptFile)
        .values(**key, **fresh, extended=extended)
        .on_conflict_do_update(
            index_elements=list(key), set_={**fresh, "generation": seen + 1}, where=ReceiptFile.generation == seen
        )
    )
    is_mine = db.session.scalar(statement.returning(ReceiptFile.id)) is not None
    file = _find(key)
    assert file is not None, "it is there now, whoever wrote it"  # noqa: S101
    if is_mine:
        payload = {"ref": file.ref, "generation": file.generation}
        outbox.promise("receipt", f"receipt:{file.ref}:{file.generation}", payload, expires_at=now + PROMISED)
    return file


def fingerprint(paper: ReceiptPaper, extended: bool) -> str:
    """A name of all that stands on the paper, which tells nothing of it."""
    return keyring.fingerprint("receipt", str(extended), json.dumps(asdict(paper), default=date.isoformat, sort_keys=True))


def find(connection: Connection, ref: str) -> ReceiptFile | None:
    """The file of that ref, if it is of the connection's account and open to it."""
    return db.session.scalars(db.select(ReceiptFile).where(ReceiptFile.ref == ref, *_open_to(connection))).one_or_none()


def asked_before(connection: Connection) -> Sequence[ReceiptFile]:
    """Files of the account that are ready or being made, the last asked for first."""
    wanted = db.select(ReceiptFile).where(_WANTED, *_open_to(connection))
    return db.session.scalars(wanted.order_by(ReceiptFile.asked_at.desc()).limit(SHOWN)).all()


def to_make(ref: str, generation: int) -> Task | None:
    """The row, if it still waits for this very making."""
    return next(iter(_tasks(ReceiptFile.ref == ref, ReceiptFile.generation == generation, ReceiptFile.state == "waiting")), None)


def made(task: Task, size: int) -> bool:
    """Note that the file is there, `size` bytes; False when it is no longer waited for."""
    now = clock.now()
    return _settle(task, "waiting", state="ready", size=size, made_at=now, expires_at=now + KEPT)


def not_made(task: Task) -> bool:
    """Note that it could not be drawn: the user is told, and may ask again."""
    return _settle(task, "waiting", state="failed")


def overtaken(task: Task) -> bool:
    """Note that the account has changed since it was asked for: there will be no such receipt any more."""
    return _settle(task, "waiting", state="gone")


def overdue() -> list[Task]:
    """Rows whose file is to be deleted now."""
    return _tasks(ReceiptFile.state == "ready", ReceiptFile.expires_at <= clock.now())


def forget(task: Task) -> bool:
    """Note that the file is deleted. Call it after the file is gone."""
    return _settle(task, "ready", state="gone", size=0)


def give_up() -> None:
    """Let those be asked for again whose promise has run out."""
    _change(ReceiptFile.state == "waiting", ReceiptFile.asked_at <= clock.now() - PROMISED, state="failed")


def wanted(refs: Sequence[str]) -> set[str]:
    """Those of them whose file is to be there, now or soon. As many as a statement holds: some hundreds."""
    return set(db.session.scalars(db.select(ReceiptFile.ref).where(ReceiptFile.ref.in_(refs), _WANTED)))


def purge() -> None:
    """Forget requests whose file went long ago; the next one like it begins anew."""
    old = ReceiptFile.expires_at <= clock.now() - REMEMBERED
    db.session.execute(delete(ReceiptFile).where(ReceiptFile.state.in_(("gone", "failed")), old))


def _open_to(connection: Connection) -> tuple[ColumnElement[bool], ...]:
    """What was made for the extended version, the PIN perhaps on it, is closed to the basic one."""
    mine = ReceiptFile.account_id == connection.account_id
    return (mine,) if connection.access == "extended" else (mine, ReceiptFile.extended.is_(False))


def _find(key: Mapping[str, object]) -> ReceiptFile | None:
    return db.session.scalars(db.select(ReceiptFile).filter_by(**key).execution_options(populate_existing=True)).one_or_none()


def _tasks(*wanted: ColumnElement[bool]) -> list[Task]:
    columns = [getattr(ReceiptFile, name) for name in Task.__dataclass_fields__ if name != "supplier"]
    query = db.select(*columns, Account.supplier).join(Account, Account.id == ReceiptFile.account_id).where(*wanted)
    return [Task(**row) for row in rows(query)]


def _settle(task: Task, state_before: str, **changes: object) -> bool:
    same = (ReceiptFile.id == task.id, ReceiptFile.generation == task.generation, ReceiptFile.state == state_before)
    return _change(*same, **changes)


def _change(*wanted: ColumnElement[bool], **changes: object) -> bool:
    statement = update(ReceiptFile).where(*wanted).values(**changes).execution_options(synchronize_session=False)
    return rows_changed(statement) > 0

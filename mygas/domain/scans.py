"""Scans of documents that came with a request for a PIN: who may look, and how long they are kept (promises.md §6.6).

The sealed file is written before its row: what is cut off in between leaves a file without a row, which the sweep takes
away. It is destroyed before its row is marked: what is cut off there leaves a row whose file is gone, which the next sweep
marks, and of which a look meanwhile says so. Never is a file left on the disk that its row calls destroyed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update

from mygas import clock
from mygas.domain import audit
from mygas.domain.operators import within
from mygas.extensions import db, keyring
from mygas.models import Operator, PinRequest, Scan

AFTER_DECISION = timedelta(days=30)
UNHANDLED = timedelta(days=90)
_PURPOSE = "scan"


@dataclass(frozen=True)
class KeptScan:
    """A scan that lies sealed in the vault under `ref` and opens by `key`; `size` is in bytes."""

    ref: str
    key: bytes
    media_type: str
    size: int


@dataclass(frozen=True)
class Opened:
    """A scan that an operator may see now. `key` opens the sealed file."""

    ref: str
    media_type: str
    key: bytes


def attach(request: PinRequest, kept: KeptScan) -> Scan:
    """Tie the sealed file to the request; its key is kept sealed."""
    now = clock.now()
    scan = Scan(
        ref=kept.ref,
        request=request,
        media_type=kept.media_type,
        size=kept.size,
        sealed_key=keyring.seal(kept.key, f"{_PURPOSE}:{kept.ref}"),
        created_at=now,
        delete_at=now + UNHANDLED,
    )
    db.session.add(scan)
    return scan


def of_request(request_id: int) -> list[Scan]:
    """The scans that came with the request, oldest first; of one that was deleted `deleted_at` is set."""
    return list(db.session.scalars(db.select(Scan).filter_by(request_id=request_id).order_by(Scan.id)))


def open_for(operator: Operator, ip: str, ref: str) -> Opened | None:
    """The scan for the operator, written down in the audit; None when it is not his to see.

    His to see is a scan of an open request of a supplier of his. Each call is a view; call it in a unit of work.
    """
    live = db.select(Scan).join(Scan.request).options(db.contains_eager(Scan.request))
    mine = live.where(Scan.ref == ref, Scan.deleted_at.is_(None), within(operator, PinRequest.supplier))
    scan = db.session.scalars(mine.where(PinRequest.state == "open")).one_or_none()
    if scan is None or scan.sealed_key is None:
        return None
    request = scan.request
    audit.by_operator("scan.view", operator, ip, user_id=request.user_id, account_id=request.account_id, request=request.id)
    return Opened(ref, scan.media_type, keyring.unseal(scan.sealed_key, f"{_PURPOSE}:{ref}"))


def overdue(now: datetime) -> list[Scan]:
    """Scans whose time is over: 30 days after the decision, 90 days where nobody decided."""
    over = (Scan.delete_at <= now) | (PinRequest.decided_at <= now - AFTER_DECISION)
    return list(db.session.scalars(db.select(Scan).join(Scan.request).where(Scan.deleted_at.is_(None), over)))


def let_go(user_id: int) -> None:
    """Scans of one who closes his cabinet, whose requests nobody decides any more: they go at the next sweeping."""
    asked = db.select(PinRequest.id).where(PinRequest.user_id == user_id)
    kept = update(Scan).where(Scan.request_id.in_(asked), Scan.deleted_at.is_(None))
    db.session.execute(kept.values(delete_at=clock.now()).execution_options(synchronize_session=False))


def forget(scan: Scan) -> None:
    """Note that the file is destroyed, and destroy its key. Call it after the file is gone."""
    scan.sealed_key, scan.deleted_at = None, clock.now()
    audit.by_system("scan.delete", user_id=scan.request.user_id, account_id=scan.request.account_id, request=scan.request_id)


def live() -> list[tuple[str, Callable[[], bytes]]]:
    """The refs of all scans whose file is there, and what opens each: it raises keyring.Unsealable where the keys are others."""
    rows = db.session.execute(db.select(Scan.ref, Scan.sealed_key).where(Scan.deleted_at.is_(None)))
    return [(ref, partial(keyring.unseal, key or b"", f"{_PURPOSE}:{ref}")) for ref, key in rows]


def is_kept(ref: str) -> bool:
    """Whether a row speaks of the sealed file and has not given it up."""
    return db.session.scalar(db.select(db.exists().where(Scan.ref == ref, Scan.deleted_at.is_(None)))) is True

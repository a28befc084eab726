"""A registry that leaves, as the bytes of a file (docs/formats.md): the same ones at every download, in constant memory."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice

from mygas import money
from mygas.domain import dispatches
from mygas.domain.dispatches import Dispatch, Kind, LeavingPayment, LeavingReading
from mygas.domain.metering import plain_volume
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier

MARK = b"\xef\xbb\xbf"
"""UTF-8 with the mark by which Excel knows it; our own importer takes it too."""
_HEADERS = {
    "readings": ("number", "account", "serial", "date", "value", "source", "period", "replaces", "rolled_over", "sent_at"),
    "payments": ("number", "kind", "account", "date", "sum", "services", "acquirer", "acquirer_id"),
}
_BLOCK = 500  # rows of one piece of the file


class Altered(Exception):
    """The registry would not come out as it did before: somebody has changed what had left. It must not leave again."""


def make(supplier: Supplier, kind: Kind, note: Callable[[Dispatch], None]) -> Dispatch:
    """Make the next registry of all that waits; `note` writes it down in the same transaction. Raises Refused: nothing waits.

    The digest is reckoned after the commit, for it takes as long as the file is. Who is killed between the two leaves that to
    the next one.
    """
    with unit_of_work():
        made = dispatches.make(supplier.slug, kind)
        note(made)
    for one in dispatches.unsealed(supplier.slug):
        digest = _digest(one, supplier)
        with unit_of_work():
            dispatches.seal(one.id, digest)
    return dispatches.find(supplier.slug, kind, made.number) or made


def written(dispatch: Dispatch, supplier: Supplier) -> Iterator[bytes]:
    """The file in pieces. Raises Altered before the first one when the bytes are not those of the first time."""
    digest = _digest(dispatch, supplier)
    if dispatch.digest not in ("", digest):
        raise Altered(f"{file_name(dispatch, supplier)}: {digest} instead of {dispatch.digest}")
    return _pieces(dispatch, supplier)


def file_name(dispatch: Dispatch, supplier: Supplier) -> str:
    """`0059000018_readings_000012.csv`: whose, of what, which one."""
    return f"{supplier.inn}_{dispatch.kind}_{dispatch.number:06d}.csv"


def _digest(dispatch: Dispatch, supplier: Supplier) -> str:
    digest = sha256()
    for piece in _pieces(dispatch, supplier):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(dispatch: Dispatch, supplier: Supplier) -> Iterator[bytes]:
    """Header, rows, and a last line by which it is seen that nothing is missing."""
    yield MARK + _lines([_HEADERS[dispatch.kind]])
    left = dispatches.rows(dispatch)
    while rows := list(islice(left, _BLOCK)):
        yield _lines(_cells(row, supplier) for row in rows)
    total = plain_volume(dispatch.total) if dispatch.kind == "readings" else money.plain(dispatch.total)
    yield _lines([("=", dispatch.rows, total)])


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(row: LeavingReading | LeavingPayment, supplier: Supplier) -> tuple[object, ...]:
    def local(at: datetime) -> datetime:
        return at.astimezone(supplier.time_zone)

    if isinstance(row, LeavingReading):
        period = f"{row.period % 100:02d}.{row.period // 100}"
        sent_at = f"{local(row.sent_at):%d.%m.%Y %H:%M:%S}"
        return (
            row.id, row.account, row.serial, f"{row.taken_on:%d.%m.%Y}", plain_volume(row.value_milli), "абонент", period,
            row.replaces or "", "да" if row.rolled_over else "нет", sent_at,
        )  # fmt: skip
    services = " | ".join(f"{service}: {money.plain(kopecks)}" for service, kopecks in row.split)
    kind = "возврат" if row.refund else "оплата"
    return (
        row.number, kind, row.account, f"{local(row.at):%d.%m.%Y}", money.plain(row.sum_kop), services, row.acquirer,
        row.acquirer_id or "",
    )  # fmt: skip

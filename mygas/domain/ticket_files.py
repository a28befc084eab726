"""Files that came with questions to the support: kept as scans are (domain.scans tells in which order), by rules of their own."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, or_

from mygas import clock
from mygas.domain import audit, limits
from mygas.domain.operators import serves
from mygas.domain.scans import KeptScan, Opened
from mygas.domain.visitors import Visitor
from mygas.extensions import db, keyring
from mygas.models import Operator, Ticket, TicketFile, TicketMessage
from mygas.words import N_, Refused

MOST = 3  # of a message
MOST_A_DAY = 30  # of a user: each is drawn anew, which costs a second
MOST_BYTES = 60 * 1024 * 1024  # of a ticket
AFTER_CLOSING = timedelta(days=30)
_PURPOSE = "ticket-file"


@dataclass(frozen=True)
class Sealed:
    """A file in the vault whose key is sealed: fit to lie in a draft until the question is sent."""

    ref: str
    key: str
    media_type: str
    size: int


def count_one(visitor: Visitor) -> None:
    """Count a file that the user sends, before it is looked at. Raises Refused over thirty a day."""
    assert visitor.user is not None, "guests send no files"  # noqa: S101
    if limits.hit("ticket-file", str(visitor.user.id), per=timedelta(days=1)).count > MOST_A_DAY:
        raise Refused(N_("За сутки можно приложить не более %(most)s файлов. Попробуйте завтра."), most=MOST_A_DAY)


def seal(kept: KeptScan) -> Sealed:
    sealed = keyring.seal(kept.key, f"{_PURPOSE}:{kept.ref}")
    return Sealed(kept.ref, base64.b64encode(sealed).decode(), kept.media_type, kept.size)


def attach(message: TicketMessage, files: Sequence[Sealed]) -> None:
    """Tie the files to a message that is written already. Raises Refused when the ticket would hold too much."""
    if not files:
        return
    mine = db.select(func.coalesce(func.sum(TicketFile.size), 0)).join(TicketFile.message)
    held = db.session.scalar(mine.where(TicketMessage.ticket_id == message.ticket_id)) or 0
    if held + sum(one.size for one in files) > MOST_BYTES:
        sentence = N_("Файлы одного обращения занимают не больше %(mib)s МБ. Приложите меньше файлов.")
        raise Refused(sentence, field="file1", mib=MOST_BYTES // 1024 // 1024)
    now = clock.now()
    for one in files:
        key = base64.b64decode(one.key)
        row = {"ref": one.ref, "media_type": one.media_type, "size": one.size, "sealed_key": key, "created_at": now}
        db.session.add(TicketFile(message_id=message.id, **row))


def open_for(operator: Operator, ip: str, ref: str) -> Opened | None:
    """The file for the operator, written down in the audit; None when it is not his to see. Call it in a unit of work."""
    live = db.select(TicketFile, Ticket).join(TicketFile.message).join(TicketMessage.ticket)
    mine = live.where(TicketFile.ref == ref, TicketFile.deleted_at.is_(None), Ticket.subject != "")
    mine = mine.where(serves(operator, Ticket.addressee))
    found = db.session.execute(mine).one_or_none()
    if found is None or found.TicketFile.sealed_key is None:
        return None
    file, ticket = found.TicketFile, found.Ticket
    audit.by_operator("ticket.file", operator, ip, user_id=ticket.user_id, account_id=ticket.account_id, ticket=ticket.id)
    return Opened(ref, file.media_type, keyring.unseal(file.sealed_key, f"{_PURPOSE}:{ref}"))


def overdue(now: datetime) -> list[TicketFile]:
    """Files whose time is over: 30 days after their ticket was closed; at once where it is erased."""
    over = db.select(TicketFile).join(TicketFile.message).join(TicketMessage.ticket)
    over = over.where(TicketFile.deleted_at.is_(None), or_(Ticket.closed_at <= now - AFTER_CLOSING, Ticket.subject == ""))
    return list(db.session.scalars(over.options(db.contains_eager(TicketFile.message).contains_eager(TicketMessage.ticket))))


def forget(file: TicketFile) -> None:
    """Note that the file is destroyed, and destroy its key. Call it after the file is gone."""
    file.sealed_key, file.deleted_at = None, clock.now()
    ticket = file.message.ticket
    audit.by_system("ticket.file-delete", user_id=ticket.user_id, account_id=ticket.account_id, ticket=ticket.id)


def live() -> list[tuple[str, Callable[[], bytes]]]:
    """As domain.scans.live."""
    rows = db.session.execute(db.select(TicketFile.ref, TicketFile.sealed_key).where(TicketFile.deleted_at.is_(None)))
    return [(ref, partial(keyring.unseal, key or b"", f"{_PURPOSE}:{ref}")) for ref, key in rows]


def is_kept(ref: str) -> bool:
    """Whether a row speaks of the sealed file and has not given it up."""
    return db.session.scalar(db.select(db.exists().where(TicketFile.ref == ref, TicketFile.deleted_at.is_(None)))) is True

"""объявления: written at the desk, shown to those whom they concern for as long as they stand.

One row is one bulletin; a function that is off is a bulletin as well (domain.outages), so that one statement tells a page of all.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, update

from mygas import clock, matching
from mygas.domain import audit
from mygas.domain.newest import newest, table
from mygas.domain.operators import within
from mygas.domain.work import insert_or_update, rows_changed
from mygas.extensions import db
from mygas.models import AccountCard, Bulletin, Connection, Dismissal, Operator, User
from mygas.words import N_, Refused

EVERYBODY = ""
"""The supplier of a bulletin that concerns all of them."""
_OVER = N_("Это объявление уже опубликовано, снято или удалено. Обновите страницу.")
_NOT_YOURS = N_("Для всех поставщиков пишет только тот оператор, который обслуживает их всех.")
_BACKWARDS = N_("Окончание раньше начала или уже прошло.")


def standing(slugs: Collection[str], user_id: int | None = None) -> list[Bulletin]:
    """What stands now for these suppliers, without what the user has put away, the newest first. One statement."""
    wanted = db.select(Bulletin).where(Bulletin.supplier.in_({EVERYBODY, *slugs}), *_stands(clock.now()))
    if user_id is not None:
        put_away = db.select(Dismissal.bulletin_id).where(Dismissal.user_id == user_id, Dismissal.bulletin_id == Bulletin.id)
        wanted = wanted.where(~put_away.exists())
    return list(db.session.scalars(wanted.order_by(Bulletin.starts_at.desc(), Bulletin.id.desc())))


def concerning(known: Iterable[Bulletin], supplier: str, address: str | None) -> list[Bulletin]:
    """Those of the announcements that concern an account. Of an account whose address may not be told (None), what is for a part
    of the addresses is left out: it would tell in which street the account is."""
    return [
        one
        for one in known
        if not one.function
        and one.supplier in (EVERYBODY, supplier)
        and (not one.prefix or (address is not None and is_within(address, one.prefix)))
    ]


def is_within(address: str, prefix: str) -> bool:
    """Whether the address begins with those words: case, ё, spaces and punctuation apart («д. 1» does not begin «д. 12»)."""
    wanted = matching.words(prefix)
    return matching.words(address)[: len(wanted)] == wanted


def archive(slugs: Collection[str], limit: int, before: int | None = None) -> Sequence[Bulletin]:
    """All announcements that ever stood for these suppliers, newest first; not those taken down before they began."""
    wanted = db.select(Bulletin).where(
        Bulletin.supplier.in_({EVERYBODY, *slugs}),
        Bulletin.function == "",
        Bulletin.published_at.is_not(None),
        Bulletin.starts_at <= clock.now(),
        or_(Bulletin.ends_at.is_(None), and_(Bulletin.ends_at > Bulletin.starts_at, Bulletin.ends_at > Bulletin.published_at)),
    )
    if before is not None:
        wanted = wanted.where(Bulletin.id < before)
    return db.session.scalars(wanted.order_by(Bulletin.id.desc()).limit(limit)).all()


def dismiss(user: User, ref: str, slugs: Collection[str]) -> bool:
    """Put the announcement away for this user; False when there is no such one for him."""
    mine = db.select(Bulletin.id).where(Bulletin.ref == ref, Bulletin.function == "", Bulletin.published_at.is_not(None))
    bulletin_id = db.session.scalar(mine.where(Bulletin.supplier.in_({EVERYBODY, *slugs})))
    if bulletin_id is None:
        return False
    row = {"user_id": user.id, "bulletin_id": bulletin_id}
    db.session.execute(insert_or_update(Dismissal).values(**row).on_conflict_do_nothing())
    return True


def write(
    operator: Operator,
    ip: str,
    suppliers: Collection[str],
    *,
    supplier: str,
    starts_at: datetime | None,
    ends_at: datetime | None,
    **told: Any,
) -> Bulletin:
    """A draft, or, with a `function`, in force at once; `suppliers` are all that there are.

    Raises Refused on the fields `supplier` and `until`.
    """
    if not (_serves_all(operator, suppliers) if supplier == EVERYBODY else supplier in operator.suppliers):
        raise Refused(_NOT_YOURS, field="supplier")
    now = clock.now()
    begins = starts_at or now
    if ends_at is not None and ends_at <= max(begins, now):
        raise Refused(_BACKWARDS, field="until")
    written = Bulletin(
        supplier=supplier, operator_id=operator.id, created_at=now, starts_at=begins, ends_at=ends_at,
        published_at=now if told.get("function") else None, **told,
    )  # fmt: skip
    db.session.add(written)
    db.session.flush()
    audit.by_operator("bulletin.write", operator, ip, bulletin=written.id, supplier=supplier, function=written.function)
    return written


def untold() -> list[Bulletin]:
    """Announcements that stand and are to be sent, but have not been sent to all yet."""
    wanted = db.select(Bulletin).where(Bulletin.tell, Bulletin.told_at.is_(None), Bulletin.function == "", *_stands(clock.now()))
    return list(db.session.scalars(wanted.order_by(Bulletin.id)))


def of_desk(
    operator: Operator, suppliers: Collection[str], *, outages: bool, limit: int, before: int | None = None
) -> list[Bulletin]:
    """Bulletins of the operator's suppliers, drafts too, newest first; those for everybody for who serves everybody."""
    wanted = db.select(Bulletin).where(_served(operator, suppliers), (Bulletin.function != "") == outages)
    if before is not None:
        wanted = wanted.where(Bulletin.id < before)
    return list(db.session.scalars(wanted.order_by(Bulletin.id.desc()).limit(limit)))


def of_ref(operator: Operator, suppliers: Collection[str], ref: str) -> Bulletin | None:
    """The bulletin, if it is the operator's to change."""
    return db.session.scalars(db.select(Bulletin).where(_served(operator, suppliers), Bulletin.ref == ref)).one_or_none()


def state(bulletin: Bulletin) -> Literal["draft", "planned", "standing", "over"]:
    """How it stands now."""
    now = clock.now()
    if bulletin.ends_at is not None and bulletin.ends_at <= now:
        return "over"
    if bulletin.published_at is None:
        return "draft"
    return "standing" if bulletin.starts_at <= now else "planned"


def publish(operator: Operator, ip: str, bulletin: Bulletin) -> None:
    """Show the draft from now on, or from its beginning on. Raises Refused when it is no draft any more."""
    now = clock.now()
    _change(bulletin, Bulletin.published_at.is_(None), _goes_on(now), published_at=now)
    audit.by_operator("bulletin.publish", operator, ip, bulletin=bulletin.id, supplier=bulletin.supplier, tell=bulletin.tell)


def end(operator: Operator, ip: str, bulletin: Bulletin) -> None:
    """Take it down, now; a draft is thrown away so. Raises Refused when it is over already."""
    now = clock.now()
    _change(bulletin, _goes_on(now), ends_at=now)
    audit.by_operator("bulletin.end", operator, ip, bulletin=bulletin.id, supplier=bulletin.supplier)


def _goes_on(now: datetime) -> ColumnElement[bool]:
    """Whether it has not been taken down, nor come to its end."""
    return or_(Bulletin.ends_at.is_(None), Bulletin.ends_at > now)


def count_concerned(suppliers: Collection[str], prefix: str) -> int:
    """How many accounts that users have connected the announcement concerns."""
    if not prefix:
        live = db.select(func.count(Connection.account_id.distinct()))
        return db.session.scalar(live.where(Connection.supplier.in_(suppliers), Connection.ended_at.is_(None))) or 0
    return sum(is_within(address, prefix) for _, address in _addresses(Connection.supplier.in_(suppliers)))


def addresses(account_ids: Collection[int]) -> dict[int, str]:
    """The addresses of those accounts, in one statement."""
    return dict(_addresses(Connection.account_id.in_(account_ids)))


def _addresses(*wanted: ColumnElement[bool]) -> Iterator[tuple[int, str]]:
    """Connected accounts and their addresses, read a thousand at a time."""
    mine = db.select(Connection.account_id).where(Connection.ended_at.is_(None), *wanted)
    known = newest(AccountCard, table(AccountCard).c.account_id.in_(mine), key=("account_id",))
    query = db.select(known.c.account_id, known.c.address).where(known.c.age == 1)
    for row in db.session.execute(query.execution_options(yield_per=1000)):
        yield row.account_id, row.address


def _stands(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Bulletin.published_at.is_not(None),
        Bulletin.starts_at <= now,
        or_(Bulletin.ends_at.is_(None), Bulletin.ends_at > now),
    )


def _served(operator: Operator, suppliers: Collection[str]) -> ColumnElement[bool]:
    mine = within(operator, Bulletin.supplier)
    return or_(mine, Bulletin.supplier == EVERYBODY) if _serves_all(operator, suppliers) else mine


def _serves_all(operator: Operator, suppliers: Collection[str]) -> bool:
    return set(suppliers) <= set(operator.suppliers)


def _change(bulletin: Bulletin, *only: ColumnElement[bool], **values: Any) -> None:
    """One conditional UPDATE: of two operators at once, one does it."""
    changed = update(Bulletin).where(Bulletin.id == bulletin.id, *only)
    if not rows_changed(changed.values(**values).execution_options(synchronize_session=False)):
        raise Refused(_OVER)

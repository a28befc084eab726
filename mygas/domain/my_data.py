"""All that the portal keeps of a user as one archive: asked for by him, made by the worker (jobs.my_data), deleted after a while.

Two requests at once get one row and one promise. The files themselves are not this room's matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, update

from mygas import clock
from mygas.domain import audit, limits, notices, open_cabinet, outbox
from mygas.domain.newest import rows
from mygas.domain.visitors import Visitor
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import MyData, User
from mygas.words import N_, Refused

KEPT = timedelta(days=3)
PROMISED = timedelta(days=1)  # after which there is no point in making one that was asked for
MOST_A_DAY = 3
REMEMBERED = timedelta(days=90)  # after it was to be deleted: whoever kept the address of its page is told of it
SHOWN = 10
_WANTED = MyData.state.in_(("waiting", "ready"))
_TOO_MANY = N_("За сутки можно собрать не более %(most)s архивов. Скачайте готовый или попробуйте завтра.")


@dataclass(frozen=True)
class Task:
    """A row as the worker needs it: plain values that outlive a transaction."""

    id: int
    ref: str
    user_id: int


def ask(visitor: Visitor, user: User) -> MyData:
    """The archive that is being made for the user, else a new one, promised now. Audited.

    Raises Refused over MOST_A_DAY, and when the cabinet is closed.
    """
    db.session.get_one(User, user.id, with_for_update=True)  # of two requests at once the second sees what the first has asked
    open_cabinet.hold(user.id)
    found = _waiting(user.id)
    if found is not None:
        return found
    if limits.hit("my-data", str(user.id), per=timedelta(days=1)).count > MOST_A_DAY:
        raise Refused(_TOO_MANY, most=MOST_A_DAY)
    now = clock.now()
    db.session.add(fresh := MyData(user_id=user.id, asked_at=now, expires_at=now + KEPT))
    db.session.flush()
    outbox.promise("my-data", f"my-data:{fresh.ref}", {"ref": fresh.ref}, expires_at=now + PROMISED)
    audit.by_user("my-data.ask", visitor, user=user)
    return fresh


def find(user: User, ref: str) -> MyData | None:
    """The user's own archive of that ref."""
    return db.session.scalars(db.select(MyData).filter_by(user_id=user.id, ref=ref)).one_or_none()


def asked_before(user: User) -> Sequence[MyData]:
    """Archives that are ready or being made, the last asked for first."""
    wanted = db.select(MyData).where(MyData.user_id == user.id, _WANTED)
    return db.session.scalars(wanted.order_by(MyData.id.desc()).limit(SHOWN)).all()


def to_make(ref: str) -> Task | None:
    """The row, if it still waits."""
    return next(iter(_tasks(MyData.ref == ref, MyData.state == "waiting")), None)


def made(task: Task, size: int) -> bool:
    """Note that the file is there, `size` bytes, and tell its owner; False when it is no longer waited for."""
    now = clock.now()
    done = _change(MyData.id == task.id, MyData.state == "waiting", state="ready", size=size, made_at=now, expires_at=now + KEPT)
    if done:
        notices.warn(task.user_id, "login", "my-data-ready", life=KEPT)
    return done


def not_made(task: Task) -> bool:
    """Note that it could not be made: the user is told on its page, and may ask again."""
    return _change(MyData.id == task.id, MyData.state == "waiting", state="failed")


def overdue() -> list[Task]:
    """Rows whose file is to be deleted now."""
    return _tasks(MyData.state == "ready", MyData.expires_at <= clock.now())


def forget(task: Task) -> bool:
    """Note that the file is deleted. Call it after the file is gone."""
    return _change(MyData.id == task.id, MyData.state == "ready", state="gone", size=0)


def let_go(user_id: int) -> None:
    """Archives of one who closes his cabinet: what lies ready goes at the next sweeping, what is being made comes to nothing."""
    _change(MyData.user_id == user_id, MyData.state == "ready", expires_at=clock.now())
    _change(MyData.user_id == user_id, MyData.state == "waiting", state="failed")


def wanted(refs: Sequence[str]) -> set[str]:
    """Those of them whose file is to be there, now or soon. As many as a statement holds: some hundreds."""
    return set(db.session.scalars(db.select(MyData.ref).where(MyData.ref.in_(refs), _WANTED)))


def give_up() -> None:
    """Let those be asked for again whose promise has run out."""
    _change(MyData.state == "waiting", MyData.asked_at <= clock.now() - PROMISED, state="failed")


def purge() -> None:
    """Forget archives that went long ago."""
    old = MyData.expires_at <= clock.now() - REMEMBERED
    db.session.execute(delete(MyData).where(MyData.state.in_(("gone", "failed")), old))


def _waiting(user_id: int) -> MyData | None:
    return db.session.scalars(db.select(MyData).filter_by(user_id=user_id, state="waiting")).one_or_none()


def _tasks(*wanted: ColumnElement[bool]) -> list[Task]:
    return [Task(**row) for row in rows(db.select(MyData.id, MyData.ref, MyData.user_id).where(*wanted))]


def _change(*wanted: ColumnElement[bool], **changes: object) -> bool:
    statement = update(MyData).where(*wanted).values(**changes).execution_options(synchronize_session=False)
    return rows_changed(statement) > 0

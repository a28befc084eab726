"""Writing down what was done, in the transaction of the deed itself."""

from datetime import timedelta

from mygas import clock
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import AuditEntry, Operator, User

LOOK = timedelta(hours=1)


def by_user(
    action: str,
    visitor: Visitor,
    *,
    user: User | None = None,
    outcome: str = "done",
    account_id: int | None = None,
    **detail: object,
) -> None:
    """A deed of the signed-in user, or of `user` who is about to be; `detail` must hold no secrets."""
    user_id = user.id if user else visitor.user.id if visitor.user else None
    _note("user", action, actor_id=user_id, ip=visitor.ip, outcome=outcome, user_id=user_id, account_id=account_id, detail=detail)


def by_operator(
    action: str, operator: Operator, ip: str, *, user_id: int | None = None, account_id: int | None = None, **detail: object
) -> None:
    """A deed of an operator that concerned the user or the account."""
    _note("operator", action, actor_id=operator.id, ip=ip, outcome="done", user_id=user_id, account_id=account_id, detail=detail)


def is_new_look(action: str, operator: Operator, account_id: int) -> bool:
    """Whether this look of the operator at the account is to be written down: once in LOOK is enough."""
    looked = db.select(AuditEntry.id).filter_by(account_id=account_id, actor="operator", actor_id=operator.id, action=action)
    return db.session.scalar(looked.where(AuditEntry.at > clock.now() - LOOK).limit(1)) is None


def by_system(action: str, *, user_id: int | None = None, account_id: int | None = None, **detail: object) -> None:
    """A deed that a schedule did."""
    _note("system", action, actor_id=None, ip="", outcome="done", user_id=user_id, account_id=account_id, detail=detail)


def _note(actor: str, action: str, **row: object) -> None:
    db.session.execute(db.insert(AuditEntry).values(at=clock.now(), actor=actor, action=action, **row))

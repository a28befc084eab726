"""Writing down what was done, in the transaction of the deed itself."""

from mygas import clock
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import AuditEntry, Operator


def by_user(action: str, visitor: Visitor, *, outcome: str = "done", account_id: int | None = None, **detail: object) -> None:
    """A deed of the signed-in user; `detail` must hold no secrets."""
    user_id = visitor.user.id if visitor.user else None
    _note("user", user_id, visitor.ip, action, outcome, user_id, account_id, detail)


def by_operator(
    action: str, operator: Operator, ip: str, *, user_id: int | None = None, account_id: int | None = None, **detail: object
) -> None:
    """A deed of an operator that concerned the user or the account."""
    _note("operator", operator.id, ip, action, "done", user_id, account_id, detail)


def by_system(action: str, *, user_id: int | None = None, account_id: int | None = None, **detail: object) -> None:
    """A deed that a schedule did."""
    _note("system", None, "", action, "done", user_id, account_id, detail)


def _note(
    actor: str, actor_id: int | None, ip: str, action: str, outcome: str,
    user_id: int | None, account_id: int | None, detail: dict[str, object],
) -> None:  # fmt: skip
    row = {"at": clock.now(), "actor": actor, "actor_id": actor_id, "ip": ip, "action": action, "outcome": outcome}
    db.session.execute(db.insert(AuditEntry).values(**row, user_id=user_id, account_id=account_id, detail=detail))

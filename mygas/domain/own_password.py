"""A user changes his password."""

from datetime import timedelta

from mygas import clock
from mygas.domain import audit, outbox, present_password, signing_in
from mygas.domain.visitors import Visitor
from mygas.models import User

NEWS_LIFE = timedelta(hours=6)


def change(visitor: Visitor, proof: str, password_hash: str) -> str:
    """Put the new password in the place of the one that `proof` tells was checked; the key by which this browser goes on.

    All other sessions end, the user is told. Audited. Raises Refused as present_password.hold does.
    """
    user = present_password.hold(present_password.the_user(visitor).id, proof)
    user.password_hash = password_hash
    audit.by_user("password.change", visitor)
    tell(user)
    return signing_in.go_on_alone(user, visitor)


def tell(user: User) -> None:
    """Promise the message that the password is another one."""
    now = clock.now()
    payload = {"note": "password-changed", "to": user.login, "at": now.isoformat()}
    outbox.promise("note", f"password:{user.id}:{now:%Y%m%d%H%M%S%f}", payload, expires_at=now + NEWS_LIFE)

"""A user changes his password."""

from mygas.domain import audit, notices, present_password, signing_in
from mygas.domain.visitors import Visitor


def change(visitor: Visitor, proof: str, password_hash: str) -> str:
    """Put the new password in the place of the one that `proof` tells was checked; the key by which this browser goes on.

    All other sessions end, the user is told. Audited. Raises Refused as present_password.hold does.
    """
    user = present_password.hold(present_password.the_user(visitor).id, proof)
    user.password_hash = password_hash
    audit.by_user("password.change", visitor)
    notices.warn(user.id, "login", "password-changed")
    return signing_in.go_on_alone(user, visitor)

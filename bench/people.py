"""Users as the measurements need them: signed up and consented, without the journey."""

from mygas import clock
from mygas.domain import consents
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import User


def newcomer(visitor: Visitor, login: str) -> User:
    """A user of that e-mail address who may use the cabinet; nobody knows his password."""
    user = User(login=login, channel="email", password_hash="-", created_at=clock.now())  # noqa: S106
    db.session.add(user)
    db.session.flush()
    consents.record(user, consents.current(), visitor, "bench")
    return user

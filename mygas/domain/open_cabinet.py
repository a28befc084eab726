"""A cabinet that its user may close at any moment, held open while something is written that belongs into it."""

from mygas.extensions import db
from mygas.models import User
from mygas.words import N_, Refused

_CLOSED = N_("Этот личный кабинет закрыт: ничего нового в нём не начать.")


def hold(user_id: int) -> str:
    """The user's login. Who closes the cabinet meanwhile (domain.closing) waits for the present transaction, and finds what it
    wrote. Raises Refused when it is closed."""
    login = login_if_open(user_id)
    if login is None:
        raise Refused(_CLOSED)
    return login


def login_if_open(user_id: int) -> str | None:
    """The same, for who has nobody to refuse: None when it is closed."""
    living = db.select(User.login).where(User.id == user_id, User.disabled_at.is_(None)).with_for_update(read=True)
    login: str | None = db.session.scalar(living)
    return login

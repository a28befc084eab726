"""How others may know a user."""

from mygas.contacts import Contact
from mygas.models import User
from mygas.words import N_

CLOSED = N_("кабинет закрыт")


def known_as(user: User) -> str:
    """The login, masked; of him who has closed his cabinet only that he did."""
    return CLOSED if user.disabled_at is not None else Contact(user.channel, user.login).masked  # type: ignore[arg-type]

"""Becoming a user: contact and password, confirmation, consent (wizard JOIN)."""

from typing import Any

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import audit, confirmations, consents, outages
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken
from mygas.extensions import db
from mygas.models import Confirmation, Draft, User
from mygas.words import N_, Refused


def start(draft: Draft, visitor: Visitor, *, contact: Contact, password_hash: str) -> None:
    """Take the login and the password's hash, and send a code to the login.

    Whoever asks cannot learn whether the login is taken: the page is the same, and its owner gets a warning instead of a
    code (promises.md §2.8). A changed contact makes the journey wait for a new code.
    """
    outages.check("registration", visitor.rules.supplier)
    taken = db.session.scalar(db.select(User.id).filter_by(login=contact.value)) is not None
    confirmations.start(draft, "join", contact, visitor, decoy=taken, password_hash=password_hash)


def confirm(draft: Draft, visitor: Visitor, *, code: str) -> None:
    """The code that came to the contact. Raises Refused on the field `code`."""
    mark_confirmed(draft, visitor, confirmations.check_code(draft, code))


def mark_confirmed(draft: Draft, _visitor: Visitor, confirmation: Confirmation, *, same_browser: bool = True) -> None:
    """Seal the step: the contact is proved, by code or by link.

    A password chosen in another browser than the one that proved the contact is forgotten: it may be that of a stranger
    who began a registration with this address, hoping for its owner's click.
    """
    kept = draft.answers if same_browser else {**draft.answers, "password_hash": ""}
    draft.answers = {**kept, "confirmed_at": clock.now().isoformat(), "proof": f"confirmation {confirmation.id}"}


def choose_password(draft: Draft, _visitor: Visitor, *, password_hash: str) -> None:
    """The password of him who has proved the contact."""
    draft.answers = {**draft.answers, "password_hash": password_hash}


def accept(draft: Draft, visitor: Visitor, *, sha256: str) -> User:
    """Consent to the text with that SHA-256, and the user exists from now on. Raises Refused."""
    document = consents.shown(sha256)
    answers: dict[str, Any] = draft.answers
    user = User(
        login=answers["contact"],
        channel=answers["channel"],
        password_hash=answers["password_hash"],
        entry=answers["entry"],
        language=visitor.language,
        created_at=clock.now(),
    )
    taken = Refused(N_("Такой пользователь уже есть. Войдите с этим логином или восстановите пароль."), field="agree")
    with refused_if_taken("uq_user_login", taken):
        db.session.add(user)
    audit.by_user("register", visitor, user=user)
    consents.record(user, document, visitor, proof=answers["proof"])
    draft.answers = {**answers, "consented_at": clock.now().isoformat()}
    return user

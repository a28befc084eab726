"""A forgotten password (wizard RECOVER): contact, code or link, new password."""

from datetime import timedelta

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import audit, confirmations, limits, notices, signing_in
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import Confirmation, Draft, User
from mygas.words import N_, Refused


def start(draft: Draft, visitor: Visitor, *, contact: Contact) -> None:
    """Send a code to the contact if it is somebody's login, or one user's proved second contact: that is what the second one is
    for when the first is lost. The page is the same if it is neither: nothing fits a decoy.
    """
    confirmations.start(draft, "recover", contact, visitor, decoy=_whose(contact.value) is None)


def confirm(draft: Draft, visitor: Visitor, *, code: str) -> None:
    """The code that came to the contact. Raises Refused on the field `code`."""
    mark_confirmed(draft, visitor, confirmations.check_code(draft, code))


def mark_confirmed(draft: Draft, _visitor: Visitor, confirmation: Confirmation, *, same_browser: bool = True) -> None:
    """Seal the step. The new password must be set while the proof is fresh; `same_browser` does not matter, for there is
    nothing in the draft that an owner's click could let in.

    From now on the rules of the user's own entrance hold, that of passwords too: shown before, they would tell a stranger
    whose contact he typed.
    """
    user = _whose(draft.answers["contact"])
    proved = {"confirmed_at": clock.now().isoformat(), "proof": f"confirmation {confirmation.id}"}
    draft.answers = {**draft.answers, **proved, "entry": user.entry if user else draft.answers["entry"]}
    draft.expires_at = clock.now() + timedelta(minutes=30)


def set_password(draft: Draft, visitor: Visitor, *, password_hash: str) -> User:
    """The new password; every session of the user ends, and he is told."""
    user = _hold(draft.answers["contact"])
    if user is None:
        raise Refused(N_("Этот личный кабинет закрыт. Позвоните поставщику газа."), field="password")
    user.password_hash = password_hash
    signing_in.end_all_sessions(user)
    limits.forgive("sign-in", user.login, visitor.network)
    limits.forgive("sign-in-login", user.login)
    audit.by_user("password.recover", visitor, user=user)
    notices.warn(user.id, "login", "password-changed")
    draft.answers = {**draft.answers, "password_set_at": clock.now().isoformat()}
    return user


def _hold(contact: str) -> User | None:
    """The user of the contact, kept as he is: a login that its owner has just taken back must not get a stranger's password."""
    user = _whose(contact)
    if user is not None:
        db.session.refresh(user, with_for_update=True)
    return user if user and user.disabled_at is None and contact in (user.login, user.second_login) else None


def _whose(contact: str) -> User | None:
    """Whose login it is; else whose second contact, where it is of one user only."""
    live = db.select(User).filter_by(disabled_at=None)
    by_login: User | None = db.session.scalars(live.filter_by(login=contact)).one_or_none()
    seconds = [] if by_login else db.session.scalars(live.filter_by(second_login=contact).limit(2)).all()
    return seconds[0] if len(seconds) == 1 else by_login

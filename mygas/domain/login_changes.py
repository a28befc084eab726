"""«Сменить логин» (wizard CHANGE_LOGIN), and how whoever has the old login undoes it (product.md §4, row 50)."""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import audit, confirmations, outbox, present_password, signing_in
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db
from mygas.models import Confirmation, Draft, LoginChange, User
from mygas.words import N_, Refused

UNDO_LIFE = timedelta(hours=24)

_SAME = N_("Это и есть Ваш нынешний логин. Укажите новый.")
_TAKEN = N_("Этот логин только что занял другой кабинет. Вернитесь назад и укажите другой.")
OVER = N_("Ссылка уже использована или устарела.")
_OLD_TAKEN = N_("Прежний логин уже занят другим кабинетом. Напишите поставщику газа: он поможет вернуть доступ.")


def start(draft: Draft, visitor: Visitor, *, contact: Contact, proof: str) -> None:
    """Send a code to the new login. Nobody learns whether it is taken: its owner is warned instead (promises.md §2.8).

    `proof` is of the present password (present_password.check).
    """
    if contact.value == present_password.the_user(visitor).login:
        raise Refused(_SAME, field="login")
    taken = db.session.scalar(db.select(User.id).filter_by(login=contact.value)) is not None
    confirmations.start(draft, "login", contact, visitor, decoy=taken, proof=proof)


def confirm(draft: Draft, visitor: Visitor, *, code: str) -> User:
    """By the code that came to the new login. Raises Refused on the field `code`, and as `mark_confirmed` does."""
    return mark_confirmed(draft, visitor, confirmations.check_code(draft, code))


def mark_confirmed(draft: Draft, visitor: Visitor, _confirmation: Confirmation, *, same_browser: bool = True) -> User:
    """The new login is proved, by code or by link, and takes the place of the old one. Audited; the old one is told.

    `same_browser` does not matter: who began knew the password. Raises Refused when another user has got the login meanwhile
    (the constraint decides), and as present_password.hold does.
    """
    assert draft.user_id is not None, "the wizard is open to users only"  # noqa: S101
    user = present_password.hold(draft.user_id, draft.answers["proof"])
    old = Contact(user.channel, user.login)  # type: ignore[arg-type]
    with refused_if_taken("uq_user_login", Refused(_TAKEN)):
        user.login, user.channel = draft.answers["contact"], draft.answers["channel"]
    if user.second_login == user.login:
        user.second_login = user.second_channel = user.second_confirmed_at = None
    _let_undo(user, old)
    audit.by_user("login.change", visitor, user=user)
    draft.answers = {**draft.answers, "changed_at": clock.now().isoformat()}
    return user


def find(token: str) -> LoginChange | None:
    """The change that the link to the old login undoes, while it may."""
    known = LoginChange.link_hash == sha256(token.encode()).hexdigest()
    live = select(LoginChange).where(known, LoginChange.until > clock.now()).execution_options(populate_existing=True)
    return db.session.scalars(live).one_or_none()


def undo(token: str, visitor: Visitor) -> None:
    """Put the old login back. Audited. Raises Refused when the link is unknown, used or too old, when the old login is taken.

    He who changed it knew the password and may have added a contact of his own: both are void, all sessions end, and the
    way in leads through recovery by the old login. Later changes can be undone no more.
    """
    found = find(token)
    if found is None:
        raise Refused(OVER)
    user = db.session.get_one(User, found.user_id, populate_existing=True, with_for_update=True)
    change = find(token)  # as it is now that the user is held: of two presses one is the first
    if change is None or user.disabled_at is not None:
        raise Refused(OVER)
    with refused_if_taken("uq_user_login", Refused(_OLD_TAKEN)):
        user.login, user.channel = change.old_login, change.old_channel
    user.password_hash = ""  # nothing fits it
    user.second_login = user.second_channel = user.second_confirmed_at = None
    signing_in.end_all_sessions(user)
    db.session.execute(delete(LoginChange).where(LoginChange.user_id == user.id, LoginChange.id >= change.id))
    audit.by_user("login.undo", visitor, user=user)


def sweep() -> int:
    """Delete what can be undone no more; returns how many."""
    return rows_changed(delete(LoginChange).where(LoginChange.until <= clock.now()))


def _let_undo(user: User, old: Contact) -> None:
    now, token = clock.now(), secrets.token_urlsafe(32)
    change = LoginChange(
        user_id=user.id, old_login=old.value, old_channel=old.channel, link_hash=sha256(token.encode()).hexdigest(),
        changed_at=now, until=now + UNDO_LIFE,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    outbox.promise("login-changed", f"login:{change.id}", {"change": change.id, "token": token}, expires_at=change.until)

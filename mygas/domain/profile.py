"""«Профиль»: a user's name, and a second contact, proved like the first (wizard SECOND_CONTACT)."""

from datetime import timedelta

from sqlalchemy import update

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import audit, confirmations, open_cabinet, outbox, present_password
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import Confirmation, Draft, User
from mygas.words import N_, Refused

NEWS_LIFE = timedelta(hours=24)

_IS_LOGIN = N_("Это Ваш логин. Укажите другой телефон или адрес.")
_NONE = N_("Второго контакта уже нет.")


def known(user: User) -> dict[str, str]:
    """What forms that ask for a name, a phone or an e-mail may be filled with: by their names. The login before the second."""
    second = {user.second_channel: user.second_login} if user.second_channel and user.second_login else {}
    return {"full_name": user.full_name, **second, user.channel: user.login}


def rename(visitor: Visitor, full_name: str) -> None:
    """Keep the name; empty to forget it. Raises Refused when the cabinet is closed."""
    user = db.session.get_one(User, present_password.the_user(visitor).id, with_for_update=True)  # of two, the second waits
    open_cabinet.hold(user.id)
    user.full_name = full_name


def choose_language(user_id: int, code: str) -> None:
    """Write to the user in that language (speech.Speech) from now on; to nobody once the cabinet is closed."""
    db.session.execute(update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(language=code))


def start(draft: Draft, visitor: Visitor, *, contact: Contact, proof: str) -> None:
    """Send a code to the contact. It may be somebody's login, or his second contact too: a household may share a telephone."""
    if contact.value == present_password.the_user(visitor).login:
        raise Refused(_IS_LOGIN, field="login")
    confirmations.start(draft, "second", contact, visitor, decoy=False, proof=proof)


def confirm(draft: Draft, visitor: Visitor, *, code: str) -> User:
    """By the code that came to the contact. Raises Refused on the field `code`, and as `mark_confirmed` does."""
    return mark_confirmed(draft, visitor, confirmations.check_code(draft, code))


def mark_confirmed(draft: Draft, visitor: Visitor, _confirmation: Confirmation, *, same_browser: bool = True) -> User:
    """The contact is proved and is the user's second one from now on. Audited; the contacts known before are told.

    Raises Refused as present_password.hold does, and when it has become the login meanwhile.
    """
    assert draft.user_id is not None, "the wizard is open to users only"  # noqa: S101
    user = present_password.hold(draft.user_id, draft.answers["proof"])
    contact = Contact(draft.answers["channel"], draft.answers["contact"])
    if contact.value == user.login:
        raise Refused(_IS_LOGIN, field="code")
    _tell(user, "added", contact)
    user.second_login, user.second_channel, user.second_confirmed_at = contact.value, contact.channel, clock.now()
    audit.by_user("second-contact.add", visitor, user=user)
    draft.answers = {**draft.answers, "kept_at": clock.now().isoformat()}
    return user


def remove_second(visitor: Visitor, proof: str) -> None:
    """Forget the second contact. Audited; both contacts are told. Raises Refused as present_password.hold does."""
    user = present_password.hold(present_password.the_user(visitor).id, proof)
    if user.second_login is None:
        raise Refused(_NONE)
    _tell(user, "removed", Contact(user.second_channel, user.second_login))  # type: ignore[arg-type]
    user.second_login = user.second_channel = user.second_confirmed_at = None
    audit.by_user("second-contact.remove", visitor)


def _tell(user: User, news: str, contact: Contact) -> None:
    """The login, and the second contact that there has been till now: by its address, for it is the user's no longer."""
    now = clock.now()
    key = f"second:{news}:{user.id}:{now:%Y%m%d%H%M%S%f}"
    payload = {"user": user.id, "news": news, "masked": contact.masked, "at": now.isoformat()}
    outbox.promise("second-contact", key, payload, expires_at=now + NEWS_LIFE)
    if user.second_login is not None:
        outbox.promise("second-contact", f"{key}:old", payload | {"to": user.second_login}, expires_at=now + NEWS_LIFE)

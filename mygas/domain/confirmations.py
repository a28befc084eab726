"""Proving a contact: a six-digit code, and in letters a link beside it (product.md C2, promises.md §1.3, §6.5)."""

import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update

from mygas import clock
from mygas.contacts import Contact
from mygas.domain import limits, outbox
from mygas.domain.visitors import Visitor
from mygas.extensions import db, keyring
from mygas.models import Confirmation, Draft
from mygas.models.types import new_ref
from mygas.words import N_, Refused

CODE_LIFE = timedelta(minutes=10)  # ASVS 6.5.5
_SHORT = timedelta(minutes=30)
LINK_LIFE = {"join": timedelta(hours=24), "recover": _SHORT, "login": _SHORT, "second": _SHORT}
LINK_OVER = N_(
    "Она уже использована, устарела или её заменила более новая. Если Вы уже подтвердили адрес, продолжайте там, где начали."
)
MOST_TRIES = 5
PAUSE = timedelta(seconds=60)

_log = logging.getLogger("mygas.security")
_WRONG = N_("Код не подошёл. Проверьте цифры.")


@dataclass(frozen=True)
class Waiting:
    """What the page of the code says: where it went (masked), until when it lives, from when another may be asked for."""

    masked: str
    channel: str
    until: datetime
    again_at: datetime
    tries_left: int


def start(draft: Draft, purpose: str, contact: Contact, visitor: Visitor, *, decoy: bool, **kept: str) -> None:
    """Promise the code (and link) to the contact, and let the draft wait for it: its answers are the contact, the entrance, the
    confirmation, and what is `kept`. A decoy looks the same and confirms nothing.

    The same contact named again within a minute (a button pressed twice) is sent nothing new: the code under way holds.
    Raises Refused when too many were sent to the contact, from the address, or from the installation today.
    """
    confirmation = _sent_just_now(draft, contact) or _begin(draft, purpose, contact, visitor, decoy=decoy)
    draft.answers = {
        "contact": contact.value,
        "channel": contact.channel,
        "entry": visitor.entry,
        "confirmation": confirmation.id,
        **kept,
    }


def resend(draft: Draft, visitor: Visitor) -> None:
    """A new code, which kills the older one. Raises Refused within 60 s of the last, or over the limits."""
    confirmation = _open(draft)
    db.session.refresh(confirmation, with_for_update=True)  # of two presses at once the second finds a fresh code
    if clock.now() < confirmation.sent_at + PAUSE:
        raise Refused(N_("Новый код можно запросить через минуту после предыдущего."), field="code")
    _count_sending(Contact(confirmation.channel, confirmation.contact), visitor)  # type: ignore[arg-type]
    _send(confirmation, visitor)


def check_code(draft: Draft, code: str) -> Confirmation:
    """The draft's confirmation, used up by its right code. Raises Refused.

    The try is counted by one conditional UPDATE *before* the code is compared, so parallel guesses cannot pass the limit.
    """
    confirmation = _open(draft)
    now = clock.now()
    counted = (
        update(Confirmation)
        .where(
            Confirmation.id == confirmation.id,
            Confirmation.generation == confirmation.generation,
            Confirmation.tries < MOST_TRIES,
            Confirmation.used_at.is_(None),
            Confirmation.code_expires_at > now,
        )
        .values(tries=Confirmation.tries + 1)
        .returning(Confirmation.tries)
        .execution_options(synchronize_session=False)
    )
    tries = db.session.scalar(counted)
    if tries is None:
        if confirmation.code_expires_at <= now:
            raise Refused(N_("Срок действия кода истёк. Запросите новый код."), field="code")
        raise Refused(N_("Код больше не действует: попытки закончились. Запросите новый код."), field="code")
    if confirmation.decoy or not hmac.compare_digest(code, code_of(confirmation)):
        _log.info("wrong code", extra={"confirmation": confirmation.id, "tries": tries})
        if tries >= MOST_TRIES:
            raise Refused(N_("Код не подошёл, попытки закончились. Запросите новый код."), field="code")
        raise Refused(_WRONG, field="code")
    confirmation.used_at = now
    return confirmation


def find_link(token: str) -> Confirmation | None:
    """The confirmation that the link of a letter names, if it still may be used."""
    found = db.session.scalars(db.select(Confirmation).filter_by(link_hash=sha256(token.encode()).hexdigest())).one_or_none()
    usable = found and not found.decoy and found.used_at is None and found.link_expires_at > clock.now()
    return found if usable else None


def use_link(token: str) -> tuple[Confirmation, Draft, str]:
    """Use the link up; (its confirmation, its draft under a new ref, the old ref). Raises Refused when the link is unknown, used
    or too old.

    Only the browser that pressed the button knows the new ref: he who began the journey with somebody else's address
    must not be let in by its owner's click (ASVS 6.6.2).
    """
    confirmation = find_link(token)
    draft = db.session.get(Draft, confirmation.draft_id) if confirmation else None
    # a journey that went back and named another contact must not be confirmed by the letter to the first one
    if confirmation is None or draft is None or draft.answers.get("confirmation") != confirmation.id:
        raise Refused(LINK_OVER)
    confirmation.used_at = clock.now()
    old_ref, draft.ref = draft.ref, new_ref()
    return confirmation, draft, old_ref


def waiting(draft: Draft) -> Waiting:
    """What to tell the one who waits for a code. Raises Refused when nothing was sent for the draft."""
    confirmation = _open(draft)
    return Waiting(
        masked=Contact(confirmation.channel, confirmation.contact).masked,  # type: ignore[arg-type]
        channel=confirmation.channel,
        until=confirmation.code_expires_at,
        again_at=confirmation.sent_at + PAUSE,
        tries_left=MOST_TRIES - confirmation.tries,
    )


def needs_riddle(visitor: Visitor) -> bool:
    """Whether «Я не робот» stands before a code is sent: always, never, or from the address's third sending in an hour."""
    if visitor.rules.captcha == "risk":
        return limits.count("code-address-hour", visitor.network) >= 2
    return visitor.rules.captcha == "always"


def code_of(confirmation: Confirmation) -> str:
    """The six digits of the present generation; derived, never stored."""
    return keyring.code(str(confirmation.id), confirmation.nonce.hex(), str(confirmation.generation))


def _begin(draft: Draft, purpose: str, contact: Contact, visitor: Visitor, *, decoy: bool) -> Confirmation:
    _count_sending(contact, visitor)
    now = clock.now()
    confirmation = Confirmation(
        draft_id=draft.id, purpose=purpose, contact=contact.value, channel=contact.channel, decoy=decoy,
        nonce=secrets.token_bytes(16), generation=0, tries=0, sent_at=now, code_expires_at=now, link_expires_at=now,
    )  # fmt: skip
    db.session.add(confirmation)
    db.session.flush()
    _send(confirmation, visitor)
    return confirmation


def _open(draft: Draft) -> Confirmation:
    newest = db.select(Confirmation).filter_by(draft_id=draft.id).order_by(Confirmation.id.desc()).limit(1)
    confirmation: Confirmation | None = db.session.scalars(newest).one_or_none()
    if confirmation is None:
        raise Refused(N_("Сначала укажите телефон или эл. почту."), field="code")
    return confirmation


def _sent_just_now(draft: Draft, contact: Contact) -> Confirmation | None:
    newest = db.session.get(Confirmation, draft.answers["confirmation"]) if "confirmation" in draft.answers else None
    if newest is None or newest.contact != contact.value or newest.used_at is not None:
        return None
    return newest if clock.now() < newest.sent_at + PAUSE else None


def _send(confirmation: Confirmation, visitor: Visitor) -> None:
    now = clock.now()
    token = secrets.token_urlsafe(32) if confirmation.channel == "email" else None
    confirmation.generation += 1
    confirmation.tries = 0
    confirmation.used_at = None
    confirmation.link_hash = sha256(token.encode()).hexdigest() if token else None
    confirmation.sent_at = now
    confirmation.code_expires_at = now + CODE_LIFE
    confirmation.link_expires_at = now + (LINK_LIFE[confirmation.purpose] if token else CODE_LIFE)
    outbox.promise(
        "confirmation",
        f"confirmation:{confirmation.id}:{confirmation.generation}",
        {"confirmation": confirmation.id, "generation": confirmation.generation, "token": token, "language": visitor.language},
        expires_at=confirmation.link_expires_at if token else confirmation.code_expires_at,
    )


def _count_sending(contact: Contact, visitor: Visitor) -> None:
    """promises.md §1.3: 5/h and 10/day per contact, 25 per 5 min and 100/h per address, a daily budget of SMS."""
    too_many = Refused(N_("Слишком много запросов кода. Попробуйте позже или позвоните поставщику газа."), field="login")
    address = visitor.network
    over = [
        limits.hit("code-contact-hour", contact.value, per=timedelta(hours=1)).count > 5,
        limits.hit("code-contact-day", contact.value, per=timedelta(days=1)).count > 10,
        limits.hit("code-address", address, per=timedelta(minutes=5)).count > 25,
        limits.hit("code-address-hour", address, per=timedelta(hours=1)).count > 100,
    ]
    if any(over):
        raise too_many
    if contact.channel == "phone":
        sent = limits.hit("sms-day", per=timedelta(days=1)).count
        if sent == visitor.rules.sms_daily * 4 // 5:
            _log.warning("four fifths of today's SMS budget are spent", extra={"sent": sent})
        if sent > visitor.rules.sms_daily:
            raise Refused(N_("СМС сегодня больше не отправляются. Укажите эл. почту или попробуйте завтра."), field="login")

"""Questions to the support, from the side of those who ask: users, and guests by the link in their letter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from mygas import clock
from mygas.domain import audit, limits, open_cabinet, outages, ticket_files, ticket_letters
from mygas.domain.addressees import Addressee
from mygas.domain.ticket_files import Sealed
from mygas.domain.visitors import Visitor
from mygas.domain.work import insert_or_update
from mygas.extensions import db
from mygas.models import Ticket, TicketMessage
from mygas.models.types import UtcDateTime, new_ref
from mygas.words import N_, Refused

LONGEST = 4000  # characters of a message
LONGEST_SUBJECT = 120
MOST_OF_A_USER, MOST_OF_A_CONTACT, MOST_OF_AN_ADDRESS, MOST_MESSAGES = 10, 3, 20, 30  # a day
FORGOTTEN = timedelta(days=14)  # after an answer that nobody replied to
GUEST_LINK = timedelta(days=30)  # after closing
_DAY = timedelta(days=1)

_TOO_MANY = N_("За сутки можно отправить не более %(most)s обращений. Попробуйте завтра или позвоните.")
_SENT_ALREADY = N_("Это обращение уже отправлено, его номер %(number)s. Чтобы отправить другое, откройте форму заново.")


@dataclass(frozen=True)
class Question:
    """What is asked, of whom, about which account; a guest leaves his name and a contact (canonical)."""

    request_key: str
    subject: str
    text: str
    addressee: Addressee
    account_id: int | None = None
    name: str = ""
    contact: str = ""
    files: Sequence[Sealed] = field(default_factory=tuple)


def send(visitor: Visitor, question: Question) -> Ticket:
    """Open a ticket; or find it: `request_key` names the form that is sent, however often. Audited; the asker is told its number.

    Raises Refused while questions are not taken; over ten a day of a user, three of a guest's contact, twenty of guests from one
    address; when the same form was sent with other words; and when the cabinet is closed.
    """
    ticket = _sent(visitor, question)
    if ticket is not None:
        return ticket
    outages.check("support", question.addressee)
    if visitor.user is not None:
        open_cabinet.hold(visitor.user.id)
    now = clock.now()
    new = {
        "ref": new_ref(), "request_key": question.request_key, "user_id": visitor.user.id if visitor.user else None,
        "guest_name": question.name, "guest_contact": question.contact, "addressee": question.addressee.slug,
        "account_id": question.account_id, "subject": question.subject, "state": "open", "version": 1,
        "created_at": now, "waiting_since": now,
    }  # fmt: skip
    ticket_id = db.session.scalar(insert_or_update(Ticket).values(**new).on_conflict_do_nothing().returning(Ticket.id))
    if ticket_id is None:  # the same form was faster elsewhere
        return _sent(visitor, question) or _refuse_key()
    ticket = db.session.get_one(Ticket, ticket_id)
    _write(ticket, question.text, question.files)
    _count(visitor, question)  # after the ticket, and rolled back with it: a form pressed many times at once counts once
    _note("ticket.send", visitor, ticket)
    ticket_letters.tell_accepted(ticket, question.addressee)
    return ticket


def new_key() -> str:
    """The name of a form that is about to be drawn."""
    return new_ref()


def needs_riddle(visitor: Visitor) -> bool:
    """Whether «Я не робот» stands before a guest's question: always, never, or from the address's third one in a day."""
    if visitor.user is not None or visitor.rules.captcha == "off":
        return False
    return visitor.rules.captcha == "always" or limits.count("ticket-address", visitor.network) >= 2


def sent_by(visitor: Visitor, request_key: str) -> Ticket | None:
    """The ticket that this very form has opened already, of the same visitor."""
    mine = {"request_key": request_key, "user_id": visitor.user.id if visitor.user else None}
    return db.session.scalars(db.select(Ticket).filter_by(**mine)).one_or_none()


def add(visitor: Visitor, ticket: Ticket, text: str, files: Sequence[Sealed] = ()) -> None:
    """Say more, which opens the ticket again; the same words pressed twice are said once. Audited.

    Raises Refused over thirty messages a day, and when the cabinet is closed.
    """
    if limits.hit("ticket-message", str(ticket.id), per=_DAY).count > MOST_MESSAGES:
        sentence = N_("В одно обращение можно написать не более %(most)s сообщений за сутки. Попробуйте завтра.")
        raise Refused(sentence, field="text", most=MOST_MESSAGES)
    if ticket.user_id is not None:
        open_cabinet.hold(ticket.user_id)
    db.session.execute(db.select(Ticket.id).filter_by(id=ticket.id).with_for_update())  # of two presses one is the first
    if _said_just_now(ticket, text):
        return
    since = db.case((Ticket.state == "open", Ticket.waiting_since), else_=db.literal(clock.now(), UtcDateTime()))
    change(ticket, state="open", version=Ticket.version + 1, closed_at=None, waiting_since=since)
    _write(ticket, text, files)
    _note("ticket.add", visitor, ticket)


def close(visitor: Visitor, ticket: Ticket) -> None:
    """«Вопрос решён»: the asker needs no more. Audited; done twice, it is done."""
    if change(ticket, Ticket.state != "closed", state="closed", closed_at=clock.now()):
        _note("ticket.close", visitor, ticket)


def of_user(user_id: int, after: str | None, limit: int) -> list[Ticket]:
    """The user's tickets, newest first; `after` is the ref of the last one shown."""
    mine = db.select(Ticket).filter_by(user_id=user_id).order_by(Ticket.id.desc()).limit(limit)
    shown = db.select(Ticket.id).filter_by(ref=after).scalar_subquery()
    return list(db.session.scalars(mine.where(Ticket.id < shown) if after else mine))


def find(ref: str, user_id: int | None) -> Ticket | None:
    """The one place where ownership of a ticket is resolved: his own to the user; a guest's to whoever has its link, until 30
    days after it was closed."""
    query = db.select(Ticket).options(db.joinedload(Ticket.account)).filter_by(ref=ref)
    ticket = db.session.scalars(query.where(Ticket.user_id.is_(None) | (Ticket.user_id == user_id))).one_or_none()
    if ticket and ticket.user_id is None and ticket.closed_at and ticket.closed_at < clock.now() - GUEST_LINK:
        return None
    return ticket


def messages(ticket: Ticket, *, notes: bool = False) -> list[TicketMessage]:
    """What was said, in order, with its files; the operators' own notes only to them."""
    said = db.select(TicketMessage).options(db.selectinload(TicketMessage.files), db.joinedload(TicketMessage.operator))
    said = said.filter_by(ticket_id=ticket.id).order_by(TicketMessage.id)
    return list(db.session.scalars(said if notes else said.where(TicketMessage.author != "note")))


def change(ticket: Ticket, *only: Any, **values: Any) -> bool:
    """One conditional UPDATE; whether it found the ticket as `only` wants it. What is in memory is read anew."""
    changed = update(Ticket).where(Ticket.id == ticket.id, *only).values(**values).returning(Ticket)
    return db.session.scalars(changed.execution_options(populate_existing=True)).one_or_none() is not None


def erase(user_id: int) -> None:
    """Of all that one who closes his cabinet asked numbers and times stay, but no words. The files go at the next sweeping.

    `version` grows, so that no operator answers what he has read before.
    """
    now = clock.now()
    mine = update(Ticket).where(Ticket.user_id == user_id)
    closed_at = db.func.coalesce(Ticket.closed_at, db.literal(now, UtcDateTime()))
    erased = mine.values(subject="", state="closed", closed_at=closed_at, version=Ticket.version + 1)
    said = update(TicketMessage).where(TicketMessage.ticket_id.in_(db.select(Ticket.id).where(Ticket.user_id == user_id)))
    for statement in (erased, said.values(text="")):
        db.session.execute(statement.execution_options(synchronize_session=False))


def close_forgotten() -> None:
    """Close what was answered a fortnight ago and nobody replied to."""
    now = clock.now()
    silent = db.select(Ticket).where(Ticket.state == "answered", Ticket.answered_at < now - FORGOTTEN)
    for ticket in db.session.scalars(silent.limit(1000)):
        if change(ticket, Ticket.state == "answered", state="closed", closed_at=now):
            audit.by_system("ticket.close", user_id=ticket.user_id, account_id=ticket.account_id, ticket=ticket.id)


def _sent(visitor: Visitor, question: Question) -> Ticket | None:
    """Raises Refused when the form was sent already, with other words."""
    ticket = sent_by(visitor, question.request_key)
    if ticket is None:
        return None
    first = db.select(TicketMessage.text).filter_by(ticket_id=ticket.id).order_by(TicketMessage.id).limit(1)
    if (ticket.subject, db.session.scalar(first)) != (question.subject, question.text):
        raise Refused(_SENT_ALREADY, number=ticket.id)
    return ticket


def _refuse_key() -> Ticket:
    raise Refused(N_("Форма устарела. Откройте её заново."))


def _count(visitor: Visitor, question: Question) -> None:
    counted: list[tuple[str, str, int]] = [("ticket-contact", question.contact, MOST_OF_A_CONTACT),
                                           ("ticket-address", visitor.network, MOST_OF_AN_ADDRESS)]  # fmt: skip
    if visitor.user is not None:
        counted = [("ticket", str(visitor.user.id), MOST_OF_A_USER)]
    for kind, subject, most in counted:
        if limits.hit(kind, subject, per=_DAY).count > most:
            raise Refused(_TOO_MANY, most=most)


def _said_just_now(ticket: Ticket, text: str) -> bool:
    """Whether the newest message is the asker's and says the very same. To be asked under the lock of the ticket's row."""
    newest = db.select(TicketMessage).filter_by(ticket_id=ticket.id).order_by(TicketMessage.id.desc()).limit(1)
    message = db.session.scalars(newest).one()
    return message.operator_id is None and message.text == text


def _write(ticket: Ticket, text: str, files: Sequence[Sealed]) -> None:
    author = "user" if ticket.user_id else "guest"
    db.session.add(message := TicketMessage(ticket_id=ticket.id, author=author, text=text, at=clock.now()))
    db.session.flush()
    ticket_files.attach(message, files)


def _note(action: str, visitor: Visitor, ticket: Ticket) -> None:
    audit.by_user(action, visitor, account_id=ticket.account_id, ticket=ticket.id)

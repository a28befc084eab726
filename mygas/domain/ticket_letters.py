"""What those who ask the support are told: that their question came, that it was answered. And the copy for its mailbox.

A letter to a guest repeats nothing that he typed: its address may be somebody else's.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from mygas import clock, contacts
from mygas.contacts import Contact
from mygas.domain import notices, outbox
from mygas.domain.addressees import Addressee
from mygas.domain.wording import SIGNED, Letter, Words, addressee
from mygas.domain.wording import Addressee as Recipient
from mygas.extensions import db
from mygas.models import Ticket, TicketMessage, User

NEWS_LIFE = timedelta(days=3)


def tell_accepted(ticket: Ticket, asked: Addressee) -> None:
    """Promise to tell the asker the number of his question, and the copy where the addressee wants one."""
    by = asked.answer_by(ticket.waiting_since).isoformat()
    _tell(ticket, "ticket-accepted", f"ticket:{ticket.id}", {"ticket": ticket.id, "by": by})
    if asked.copied and asked.email:
        told = {"ticket": ticket.id, "to": asked.email}
        outbox.promise("ticket-copy", f"ticket-copy:{ticket.id}", told, expires_at=clock.now() + NEWS_LIFE)


def tell_answered(ticket: Ticket, message: TicketMessage) -> None:
    """Promise to send the answer to the asker."""
    _tell(ticket, "ticket-answered", f"ticket-answer:{message.id}", {"ticket": ticket.id, "message": message.id})


def accepted_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """None when the user is no more."""
    ticket = db.session.get_one(Ticket, payload["ticket"])
    told = _recipient(ticket, payload)
    if told is None:
        return None
    say, by = told.speech.say, date.fromisoformat(payload["by"])
    body = say(
        "Ваше обращение № %(ticket)s принято. Мы ответим не позднее %(day)s.\n\nДополнить его и прочитать ответ: %(link)s",
        ticket=ticket.id, day=by, link=_link(ticket, public_url),
    )  # fmt: skip
    return Words(
        say("Обращение № %(ticket)s принято", ticket=ticket.id),
        say("Обращение № %(ticket)s принято, ответим до %(day)s. «Мой газ»", ticket=ticket.id, day=by),
        body + _alien(ticket, told),
    ).to(told)


def answered_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The answer itself by e-mail; an SMS says only that there is one."""
    ticket = db.session.get_one(Ticket, payload["ticket"])
    told = _recipient(ticket, payload)
    if told is None:
        return None
    answer = db.session.get_one(TicketMessage, payload["message"]).text
    say = told.speech.say
    body = say(
        "Ответ на Ваше обращение № %(ticket)s:\n\n%(answer)s\n\nДополнить обращение, если вопрос не решён: %(link)s",
        ticket=ticket.id, answer=answer, link=_link(ticket, public_url),
    )  # fmt: skip
    return Words(
        say("Ответ на обращение № %(ticket)s", ticket=ticket.id),
        say("Ответ на обращение № %(ticket)s — в кабинете «Мой газ».", ticket=ticket.id),
        body + _alien(ticket, told),
    ).to(told)


def copy_letter(payload: Mapping[str, Any], public_url: str) -> Letter | None:
    """The question for the mailbox of the support, without files. It is answered on the desk, not by mail. None once it is
    erased."""
    ticket = db.session.get_one(Ticket, payload["ticket"])
    if ticket.is_erased:
        return None
    asked = db.select(TicketMessage.text).filter_by(ticket_id=ticket.id).order_by(TicketMessage.id).limit(1)
    account = f"Лицевой счёт: {ticket.account.number}\n" if ticket.account else ""
    text = (
        f"Обращение № {ticket.id}\n{account}Тема: {ticket.subject}\n\n{db.session.scalar(asked)}\n\n"
        f"Ответить (ответ письмом абонент не получит): {public_url}/desk/tickets/{ticket.ref}\n\n{SIGNED}"
    )
    return Letter(payload["to"], "email", f"Обращение № {ticket.id}", text)


def _tell(ticket: Ticket, kind: str, key: str, payload: dict[str, Any]) -> None:
    """A guest with a telephone is told nothing: the number may be anybody's, and he has the page before him."""
    expires_at = clock.now() + NEWS_LIFE
    if ticket.user_id is not None:
        notices.tell(ticket.user_id, "support", kind, key, payload, expires_at=expires_at)
    elif contacts.parse(ticket.guest_contact).channel == "email":
        outbox.promise(kind, key, payload, expires_at=expires_at)


def _recipient(ticket: Ticket, payload: Mapping[str, Any]) -> Recipient | None:
    if ticket.user_id is None:
        return Recipient(Contact("email", ticket.guest_contact))
    return addressee(db.session.get(User, ticket.user_id), payload)


def _link(ticket: Ticket, public_url: str) -> str:
    return f"{public_url}/support/tickets/{ticket.ref}"


def _alien(ticket: Ticket, told: Recipient) -> str:
    """For whoever is written to because a stranger mistyped, or meant to."""
    if ticket.user_id:
        return ""
    return "\n\n" + told.speech.say("Если Вы ни о чём не спрашивали, ничего не делайте: кто-то ошибся адресом.")

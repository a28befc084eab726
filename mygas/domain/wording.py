"""From words to a letter: whom it is for, in which shape it reaches him, what of it may be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mygas import contacts
from mygas.contacts import Contact
from mygas.models import User
from mygas.speech import OWN, Speech
from mygas.words import N_

SIGNED = N_("Smorodina, портал «Мой газ»\n")
_GREETING = N_("Здравствуйте!")
MOSCOW = ZoneInfo("Europe/Moscow")
RUSSIAN = Speech()


@dataclass(frozen=True)
class Letter:
    """A message for one contact. An SMS leaves without its subject; its text fits one part of 70 characters (product.md §3.13).

    `user_id` is whose archive keeps it, None for who is no user (yet). `kept` is what the archive shows in place of a text
    that holds a secret; where it is empty, the text itself.
    """

    to: str
    channel: str
    subject: str
    text: str
    user_id: int | None = None
    kept: str = ""


@dataclass(frozen=True)
class Addressee:
    """Whom a letter is for, and in which language."""

    contact: Contact
    user_id: int | None = None
    speech: Speech = RUSSIAN


@dataclass(frozen=True)
class Words:
    """What a letter says, in the language of its addressee: `short` by SMS, `body` between greeting and signature by e-mail.
    `kept`: see Letter."""

    subject: str
    short: str
    body: str
    kept: str = ""

    def to(self, addressee: Addressee) -> Letter:
        contact, say = addressee.contact, addressee.speech.say
        text = self.short if contact.channel == "phone" else f"{say(_GREETING)}\n\n{self.body}\n\n{say(SIGNED)}"
        return Letter(contact.value, contact.channel, self.subject, text, addressee.user_id, self.kept)


def addressee(user: User | None, payload: Mapping[str, Any]) -> Addressee | None:
    """The contact of the user that notices.tell promised to write to, as it is now; None when the user or it is no more."""
    if user is None or user.disabled_at is not None:
        return None
    login = user.second_login if payload.get("contact") == "second" else user.login
    return Addressee(contacts.parse(login), user.id, Speech(user.language)) if login else None


def asked_in(payload: Mapping[str, Any]) -> Speech:
    """The language that was chosen where the letter was asked for; Russian where nobody noted it."""
    return Speech(payload.get("language", OWN))


def moscow(speech: Speech, iso: str) -> str:
    """«Время: 21.11.2026 14:05 (московское).», from an ISO 8601 string."""
    return speech.say("Время: %(moment)s (московское).", moment=datetime.fromisoformat(iso).astimezone(MOSCOW))


def if_not_you(speech: Speech, public_url: str) -> str:
    """What to do about something that somebody else did."""
    return speech.say("Если это были не Вы, смените пароль: %(link)s", link=public_url + "/recover/contact")

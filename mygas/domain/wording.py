"""From words to a letter: whom it is for, in which shape it reaches him, what of it may be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mygas import contacts
from mygas.contacts import Contact
from mygas.models import User

SIGNED = "Smorodina, портал «Мой газ»\n"
MOSCOW = ZoneInfo("Europe/Moscow")


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
    """Whom a letter is for."""

    contact: Contact
    user_id: int | None = None


@dataclass(frozen=True)
class Words:
    """What a letter says: `short` by SMS, `body` between greeting and signature by e-mail. `kept`: see Letter."""

    subject: str
    short: str
    body: str
    kept: str = ""

    def to(self, addressee: Addressee) -> Letter:
        contact = addressee.contact
        text = self.short if contact.channel == "phone" else f"Здравствуйте!\n\n{self.body}\n\n{SIGNED}"
        return Letter(contact.value, contact.channel, self.subject, text, addressee.user_id, self.kept)


def addressee(user: User | None, payload: Mapping[str, Any]) -> Addressee | None:
    """The contact of the user that notices.tell promised to write to, as it is now; None when the user or it is no more."""
    if user is None or user.disabled_at is not None:
        return None
    login = user.second_login if payload.get("contact") == "second" else user.login
    return Addressee(contacts.parse(login), user.id) if login else None


def moscow(iso: str) -> str:
    """«Время: 21.11.2026 14:05 (московское).», from an ISO 8601 string."""
    return f"Время: {datetime.fromisoformat(iso).astimezone(MOSCOW):%d.%m.%Y %H:%M} (московское)."

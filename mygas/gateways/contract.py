"""What the portal expects of every gateway to the outside world, and the two ways a gateway may fail."""

import hashlib
import ipaddress
from typing import Protocol


class Undeliverable(Exception):
    """It will never work: a bad address, a refusal for good. The text holds no secret, no address and no message."""


class TryLater(Exception):
    """It did not work now: a time-out, a closed door, a fault of theirs or of our settings. The text is as bare as above.

    Whether the message left all the same cannot be known; the next try carries the same mark.
    """


class Mail(Protocol):
    """Sends letters."""

    def send(self, to: str, subject: str, text: str, key: str) -> str:
        """Hand one plain letter over; `key` is the outbox row's. Returns its Message-ID. Raises Undeliverable, TryLater."""


class Sms(Protocol):
    """Sends short messages."""

    def send(self, to: str, text: str, key: str) -> str:
        """Hand one message over; `to` is +79123456789, `key` the outbox row's. Returns the provider's id, or the mark
        where the provider gives none. Raises Undeliverable, TryLater."""


def mark(key: str) -> str:
    """The outbox row's key as the outside world sees it: 32 hexadecimal digits, the same at every try, telling nothing."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def is_near(host: str) -> bool:
    """Whether `host` is this machine or an address of a private network, where a gateway may be spoken to without TLS.

    The link-local range, where clouds keep their secrets (169.254.169.254), is not near.
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_link_local and not address.is_unspecified

"""Phone and e-mail: any spelling in, one canonical form out."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import phonenumbers
from email_validator import EmailNotValidError, validate_email

Channel = Literal["phone", "email"]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


@dataclass(frozen=True)
class Contact:
    """`value` is canonical: `+79123456789` (E.164) or a lower-case e-mail address with its domain in Unicode."""

    channel: Channel
    value: str

    @property
    def masked(self) -> str:
        """Enough to recognise one's own contact, too little to learn somebody else's."""
        if self.channel == "phone":
            return f"{self.value[:2]} {self.value[2:5]} ***-**-{self.value[-2:]}"
        name, _, domain = self.value.partition("@")
        return f"{name[0]}***@{domain}"


def parse(text: str) -> Contact:
    """The contact that `text` spells; raises ValueError when it is neither a Russian mobile number nor an e-mail address."""
    text = text.strip()
    return _email(text) if "@" in text else _phone(text)


def is_email(text: str) -> bool:
    """Whether it is an e-mail address in its canonical form, a domain in any letters as people write it."""
    try:
        return parse(text) == Contact("email", text)
    except ValueError:
        return False


def mailto(address: str) -> str:
    """The link that begins a letter to a canonical address; its domain in ASCII, which every mail program understands."""
    found = validate_email(address, check_deliverability=False)
    return "mailto:" + quote(f"{found.local_part}@{found.ascii_domain}", safe="@+")


def _phone(text: str) -> Contact:
    text = text.translate(_DASHES)
    digits = re.sub(r"[^0-9]", "", text)
    if re.search(r"[^0-9+() .\u00a0\t-]", text) or not digits:
        raise ValueError("not a phone number")
    if len(digits) == 10:  # written without the country code: 912 345-67-89
        digits = "7" + digits
    if len(digits) == 11 and digits[0] == "8" and not text.lstrip().startswith("+"):
        digits = "7" + digits[1:]
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException as error:
        raise ValueError("not a phone number") from error
    if number.country_code != 7 or not re.match(r"9[0-9]{9}\Z", str(number.national_number)):
        raise ValueError("not a Russian mobile number")
    return Contact("phone", f"+7{number.national_number}")


def _email(text: str) -> Contact:
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError("not an e-mail address") from error
    return Contact("email", f"{found.local_part}@{found.domain}".lower())

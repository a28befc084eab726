"""What the portal knows of a regional supplier: frozen data, filled from one TOML file each (docs/suppliers.md).

The types below are also the loader's table: a key of the file is a field here, a section is a nested class.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from mygas import clock
from mygas.contacts import Channel
from mygas.suppliers.tidying import normalise, tidy

Confirmation = Literal["code", "link"]
Strength = Literal["refuse", "confirm", "note", "off"]
LONGEST_NUMBER = 20
"""Characters of a stored account number: the width of its column, and of `persAcc` in payment codes."""


@dataclass(frozen=True)
class Bank:
    """Where payments go. `name` has at most 45 characters (ГОСТ Р 56042-2014); the rest are digits as text."""

    name: str
    bic: str
    account: str
    corr_account: str


@dataclass(frozen=True)
class Office:
    """абонентский пункт: where a subscriber may come in person."""

    address: str
    phone: str
    hours: str


@dataclass(frozen=True)
class Entry:
    """How registration goes at the supplier's own entrance `/s/<slug>/`. An empty `password_policy` means the portal's."""

    channels: tuple[Channel, ...]
    confirm: tuple[Confirmation, ...]
    captcha: Literal["off", "risk", "always"]
    password_policy: Literal["instruction", "strong", ""]


@dataclass(frozen=True)
class AccountRule:
    """How the supplier's account numbers look. They are text: a leading zero is part of the number unless told otherwise.

    `examples_valid` are (typed, stored) pairs. `max_per_user` None: no limit of the supplier's own.
    """

    pattern: re.Pattern[str]
    normalise: tuple[str, ...]
    examples_valid: tuple[tuple[str, str], ...]
    examples_invalid: tuple[str, ...]
    example: str
    hint: str
    warning: str
    sample: str
    max_per_user: int | None = None

    def canonical(self, typed: str) -> str:
        """The number as it is stored, from any way of writing it; raises ValueError when it is not this supplier's."""
        number = normalise(tidy(typed), self.normalise)
        if len(number) > LONGEST_NUMBER or not self.pattern.fullmatch(number):
            raise ValueError("not an account number of this supplier")
        return number

    def generate(self, index: int) -> str:
        """A valid canonical number for a demo account; `index` is 0 to 99999, different ones give different numbers."""
        return self.canonical(self.sample.format(index))


@dataclass(frozen=True)
class Access:
    """Ways to the extended version: the meter's serial number, the last charge, a PIN, a request for a PIN."""

    serial: bool
    charge: bool
    pin: bool
    request: bool
    scan_required: bool
    pin_on_receipt: bool
    pin_help: str
    pin_hint: str


@dataclass(frozen=True)
class Lite:
    """What the basic version allows."""

    pay: bool
    charges: bool
    payments: bool
    readings: bool
    receipt: bool


@dataclass(frozen=True)
class Readings:
    """When and which readings are taken. Days of the month, both included; `max_m3` is whole m³ in one period.

    `allow_rollover`: a smaller value is taken when the subscriber says that the counter went through zero. `max_flow` are pairs:
    the size of a meter as it stands in its model (domain.reading_facts.most_flow), and the most that can pass through it, litres
    an hour. `decimals`: billed with decimals, else by the digits before the comma.
    """

    from_day: int
    to_day: int
    late: Literal["next_period", "reject"]
    allow_rollover: bool
    max_m3: int
    max_flow: tuple[tuple[str, int], ...]
    decimals: bool


@dataclass(frozen=True)
class Checks:
    """How strongly each check of a reading speaks (product.md §3.2); what it means stands in domain.reading_checks.

    refuse: not taken; confirm: taken once the subscriber has said that it is right; note: taken, with a word; off: not made.
    """

    less: Strength
    zero: Strength
    above_max: Strength
    impossible: Strength
    three_times: Strength
    expired: Strength
    same_value: Strength
    other_browser: Strength


@dataclass(frozen=True)
class Billing:
    """`due_day` is the day of the month after the billed one; `services` are the names on the receipt, the main one first."""

    due_day: int
    services: tuple[str, ...]


@dataclass(frozen=True)
class Pay:
    """Bounds of one payment in kopecks; `commission` is a sentence for the payer.

    What he pays on top of the sum is `commission_bp` hundredths of a per cent of it, at least `commission_min_kop` kopecks.
    """

    min_kop: int
    max_kop: int
    commission: str
    commission_bp: int
    commission_min_kop: int


@dataclass(frozen=True)
class Qr:
    """Where the supplier's bank reads payment codes differently. `period_format` is one of MMYY, MMYYYY, MM.YYYY."""

    encoding: Literal["ST00012", "ST00011"]
    account_key: Literal["persAcc", "PersAcc"]
    period_format: Literal["MMYY", "MMYYYY", "MM.YYYY"]


@dataclass(frozen=True)
class Support:
    """How the supplier answers questions: within `answer_days` working days; `copy`: each new one goes to `support_email` too."""

    answer_days: int
    copy: bool


@dataclass(frozen=True)
class HelpWords:
    """The supplier's own words in place of those of domain/help_texts; what is left out stays as it is there."""

    summary: str = ""
    text: str = ""


@dataclass(frozen=True)
class Supplier:
    """поставщик: one regional gas company. `slug` is the name of its file and part of its address."""

    slug: str
    name: str
    region: str
    aliases: tuple[str, ...]
    legal_name: str
    inn: str
    kpp: str
    address: str
    bank: Bank
    support_email: str
    support_phone: str
    emergency_phone: str
    offices: tuple[Office, ...]
    time_zone: ZoneInfo
    entry: Entry
    account: AccountRule
    access: Access
    lite: Lite
    readings: Readings
    checks: Checks
    billing: Billing
    pay: Pay
    qr: Qr
    support: Support
    help: dict[str, HelpWords] = field(default_factory=dict)

    def today(self) -> date:
        """The date on the supplier's clock."""
        return clock.now().astimezone(self.time_zone).date()

"""A reading on its way in: the meter as it stands, what was typed, what was found about it. Pure.

Volumes are thousandths of m³, which are litres.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from mygas.suppliers.rules import Strength

LONGEST_TYPED = 40
"""Characters looked at; a longer text is no reading."""
_NUMBER = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,3}))?(?:[мm][3³])?\Z", re.IGNORECASE)
_NO_MORE_DIGITS = r"(?![0-9]|[.,][0-9])"
_WITH_G = re.compile(r"(?:G|(?<![A-ZА-ЯЁ])Г)[ -]?([0-9]{1,2}(?:[.,][0-9])?)" + _NO_MORE_DIGITS)
_AFTER_NAME = re.compile(r"[A-ZА-ЯЁ]{2}[ -]([0-9](?:[.,][0-9])?)" + _NO_MORE_DIGITS)
"""Sizes in the name of a model, in capitals."""


@dataclass(frozen=True)
class MeterNow:
    """A meter that hangs on an account, as it stands before a reading of the month `period` is taken.

    `known_*` is the newest reading that the supplier's billing knows of (None: it knows of none), `last_year_milli` what was
    consumed in the same month a year ago, where that is known. `sent_*` is the standing reading of the period, if one was
    sent: its number, who sent it and when, and whether that was another user than the one who looks. Where the supplier has
    rejected it (`sent_reason` is why), nothing counts as sent. `digits` stand before the comma, 0 where the supplier did not
    tell.
    """

    meter_id: int
    serial: str
    model: str
    digits: int
    place: str
    verified_until: date | None
    known_milli: int | None
    known_on: date | None
    known_source: str
    last_year_milli: int | None
    sent_id: int | None
    sent_by: int | None
    sent_milli: int | None
    sent_at: datetime | None
    sent_rolled_over: bool
    sent_by_other: bool = False
    sent_rejected: bool = False
    sent_reason: str = ""

    @property
    def is_sent(self) -> bool:
        """Whether a reading stands that the supplier has not rejected."""
        return self.sent_id is not None and not self.sent_rejected

    @property
    def field(self) -> str:
        """The name of the form field for its reading."""
        return f"reading_{self.meter_id}"


@dataclass(frozen=True)
class Entered:
    """What the subscriber says of one meter. `through_zero`: he says that the counter went through zero; `shown_id` is the
    standing reading that his form showed him, None where it showed none."""

    meter_id: int
    value_milli: int
    through_zero: bool = False
    shown_id: int | None = None


@dataclass(frozen=True)
class Price:
    """Of the last line charged by a meter: kopecks per 1000 m³; millionths by which the volume is multiplied, 0 if not told."""

    price_kop: int
    coefficient_micro: int


@dataclass(frozen=True)
class Finding:
    """What a check has to say: `strength` refuse, confirm or note; `key` names it together with the value it speaks of."""

    name: str
    strength: Strength
    sentence: str
    values: dict[str, object]
    field: str
    key: str


@dataclass(frozen=True)
class Checked:
    """A reading with what was found. `consumed_milli` and `cost_kop` are None where they cannot be known.

    `may_have_turned`: it is worth asking whether the counter went through zero.
    """

    meter: MeterNow
    entered: Entered
    rolled_over: bool
    consumed_milli: int | None
    cost_kop: int | None
    findings: tuple[Finding, ...]
    may_have_turned: bool

    def found(self, strength: Strength) -> list[Finding]:
        return [finding for finding in self.findings if finding.strength == strength]


def parse(typed: str) -> int:
    """Thousandths of m³ from `176`, `176,4`, `00176.412`, `1 226 м³`; spaces of any kind mean nothing.

    Raises ValueError for anything else: ½, 12² and digits of other scripts are no readings.
    """
    if len(typed) > LONGEST_TYPED:
        raise ValueError("too long for a reading")
    found = _NUMBER.match("".join(typed.split()))
    if not found:
        raise ValueError("not a reading")
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))


def most_flow(model: str, sizes: Iterable[tuple[str, int]]) -> int | None:
    """Litres an hour that a meter of this model can pass, by the size in its name: ВК-G4T, BK-G1,6, «СГД G 6»; None: untold.

    Where there is no G, a single digit after the maker's name is the size: Гранд-4, СГБМ-1,6. Bigger numbers there are no less
    often years, diameters and versions, and are let be.
    """
    litres = {size.upper().removeprefix("G").replace(",", "."): most for size, most in sizes}
    found = (token.replace(",", ".") for size in (_WITH_G, _AFTER_NAME) for token in size.findall(model.upper()))
    return next((litres[token] for token in found if token in litres), None)

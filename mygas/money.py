"""Money is integer kopecks: parsed at the door, integers inside, formatted at the page. Nothing is ever a float."""

import re

from mygas.words import Figure

Kopecks = int

NBSP = "\u00a0"
GROUPED = r"[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})"
"""A whole number in groups of three, as a pattern to be repeated: once for thousands, twice for millions."""
_AMOUNT = re.compile(rf"(-?)([0-9]{{1,13}}|{GROUPED}{{1,4}})(?:[.,]([0-9]{{1,2}}))?\Z")


def parse(text: str) -> Kopecks:
    """Kopecks from `1234`, `1 234,5`, `1234.56`; a space of any width parts groups of three digits, and nothing else.

    Raises ValueError for anything else, more than two decimals included.
    """
    found = _AMOUNT.match(text.strip())
    if not found:
        raise ValueError(f"not a sum of money: {text!r}")
    sign, rubles, kopecks = found.groups()
    value = int(re.sub("[^0-9]", "", rubles)) * 100 + int((kopecks or "0").ljust(2, "0"))
    return -value if sign else value


def rubles(kopecks: Kopecks) -> Figure:
    """`1 234,56 ₽` with no-break spaces; the sign is kept, callers say «долг» or «переплата» in words instead."""
    sign = "\u2212" if kopecks < 0 else ""
    return Figure(f"{sign}{plain(abs(kopecks), NBSP)}{NBSP}₽")


def plain(kopecks: Kopecks, between: str = "") -> Figure:
    """`-1234,56`: as a spreadsheet of a Russian user reads a number; `between` parts the groups of three digits."""
    whole, part = divmod(abs(kopecks), 100)
    sign = "-" if kopecks < 0 else ""
    return Figure(f"{sign}{whole:,}".replace(",", between) + f",{part:02d}")

"""Money is integer kopecks: parsed at the door, integers inside, formatted at the page. Nothing is ever a float."""

import re

Kopecks = int

NBSP = "\u00a0"
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")
_AMOUNT = re.compile(r"(-?)([0-9]{1,13})(?:[.,]([0-9]{1,2}))?\Z")


def parse(text: str) -> Kopecks:
    """Kopecks from `1234`, `1 234,5`, `1234.56`; spaces of any width are ignored.

    Raises ValueError for anything else, more than two decimals included.
    """
    found = _AMOUNT.match(text.strip().translate(_SPACES))
    if not found:
        raise ValueError(f"not a sum of money: {text!r}")
    sign, rubles, kopecks = found.groups()
    value = int(rubles) * 100 + int((kopecks or "0").ljust(2, "0"))
    return -value if sign else value


def rubles(kopecks: Kopecks) -> str:
    """`1 234,56 ₽` with no-break spaces; the sign is kept, callers say «долг» or «переплата» in words instead."""
    whole, part = divmod(abs(kopecks), 100)
    sign = "\u2212" if kopecks < 0 else ""
    return f"{sign}{whole:,}".replace(",", NBSP) + f",{part:02d}{NBSP}₽"

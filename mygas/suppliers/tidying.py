"""What a person types or pastes as an account number, made plain.

`tidy` serves every supplier alike and never touches a digit's place; what differs is named in the supplier's file and done
by the normalisers below, in the order written there.
"""

import re
import unicodedata
from collections.abc import Callable

LONGEST_TYPED = 100
"""Characters looked at; a longer text is no account number and is not worth a regular expression."""

_FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)}
_BY_CATEGORY = {"Zs": " ", "Cf": "", "Pd": "-"}  # odd spaces; zero-width marks and soft hyphens; dashes
_BY_NAME = {"\u2212": "-", "\u2043": "-"}  # the minus sign and the hyphen bullet are no dashes to Unicode
_LABEL = re.compile(
    r"\A(?:номер ?)?(?:лицев(?:ой|ого) сч[её]та?|л ?[./\\]? ?с(?:ч[её]т|ч)?(?![а-яё])\.?)? ?(?:№|n[o°º]?\.?)? ?:? ?",
    re.IGNORECASE,
)


def tidy(typed: str) -> str:
    """The number without pasted noise: odd spaces, dashes and digits are made plain, «л/с №» and a final point are dropped.

    Raises ValueError when nothing is left, or when the text is too long to be a number.
    """
    if len(typed) > LONGEST_TYPED:
        raise ValueError("too long for an account number")
    plain = "".join(map(_plain, typed.translate(_FULL_WIDTH)))
    plain = " ".join(plain.split())
    plain = _LABEL.sub("", plain).rstrip(" .,;:")
    if not plain:
        raise ValueError("no account number is given")
    return plain


def _plain(character: str) -> str:
    return _BY_NAME.get(character) or _BY_CATEGORY.get(unicodedata.category(character), character)


def strip_spaces(number: str) -> str:
    return number.replace(" ", "")


def strip_hyphens(number: str) -> str:
    return number.replace("-", "")


def strip_leading_zeros(number: str) -> str:
    """Only for suppliers whose printed zeros mean nothing (instruction 001): elsewhere the zero is part of the number."""
    return number.lstrip("0")


def pad_left(number: str, width: str) -> str:
    return number.rjust(int(width), "0")


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "strip_spaces": strip_spaces,
    "strip_hyphens": strip_hyphens,
    "strip_leading_zeros": strip_leading_zeros,
}
_PAD = re.compile(r"pad_left:([1-9]|1[0-9]|20)\Z")


def is_normaliser(name: str) -> bool:
    """Whether `name` may stand in a supplier's `account.normalise`."""
    return name in _NORMALISERS or _PAD.match(name) is not None


def normalise(number: str, names: tuple[str, ...]) -> str:
    """`number` after the named normalisers, one after another."""
    for name in names:
        found = _PAD.match(name)
        number = pad_left(number, found[1]) if found else _NORMALISERS[name](number)
    return number

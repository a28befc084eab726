"""Fonts as those who write with them need them: letters as codes of content streams, and their widths."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


class Codes(dict[int, str]):
    """Letters as two-byte codes inside a PDF string, for str.translate; a letter that the font lacks gets a stand-in."""

    def __missing__(self, letter: int) -> str:
        return "".join(self[ord(other)] for other in _stand_in(chr(letter), lambda base: ord(base) in self))


class Widths(dict[str, int]):
    """Widths of letters in thousandths of the font's size."""

    def __missing__(self, letter: str) -> int:
        return sum(self[other] for other in _stand_in(letter, self.__contains__))


def _stand_in(letter: str, known: Callable[[str], bool]) -> str:
    """What is printed for a letter that a font lacks: its base letter, a space, a dash, «?», or nothing for a bare accent."""
    category = unicodedata.category(letter)
    base = unicodedata.normalize("NFKD", letter)[0]
    if base != letter and known(base):
        return base
    if letter in "\t\n\r" or category.startswith("Z"):
        return " "
    if category in {"Mn", "Me", "Cc", "Cf"}:
        return ""
    return "-" if category == "Pd" else "?"


@dataclass(frozen=True)
class Face:
    """A font to write with. `name` is what content streams call it."""

    name: str
    codes: Codes
    widths: Widths

"""How what a person types is matched with words: without letter case, ё or е, in either keyboard layout."""

import re

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_RUSSIAN = str.maketrans(_LATIN + _LATIN.upper() + '~{}:"<>', _RUSSIAN * 2 + "ёхъжэбю")
_TO_LATIN = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN * 2)

Meanings = list[list[str]]
"""What one typed word may mean; each is a list of words, since punctuation may part them («Ханты-Мансийск»)."""


def fold(text: str) -> str:
    """`text` as it is compared and sorted: without letter case, е for ё."""
    return text.casefold().replace("ё", "е")


def words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def meanings(word: str) -> Meanings:
    """What one typed word may mean: itself, or the same keys in the other layout where they give nothing but letters
    (punctuation may be a letter in the wrong layout: «b;tdcr»)."""
    switched = (word.translate(_TO_RUSSIAN), word.translate(_TO_LATIN))
    return [words(word), *(words(other) for other in switched if re.fullmatch(r"[\w-]+", other))]


def begins(known: frozenset[str], typed: Meanings) -> bool:
    """Whether the typed word, in one of its meanings, begins some word of the known ones."""
    return any(all(any(word.startswith(part) for word in known) for part in parts) for parts in typed)

"""The catalogue of suppliers, and how a person finds his own in it."""

import re
from collections.abc import Iterable, Iterator, Mapping

from mygas.suppliers.rules import Supplier

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_RUSSIAN = str.maketrans(_LATIN + _LATIN.upper() + '~{}:"<>', _RUSSIAN * 2 + "ёхъжэбю")
_TO_LATIN = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN * 2)


class Catalogue(Mapping[str, Supplier]):
    """Suppliers by slug, in the alphabetical order of their names; never changes once made."""

    def __init__(self, suppliers: Iterable[Supplier]) -> None:
        """Raises ValueError when two suppliers share a slug."""
        ordered = sorted(suppliers, key=lambda supplier: fold(supplier.name))
        self._suppliers = {supplier.slug: supplier for supplier in ordered}
        if len(self._suppliers) < len(ordered):
            raise ValueError("two suppliers share a slug")
        self._words = {supplier.slug: _words_of(supplier) for supplier in ordered}

    def __getitem__(self, slug: str) -> Supplier:
        return self._suppliers[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._suppliers)

    def __len__(self) -> int:
        return len(self._suppliers)

    def search(self, text: str) -> tuple[Supplier, ...]:
        """Suppliers of whom every word of `text` begins some word: of the name, the region or an alias.

        The whole name finds its bearer alone. Letter case, ё, spaces and the wrong keyboard layout («gthvm» for «Пермь») do not
        matter; an empty text finds all.
        """
        if named := [supplier for supplier in self._suppliers.values() if _words(supplier.name) == _words(text)]:
            return tuple(named)
        asked = [_readings_of(word) for word in text.split()]
        return tuple(
            supplier
            for slug, supplier in self._suppliers.items()
            if all(_begins(self._words[slug], readings) for readings in asked)
        )


def fold(text: str) -> str:
    """`text` as it is compared and sorted: without letter case, е for ё."""
    return text.casefold().replace("ё", "е")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _words_of(supplier: Supplier) -> frozenset[str]:
    return frozenset(_words(" ".join((supplier.name, supplier.region, *supplier.aliases))))


def _readings_of(word: str) -> list[list[str]]:
    """What one typed word may mean: itself, or the same keys in the other layout where they give nothing but letters.

    Each is a list, since punctuation may part words («Ханты-Мансийск») or be a letter in the wrong layout («b;tdcr»).
    """
    switched = (word.translate(_TO_RUSSIAN), word.translate(_TO_LATIN))
    return [_words(word), *(_words(other) for other in switched if re.fullmatch(r"[\w-]+", other))]


def _begins(words: frozenset[str], readings: list[list[str]]) -> bool:
    return any(all(any(word.startswith(part) for word in words) for part in parts) for parts in readings)

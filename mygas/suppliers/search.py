"""The catalogue of suppliers, and how a person finds his own in it."""

from collections.abc import Iterable, Iterator, Mapping

from mygas.matching import begins, fold, meanings, words
from mygas.suppliers.rules import Supplier


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
        if named := [supplier for supplier in self._suppliers.values() if words(supplier.name) == words(text)]:
            return tuple(named)
        asked = [meanings(word) for word in text.split()]
        return tuple(
            supplier for slug, supplier in self._suppliers.items() if all(begins(self._words[slug], typed) for typed in asked)
        )


def _words_of(supplier: Supplier) -> frozenset[str]:
    return frozenset(words(" ".join((supplier.name, supplier.region, *supplier.aliases))))

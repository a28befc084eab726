"""Help in one place: each text of help_texts/*.toml is an article, and its first sentence is the hint beside a field or section.

A supplier's file may say some of them in his own words (`[help]`). Texts are plain: no markup of theirs reaches a page.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from mygas import matching
from mygas.domain.help_files import OWN, Article, articles
from mygas.suppliers import BadSupplier, Catalogue, Supplier
from mygas.suppliers.rules import HelpWords

TITLE, KEYWORDS, TEXT = 9, 3, 1
"""What a word is worth where it is found."""
_ENDING = re.compile(
    r"(?<=\w{4})"
    r"(?:ами|ями|ого|его|ому|ему|ыми|ими|ах|ях|ам|ям|ов|ев|ей|ая|яя|ое|ее|ые|ие|ый|ий|ой|ую|юю|ом|ем"
    r"|ать|ять|ить|еть|аться|иться|а|я|о|е|у|ю|ы|и|ь"
    r"|ies|ing|es|ed|s|e|y)\Z"
)
"""The longest ending of a word that leaves four letters of it."""
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        "а бы в где для и из как ко к ли мне мой моя моё мои можно на не но о от по почему с то у что это я "
        "a an and are at be by can do does for from how i in is it me my not of on or so the this to what when where which why "
        "with you",
    )
)
LONGEST = 200
"""Characters of a question that are looked at."""


def hint(key: str, supplier: Supplier | None = None, language: str = OWN) -> str:
    """The sentence beside a field or a section. Raises KeyError."""
    return hinted(key, supplier, language).summary


def hinted(key: str, supplier: Supplier | None = None, language: str = OWN) -> Article:
    """The article of that hint. Raises KeyError: a page names only what exists."""
    found = article(key, supplier, language)
    if found is None:
        raise KeyError(key)
    return found


def article(slug: str, supplier: Supplier | None = None, language: str = OWN) -> Article | None:
    """The article, in the words of the supplier where he has his own."""
    known = articles(language).get(slug)
    own = supplier.help.get(slug) if supplier else None
    return _said_by(known, own) if known and own else known


def contents(supplier: Supplier | None = None, language: str = OWN) -> dict[str, list[Article]]:
    """All articles by subject, in the order of the files."""
    subjects: dict[str, list[Article]] = {}
    for one in _all(supplier, language):
        subjects.setdefault(one.subject, []).append(one)
    return subjects


def related(one: Article, language: str = OWN, limit: int = 5) -> list[Article]:
    """Articles about the same, those that share most first."""
    known = articles(language)
    shared = {other.slug: len(set(one.about) & set(other.about)) for other in known.values() if other.slug != one.slug}
    found = [known[slug] for slug, count in shared.items() if count]
    return sorted(found, key=lambda other: -shared[other.slug])[:limit]


def search(text: str, supplier: Supplier | None = None, limit: int = 10, language: str = OWN) -> list[Article]:
    """Articles in which every word of `text` begins some word; where there is none, those in which most do. Best first: a word
    of the title outweighs the keywords, these the text; of two titles the shorter one says it better.

    Letter case, ё, endings and the wrong keyboard layout do not matter; words that say nothing are passed over.
    An article is found by its Russian words in any language.
    """
    asked = [_stemmed(matching.meanings(word)) for word in text[:LONGEST].split() if matching.fold(word) not in _FILLERS]
    told = {one: dict.fromkeys((one, hinted(one.slug, supplier))) for one in _all(supplier, language)}
    weighed = [(one, [_weight(_words_of(*ways), typed) for typed in asked if any(typed)]) for one, ways in told.items()]
    most = max((_found(weights) for _, weights in weighed), default=0)
    best = [(one, sum(weights)) for one, weights in weighed if most and _found(weights) == most]
    return [one for one, _ in sorted(best, key=lambda pair: (-pair[1], len(pair[0].title)))[:limit]]


def fit(catalogue: Catalogue, languages: Iterable[str] = ()) -> Catalogue:
    """The same catalogue. Raises BadSupplier when a supplier has words for what the help does not know, and BadText when the help
    itself is not right, or not whole in one of those languages."""
    for language in languages:
        articles(language)
    for supplier in catalogue.values():
        for slug in supplier.help:
            if slug not in articles():
                raise BadSupplier(f"{supplier.slug}.toml", f"help.{slug}", "is not an article of the help")
    return catalogue


def _all(supplier: Supplier | None, language: str) -> list[Article]:
    return [hinted(slug, supplier, language) for slug in articles(language)]


@cache
def _said_by(one: Article, own: HelpWords) -> Article:
    """The supplier writes in Russian."""
    if own.summary:
        one = replace(one, summary=own.summary, summary_in=OWN)
    return replace(one, text=own.text, text_in=OWN) if own.text else one


@cache
def _words_of(*ways: Article) -> tuple[tuple[int, frozenset[str]], ...]:
    """What an article is found by, in all the ways that it is told, and what each word is worth."""
    parts = {TITLE: [one.title for one in ways], KEYWORDS: [one.keywords for one in ways]}
    parts[TEXT] = [text for one in ways for text in (one.summary, one.text)]
    return tuple((worth, frozenset(matching.words(" ".join(texts)))) for worth, texts in parts.items())


def _weight(parts: tuple[tuple[int, frozenset[str]], ...], typed: matching.Meanings) -> int:
    return next((worth for worth, words in parts if matching.begins(words, typed)), 0)


def _found(weights: list[int]) -> int:
    return sum(weight > 0 for weight in weights)


def _stemmed(typed: matching.Meanings) -> matching.Meanings:
    return [[_stem(word) for word in words] for words in typed if words]


def _stem(word: str) -> str:
    """The word without its ending: what is left begins its other forms («квитанцию», «квитанция»)."""
    return _ENDING.sub("", word)

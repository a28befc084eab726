"""Help in one place: each text of help_texts/*.toml is an article, and its first sentence is the hint beside a field or section.

A supplier's file may say some of them in his own words (`[help]`). Texts are plain: no markup of theirs reaches a page.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mygas import matching
from mygas.suppliers import BadSupplier, Catalogue, Supplier
from mygas.suppliers.rules import HelpWords

Kind = Literal["p", "ul", "ol"]

_FOLDER = Path(__file__).with_name("help_texts")
_KEYS = {"title": str, "summary": str, "text": str, "keywords": str, "about": list, "links": list}
_MARK = re.compile(r"(?:- |([0-9]+)\. )")
TITLE, KEYWORDS, TEXT = 9, 3, 1
"""What a word is worth where it is found."""
_ENDING = re.compile(
    r"(?<=\w{4})"
    r"(?:ами|ями|ого|его|ому|ему|ыми|ими|ах|ях|ам|ям|ов|ев|ей|ая|яя|ое|ее|ые|ие|ый|ий|ой|ую|юю|ом|ем"
    r"|ать|ять|ить|еть|аться|иться|а|я|о|е|у|ю|ы|и|ь)\Z"
)
"""The longest ending of a word that leaves four letters of it."""
_FILLERS = frozenset(
    re.findall(r"\w+", "а бы в где для и из как ко к ли мне мой моя моё мои можно на не но о от по почему с то у что это я")
)
LONGEST = 200
"""Characters of a question that are looked at."""


@dataclass(frozen=True)
class Block:
    """A paragraph (one line), or a list: of steps in order (`ol`), or of anything (`ul`)."""

    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """One text of the help. `summary` is one sentence, which serves as the hint; `about` are the words that relate it to others;
    `links` are (words, path on the portal)."""

    slug: str
    subject: str
    title: str
    summary: str
    text: str
    keywords: str
    about: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for paragraph in self.text.strip().split("\n\n") for block in _blocks(paragraph))


class BadText(Exception):
    """A file of texts is not right; the message names the file, the key and the reason."""


def hint(key: str, supplier: Supplier | None = None) -> str:
    """The sentence beside a field or a section. Raises KeyError."""
    return hinted(key, supplier).summary


def hinted(key: str, supplier: Supplier | None = None) -> Article:
    """The article of that hint. Raises KeyError: a page names only what exists."""
    found = article(key, supplier)
    if found is None:
        raise KeyError(key)
    return found


def article(slug: str, supplier: Supplier | None = None) -> Article | None:
    """The article, in the words of the supplier where he has his own."""
    known = _articles().get(slug)
    own = supplier.help.get(slug) if supplier else None
    return _said_by(known, own) if known and own else known


def contents(supplier: Supplier | None = None) -> dict[str, list[Article]]:
    """All articles by subject, in the order of the files."""
    subjects: dict[str, list[Article]] = {}
    for one in _all(supplier):
        subjects.setdefault(one.subject, []).append(one)
    return subjects


def related(one: Article, limit: int = 5) -> list[Article]:
    """Articles about the same, those that share most first."""
    shared = {other.slug: len(set(one.about) & set(other.about)) for other in _articles().values() if other.slug != one.slug}
    found = [_articles()[slug] for slug, count in shared.items() if count]
    return sorted(found, key=lambda other: -shared[other.slug])[:limit]


def search(text: str, supplier: Supplier | None = None, limit: int = 10) -> list[Article]:
    """Articles in which every word of `text` begins some word; where there is none, those in which most do. Best first: a word
    of the title outweighs the keywords, these the text; of two titles the shorter one says it better.

    Letter case, ё, endings and the wrong keyboard layout do not matter; words that say nothing are passed over.
    """
    asked = [_stemmed(matching.meanings(word)) for word in text[:LONGEST].split() if matching.fold(word) not in _FILLERS]
    weighed = [(one, [_weight(_words_of(one), typed) for typed in asked if any(typed)]) for one in _all(supplier)]
    most = max((_found(weights) for _, weights in weighed), default=0)
    best = [(one, sum(weights)) for one, weights in weighed if most and _found(weights) == most]
    return [one for one, _ in sorted(best, key=lambda pair: (-pair[1], len(pair[0].title)))[:limit]]


def fit(catalogue: Catalogue) -> Catalogue:
    """The same catalogue. Raises BadSupplier when a supplier has words for what the help does not know."""
    for supplier in catalogue.values():
        for slug in supplier.help:
            if slug not in _articles():
                raise BadSupplier(f"{supplier.slug}.toml", f"help.{slug}", "is not an article of the help")
    return catalogue


def _all(supplier: Supplier | None) -> list[Article]:
    return [found for slug in _articles() if (found := article(slug, supplier))]


@cache
def _said_by(one: Article, own: HelpWords) -> Article:
    return replace(one, summary=own.summary or one.summary, text=own.text or one.text)


@cache
def _words_of(one: Article) -> tuple[tuple[int, frozenset[str]], ...]:
    parts = ((TITLE, one.title), (KEYWORDS, one.keywords), (TEXT, f"{one.summary} {one.text}"))
    return tuple((worth, frozenset(matching.words(part))) for worth, part in parts)


def _weight(parts: tuple[tuple[int, frozenset[str]], ...], typed: matching.Meanings) -> int:
    return next((worth for worth, words in parts if matching.begins(words, typed)), 0)


def _found(weights: list[int]) -> int:
    return sum(weight > 0 for weight in weights)


def _stemmed(typed: matching.Meanings) -> matching.Meanings:
    return [[_stem(word) for word in words] for words in typed if words]


def _stem(word: str) -> str:
    """The word without its ending: what is left begins its other forms («квитанцию», «квитанция»)."""
    return _ENDING.sub("", word)


@cache
def _articles() -> dict[str, Article]:
    """The texts by slug. Raises BadText."""
    found: dict[str, Article] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        for one in read(path):
            if one.slug in found:
                raise BadText(f"{path.name}: {one.slug}: is told twice")
            found[one.slug] = one
    return found


def read(path: Path) -> list[Article]:
    """The articles of one file. Raises BadText."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise BadText(f"{path.name}: is not TOML in UTF-8: {error}") from error
    subject = table.pop("subject", None)
    if not isinstance(subject, str):
        raise BadText(f"{path.name}: subject: is missing")
    return [_article(slug, subject, section, f"{path.name}: {slug}") for slug, section in table.items()]


def _article(slug: str, subject: str, section: Any, place: str) -> Article:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", slug) or not isinstance(section, dict):
        raise BadText(f"{place}: must be a section named by small Latin letters and hyphens")
    for key in _KEYS.keys() - {"links"} - section.keys():
        raise BadText(f"{place}.{key}: is missing")
    for key, value in section.items():
        if not isinstance(value, _KEYS.get(key, ())) or not value:
            raise BadText(f"{place}.{key}: is not a key, or is not what it must be")
    links = tuple((str(words), str(path)) for words, path in section.pop("links", []))
    return Article(slug, subject, **{**section, "about": tuple(section["about"])}, links=links)


def _blocks(paragraph: str) -> list[Block]:
    """The lines of a paragraph, those of a list together; a line without a mark goes on with the one before it."""
    blocks: list[Block] = []
    for line in filter(None, map(str.strip, paragraph.split("\n"))):
        mark = _MARK.match(line)
        kind: Kind = "p" if not mark else "ol" if mark[1] else "ul"
        said = line[mark.end() :] if mark else line
        if blocks and (not mark or blocks[-1].kind == kind):
            before = blocks[-1].lines
            lines = (*before, said) if mark else (*before[:-1], f"{before[-1]} {said}")
            blocks[-1] = Block(blocks[-1].kind, lines)
        else:
            blocks.append(Block(kind, (said,)))
    return blocks

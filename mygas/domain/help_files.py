"""The files of the help: help_texts/*.toml in Russian and, in a folder for each other language, their words alone.

Which articles there are, what they are about and where their links lead is told once, in the Russian files.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mygas import toml_tables
from mygas.toml_tables import BadFile, Place

OWN = "ru"
FOLDER = Path(__file__).with_name("help_texts")
Kind = Literal["p", "ul", "ol"]

_WORDS: dict[str, type] = {"title": str, "summary": str, "text": str, "keywords": str}
_KEYS: dict[str, type] = {**_WORDS, "about": list, "links": list}
_MARK = re.compile(r"(?:- |([0-9]+)\. )")


@dataclass(frozen=True)
class Block:
    """A paragraph (one line), or a list: of steps in order (`ol`), or of anything (`ul`)."""

    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """One text of the help. `summary` is one sentence, which serves as the hint; `about` are the words that relate it to others;
    `links` are (words, path on the portal). `summary_in` and `text_in` are the languages that these two are written in: a
    supplier's own words are Russian everywhere."""

    slug: str
    subject: str
    title: str
    summary: str
    text: str
    keywords: str
    about: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()
    summary_in: str = OWN
    text_in: str = OWN

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for paragraph in self.text.strip().split("\n\n") for block in _blocks(paragraph))


class BadText(BadFile):
    """A file of the help is not right; the message names the file, the key and the reason."""


@cache
def articles(language: str = OWN) -> dict[str, Article]:
    """The texts by slug, in the order of the files. Raises BadText."""
    found: dict[str, Article] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for one in read(path) if language == OWN else translated(FOLDER / language / path.name, read(path)):
            if one.slug in found:
                raise BadText(path.name, one.slug, "is told twice")
            found[one.slug] = one
    for path in sorted(FOLDER.glob(f"{language}/*.toml")):
        if not (FOLDER / path.name).exists():
            raise BadText(f"{language}/{path.name}", "", "translates no file of the help")
    return found


def read(path: Path) -> list[Article]:
    """The articles of one Russian file. Raises BadText."""
    place = Place(path.name, BadText)
    subject, table = _table(path, place)
    return [_article(slug, subject, section, place.inside(slug)) for slug, section in table.items()]


def translated(path: Path, source: list[Article]) -> list[Article]:
    """Those articles in the words of that file. Raises BadText where one of the two has what the other has not."""
    place = Place(f"{path.parent.name}/{path.name}", BadText)
    if not path.exists():
        raise place.refuse("is missing: its articles wait for their translation")
    subject, table = _table(path, place)
    for slug in table.keys() - {one.slug for one in source}:
        raise place.inside(slug).refuse("is not an article of the Russian file")
    for one in source:
        if one.slug not in table:
            raise place.inside(one.slug).refuse("is missing: the article waits for its translation")
    return [_told_in(path.parent.name, one, subject, table[one.slug], place.inside(one.slug)) for one in source]


def _told_in(language: str, one: Article, subject: str, section: Any, place: Place) -> Article:
    _check(section, {**_WORDS, "links": list} if one.links else _WORDS, place)
    words = section.pop("links", [])
    if len(words) != len(one.links):
        raise place.inside("links").refuse(f"must be words for {len(one.links)} links")
    links = tuple((str(said), path) for said, (_, path) in zip(words, one.links, strict=True))
    return replace(one, subject=subject, links=links, summary_in=language, text_in=language, **section)


def _table(path: Path, place: Place) -> tuple[str, dict[str, Any]]:
    """The subject of a file, and its sections."""
    table = toml_tables.read(path, place)
    subject = table.pop("subject", None)
    if not isinstance(subject, str):
        raise place.inside("subject").refuse("is missing")
    return subject, table


def _article(slug: str, subject: str, section: Any, place: Place) -> Article:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", slug):
        raise place.refuse("must be a section named by small Latin letters and hyphens")
    _check(section, _KEYS, place)
    links = tuple((str(words), str(path)) for words, path in section.pop("links", []))
    return Article(slug, subject, **{**section, "about": tuple(section["about"])}, links=links)


def _check(section: Any, keys: dict[str, type], place: Place) -> None:
    """Only links may be left out."""
    if not isinstance(section, dict):
        raise place.refuse("must be a section of keys")
    for key in keys.keys() - {"links"} - section.keys():
        raise place.inside(key).refuse("is missing")
    for key, value in section.items():
        if not isinstance(value, keys.get(key, ())) or not value:
            raise place.inside(key).refuse("is not a key, or is not what it must be")


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

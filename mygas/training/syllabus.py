"""Reads the lessons: one TOML file a lesson, refused as a whole if any file is not right.

They are Russian; translated.py reads what they say in other languages. A step says what to do and how it is noticed that it was
done: by the request that did it. So lessons need no code of their own.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from mygas import toml_tables
from mygas.toml_tables import BadFile, Place

FOLDER = Path(__file__).parent / "lessons"
_DEED = re.compile(r"(GET|POST) ([a-z_]+\.[a-z_]+)(?:/([a-z-]+))? ([1-5][0-9]{2})\Z")
_AIM = re.compile(r"([a-z_]+\.[a-z_]+)(?:/([a-z-]+|\{[a-z_]+\}))?\Z")


class BadLesson(BadFile):
    """A lesson's file is not right; the message names the file, the dotted key (steps are counted from 1) and the reason."""

    whose = "a lesson's file"


@dataclass(frozen=True)
class Deed:
    """A request as it was answered. `slug` is the step of a wizard; a 303 that htmx was told in another way counts as one."""

    method: str
    endpoint: str
    slug: str
    status: int

    def is_like(self, other: "Deed") -> bool:
        """Whether the other one is such a deed; without a slug, any step of the wizard will do."""
        return replace(other, slug=self.slug and other.slug) == self


@dataclass(frozen=True)
class _Told:
    """`enter` are pairs of a field's label (or its beginning) and what to put there; a tick is put where it says TICK. `press` is
    the name of a button or a link. `in_turn`: noticed only when its turn has come, for deeds that other steps and other lessons
    ask for too.
    """

    say: str
    why: str
    look: str
    said: str
    enter: tuple[tuple[str, str], ...] = ()
    press: str = ""
    in_turn: bool = False


@dataclass(frozen=True)
class _Row(_Told):
    """A step as it is written."""

    done: str = ""
    go: str = ""


@dataclass(frozen=True)
class Step(_Told):
    """A step: what is said of it, the deed by which it is noticed, where it happens: an endpoint (or ""), one of its pages."""

    deed: Deed = Deed("", "", "", 0)
    aim: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class _Head:
    slug: str
    place: int
    title: str
    about: str
    minutes: int
    audience: Literal["subscriber", "staff"]
    praise: str
    after: str = ""
    any_order: bool = False
    afresh: bool = False


@dataclass(frozen=True)
class Lesson(_Head):
    """`place` orders the lessons; `praise` stands at the end. `after` is the slug of the lesson that had better come first;
    `any_order`: no step needs the one before; `afresh`: only somebody new can go through it again."""

    steps: tuple[Step, ...] = ()


TICK = "отметьте"

Syllabus = Mapping[str, Lesson]
"""Lessons by slug, in their order."""


def load(folder: Path, routes: Collection[tuple[str, str]], values: Collection[str]) -> Syllabus:
    """All lessons of `folder/*.toml`. `routes` are the pairs (method, endpoint) that exist, `values` the names of placeholders.

    Raises BadLesson at the first fault found.
    """
    lessons = [_load_one(path, routes, values) for path in sorted(folder.glob("*.toml"))]
    if not lessons:
        raise BadLesson(str(folder), "", "holds no lessons (*.toml)")
    known = {lesson.slug: lesson for lesson in sorted(lessons, key=lambda lesson: lesson.place)}
    for lesson in lessons:
        if lesson.after and lesson.after not in known:
            raise BadLesson(f"{lesson.slug}.toml", "after", f"names no lesson: {lesson.after!r}")
        if twin := next((one for one in lessons if one.place == lesson.place and one is not lesson), None):
            raise BadLesson(f"{lesson.slug}.toml", "place", f"is the same as in {twin.slug}.toml")
    return known


def _load_one(path: Path, routes: Collection[tuple[str, str]], values: Collection[str]) -> Lesson:
    place = Place(path.name, BadLesson)
    table = toml_tables.read(path, place)
    if "slug" in table:
        raise place.inside("slug").refuse("is not a key: the name of the file is the slug")
    rows = table.pop("steps", [])
    if not isinstance(rows, list) or not rows:
        raise place.inside("steps").refuse("must be a list of steps")
    head = toml_tables.section(_Head, {"slug": path.stem, **table}, place)
    if head.minutes < 1:
        raise place.inside("minutes").refuse("must be at least 1")
    steps = [_step(row, place.inside(f"steps.{number}"), routes, values) for number, row in enumerate(rows, 1)]
    return Lesson(**vars(head), steps=tuple(steps))


def _step(row: Any, place: Place, routes: Collection[tuple[str, str]], values: Collection[str]) -> Step:
    written: _Row = toml_tables.section(_Row, row, place)
    for key, text in _texts(written):
        if unknown := [name for name in placeholders(text, place.inside(key)) if name not in values]:
            raise place.inside(key).refuse(f"has no value for {{{unknown[0]}}}; there are {', '.join(sorted(values))}")
    told = {field.name: getattr(written, field.name) for field in fields(_Told)}
    deed, aim = _deed(written.done, place.inside("done")), _aim(written.go, place.inside("go"))
    if (deed.method, deed.endpoint) not in routes:
        raise place.inside("done").refuse(f"nothing answers {deed.method} {deed.endpoint}")
    if aim[0] and ("GET", aim[0]) not in routes:
        raise place.inside("go").refuse(f"there is no page {aim[0]}")
    return Step(**told, deed=deed, aim=aim)


def _deed(text: str, place: Place) -> Deed:
    if not (found := _DEED.match(text)):
        raise place.refuse("must be like `POST join.step/contact 303`: method, endpoint, slug or none, status")
    return Deed(found[1], found[2], found[3] or "", int(found[4]))


def _aim(text: str, place: Place) -> tuple[str, str]:
    if not text:
        return "", ""
    if not (found := _AIM.match(text)):
        raise place.refuse("must be like `join.step/contact`: endpoint, which of its pages or none")
    return found[1], found[2] or ""


def _texts(step: _Row) -> Iterable[tuple[str, str]]:
    """Everything of a step that may hold placeholders."""
    yield from ((key, getattr(step, key)) for key in ("say", "why", "look", "said", "press", "go"))
    yield from (("enter", text) for pair in step.enter for text in pair)


def placeholders(text: str, place: Place) -> list[str]:
    """The names that stand in braces. Raises BadLesson."""
    try:
        return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise place.refuse(f"has braces that do not match: {error}") from error

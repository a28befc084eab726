"""The lessons in another language: a folder beside theirs holds, for each file, one with its texts alone.

What is done and where stays in the Russian files. A text that one of the two has and the other has not is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from mygas import toml_tables
from mygas.toml_tables import Place
from mygas.training.syllabus import BadLesson, Lesson, Step, Syllabus, placeholders


@dataclass(frozen=True)
class _Head:
    title: str
    about: str
    praise: str


@dataclass(frozen=True)
class _Row:
    say: str
    why: str
    look: str
    said: str
    enter: tuple[tuple[str, str], ...] = ()
    press: str = ""


def load(folder: Path, source: Syllabus) -> Syllabus:
    """The lessons of `source` in the words of `folder/*.toml`. Raises BadLesson at the first fault found."""
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in source:
            raise BadLesson(f"{folder.name}/{path.name}", "", "translates no lesson")
    return {slug: _lesson(folder, lesson) for slug, lesson in source.items()}


def _lesson(folder: Path, lesson: Lesson) -> Lesson:
    path = folder / f"{lesson.slug}.toml"
    place = Place(f"{folder.name}/{path.name}", BadLesson)
    if not path.exists():
        raise place.refuse("is missing: the lesson waits for its translation")
    table = toml_tables.read(path, place)
    rows = table.pop("steps", [])
    if not isinstance(rows, list) or len(rows) != len(lesson.steps):
        raise place.inside("steps").refuse(f"must be a list of {len(lesson.steps)} steps, as in {lesson.slug}.toml")
    head = toml_tables.section(_Head, table, place)
    steps = [
        _step(row, step, place.inside(f"steps.{number}"))
        for number, (row, step) in enumerate(zip(rows, lesson.steps, strict=True), 1)
    ]
    return replace(lesson, **vars(head), steps=tuple(steps))


def _step(row: Any, step: Step, place: Place) -> Step:
    told: _Row = toml_tables.section(_Row, row, place)
    for field in fields(_Row):
        here, there = getattr(told, field.name), getattr(step, field.name)
        if bool(here) != bool(there) or (field.name == "enter" and len(here) != len(there)):
            raise place.inside(field.name).refuse("must be there, and of the same length, exactly when the Russian step has it")
        if _values(here, place.inside(field.name)) != _values(there, place.inside(field.name)):
            raise place.inside(field.name).refuse("has other {placeholders} than the Russian step")
    return replace(step, **vars(told))


def _values(text: str | Iterable[tuple[str, str]], place: Place) -> list[list[str]]:
    """The placeholders of a text, or of each text of the pairs."""
    texts = [text] if isinstance(text, str) else [each for pair in text for each in pair]
    return [sorted(placeholders(each, place)) for each in texts]

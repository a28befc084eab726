"""Reads tables of TOML into dataclasses: a field is a key, a nested class is a section, the annotation is the type.

Whoever keeps data in such files names his own fault: a subclass of BadFile, raised at the first thing that is not right.
"""

import re
import tomllib
import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

_TYPE_NAMES = {str: "text in quotes", int: "a whole number", bool: "true or false"}


class BadFile(Exception):
    """A file is not right; the message names the file, the dotted key and the reason."""

    whose = "a file"

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, key, reason) if part))
        self.file = file
        self.key = key
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Where in which file we read, what is raised when it is not right there, and which keys may hold empty text."""

    file: str
    fault: type[BadFile]
    may_be_empty: frozenset[str] = frozenset()
    key: str = ""

    def inside(self, name: str) -> "Place":
        return replace(self, key=f"{self.key}.{name}" if self.key else name)

    def refuse(self, reason: str) -> BadFile:
        return self.fault(self.file, self.key, reason)


def read(path: Path, place: Place) -> dict[str, Any]:
    """The table of a file. Raises the fault of its place."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise place.refuse(f"is not TOML in UTF-8: {error}") from error


def section(kind: Any, table: Any, place: Place) -> Any:
    """The dataclass `kind` filled from a TOML table: no key more, no key less; only fields with a default may be left out."""
    if not isinstance(table, dict):
        raise place.refuse("must be a section of keys")
    known = {field.name: field for field in fields(kind)}
    for name in table:
        if name not in known:
            raise place.inside(name).refuse(f"is not a key of {place.fault.whose}")
    for name, field in known.items():
        if name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise place.inside(name).refuse("is missing")
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value, place.inside(name)) for name, value in table.items()})


def _value(kind: Any, value: Any, place: Place) -> Any:
    """`value` of TOML as the annotation `kind` wants it."""
    reader = section if is_dataclass(kind) else _READERS.get(get_origin(kind) or kind, _scalar)
    return reader(kind, value, place)


def _scalar(kind: Any, value: Any, place: Place) -> Any:
    if type(value) is not kind:  # not isinstance: to Python true is an int
        raise place.refuse(f"must be {_TYPE_NAMES[kind]}")
    if isinstance(value, str) and not value.strip() and place.key not in place.may_be_empty:
        raise place.refuse("is empty")
    return value


def _optional(kind: Any, value: Any, place: Place) -> Any:
    """`int | None`: TOML has no null, such a key is left out instead."""
    return _value(get_args(kind)[0], value, place)


def _choice(kind: Any, value: Any, place: Place) -> Any:
    if value not in get_args(kind):
        raise place.refuse(f"must be one of {', '.join(map(repr, get_args(kind)))}")
    return value


def _list(kind: Any, value: Any, place: Place) -> tuple[Any, ...]:
    """A list of any length of one kind, or, for `tuple[str, str]`, of exactly as many items."""
    if not isinstance(value, list):
        raise place.refuse("must be a list")
    parts = get_args(kind)
    kinds = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
    if len(kinds) != len(value):
        raise place.refuse(f"must hold lists of {len(kinds)} items")
    return tuple(_value(each, item, place) for each, item in zip(kinds, value, strict=True))


def _by_name(kind: Any, value: Any, place: Place) -> dict[str, Any]:
    """A section whose keys are names of things; what they may be is checked by who knows the things."""
    if not isinstance(value, dict):
        raise place.refuse("must be a section of keys")
    return {name: _value(get_args(kind)[1], each, place.inside(name)) for name, each in value.items()}


def _pattern(_kind: Any, value: Any, place: Place) -> re.Pattern[str]:
    try:
        return re.compile(_scalar(str, value, place), re.ASCII)
    except re.error as error:
        raise place.refuse(f"is not a regular expression: {error}") from error


def _time_zone(_kind: Any, value: Any, place: Place) -> ZoneInfo:
    try:
        return ZoneInfo(_scalar(str, value, place))
    except (ValueError, KeyError, OSError) as error:
        raise place.refuse(f"is not a time zone: {value!r}; Russian ones are like Asia/Yekaterinburg") from error


_READERS: dict[Any, Callable[[Any, Any, Place], Any]] = {
    types.UnionType: _optional,
    Literal: _choice,
    dict: _by_name,
    tuple: _list,
    re.Pattern: _pattern,
    ZoneInfo: _time_zone,
}

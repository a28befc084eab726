"""Addresses as a browser knows them: with the path that the portal hangs under, which Flask keeps apart. And numbers in them."""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1  # of numbers that a row may have: a database is not asked of a larger one, for it breaks on it


class Number(IntegerConverter):
    """`<int:…>` of the routes."""

    def __init__(self, map: Map, **limits: Any) -> None:
        super().__init__(map, **{"max": LARGEST, **limits})


def register(app: Flask) -> None:
    """Call it before there are routes."""
    app.url_map.converters["int"] = Number


def number(name: str) -> int | None:
    """What the query gives under that name, if a row may have such a number."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 <= found <= LARGEST else None


def here() -> str:
    """The address of this request, without its query: fit for an `action`, for `next`, for a redirection."""
    return request.script_root + request.path


def here_with_query() -> str:
    """The address as it was asked for."""
    return (request.script_root + request.full_path).rstrip("?")


def parted(named: str | None) -> SplitResult:
    """An address that a browser names, in its parts; all empty where it names none, or what is none."""
    try:
        return urlsplit(named or "")
    except ValueError:
        return urlsplit("")


def is_under(name: str) -> bool:
    """Whether this page belongs to the pages `/name/…` of the portal."""
    return request.path.startswith(f"/{name}/")


def within(path: str) -> str:
    """That path of the host as the routes of this portal know it; empty for what lies outside of the portal."""
    root = request.script_root
    return path.removeprefix(root) if path.startswith(f"{root}/") else ""

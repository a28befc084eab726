"""Where we are, in addresses as a browser knows them: with the path that the portal hangs under, which Flask keeps apart."""

from flask import request


def here() -> str:
    """The address of this request, without its query: fit for an `action`, for `next`, for a redirection."""
    return request.script_root + request.path


def here_with_query() -> str:
    """The address as it was asked for."""
    return (request.script_root + request.full_path).rstrip("?")


def is_under(name: str) -> bool:
    """Whether this page belongs to the pages `/name/…` of the portal."""
    return request.path.startswith(f"/{name}/")


def within(path: str) -> str:
    """That path of the host as the routes of this portal know it; empty for what lies outside of the portal."""
    root = request.script_root
    return path.removeprefix(root) if path.startswith(f"{root}/") else ""

"""Static files: read, packed and named by their content once, and sent from memory: they are seventy kilobytes in all."""

import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from mygas.web import packing

FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=600"  # asked for without the edition: by manifests and old links
SERVICE_WORKER = "sw.js"
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_BY_DEVICE = "@media (prefers-color-scheme:dark)"
_REMARK = re.compile(r"/\*.*?\*/\n*", re.DOTALL)
_THEMES = {"dark": "@media all", "light": "@media not all"}


@dataclass(frozen=True)
class File:
    """A file as it is sent: plain, and in every packing that makes it smaller. `tag` names its edition in addresses."""

    body: bytes
    tag: str
    type: str
    packed: dict[str, bytes]


def register(app: Flask) -> None:
    """Take the place of Flask's own view of static files; every address of theirs names the edition."""
    folder = Path(app.static_folder or "")
    app.extensions["statics"] = read(folder)
    app.view_functions["static"] = _send
    app.url_defaults(_name_edition)


def stylesheet(theme: str = "") -> str:
    """The name of the stylesheet's edition for a chosen theme: dark, light, or as the device has it."""
    return f"app-{theme}.css" if theme in _THEMES else "app.css"


STYLESHEETS = tuple(map(stylesheet, ("", *_THEMES)))


@lru_cache(maxsize=4)
def read(folder: Path) -> dict[str, File]:
    """By name. The stylesheet goes without its remarks: it stands inside every first page."""
    bodies = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    css = _REMARK.sub("", bodies["app.css"].decode())
    bodies["app.css"] = css.encode()
    for theme, media in _THEMES.items():
        bodies[stylesheet(theme)] = css.replace(_BY_DEVICE, media).encode()
    return {name: _file(name, body) for name, body in bodies.items()}


def _file(name: str, body: bytes) -> File:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "text/plain")
    packed = {} if kind == "image/png" else packing.best(body)
    return File(body, sha256(body).hexdigest()[:8], kind, packed)


def _name_edition(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (file := current_app.extensions["statics"].get(values.get("filename"))):
        values.setdefault("v", file.tag)


def _send(filename: str) -> Response:
    file: File = current_app.extensions["statics"].get(filename) or abort(404)
    encoding = packing.accepted()
    encoding = encoding if encoding in file.packed else ""
    response = Response(file.packed.get(encoding, file.body), content_type=_content_type(file))
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == file.tag else FOR_NOW
    response.set_etag(file.tag + encoding)
    if filename == SERVICE_WORKER:
        response.headers["Service-Worker-Allowed"] = url_for("start.sign_in")  # it lies in a folder, and watches the whole portal
    return response.make_conditional(request)


def _content_type(file: File) -> str:
    return file.type if file.type.startswith("image/png") else f"{file.type}; charset=utf-8"

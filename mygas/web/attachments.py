"""Files to save, under Russian names."""

from typing import Literal
from urllib.parse import quote

from flask import Response


def named(response: Response, name: str, fallback: str, kind: Literal["attachment", "inline"] = "attachment") -> Response:
    """Name the file of the answer (RFC 6266); `fallback` is ASCII, for programs that know no other."""
    response.headers["Content-Disposition"] = f"{kind}; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
    return response

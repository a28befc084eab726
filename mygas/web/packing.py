"""Answers made smaller for the wire: which packing the browser takes, and which pages may be packed at all."""

import gzip
from collections.abc import Callable

import brotli
from flask import Flask, request
from werkzeug.wrappers import Response

WORTH = 500
"""Bytes below which packing spares no round trip."""
_OURS = ("same-origin", "none")  # Sec-Fetch-Site of a page asked for by our own page, or by a person's own hand

_BEST: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=11)),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
_QUICK: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


def register(app: Flask) -> None:
    """Pack pages when all else has been done to them. To be called before those that dress answers: Flask goes backwards."""
    app.after_request(_pack)


def best(body: bytes) -> dict[str, bytes]:
    """The body in every packing that makes it smaller: for what is packed once and sent many times."""
    packed = {name: pack(body) for name, pack in _BEST.items()}
    return {name: smaller for name, smaller in packed.items() if len(smaller) < len(body)}


def accepted() -> str:
    """The best packing that the browser asks for; empty when it asks for none (IE11 and old WebKit never ask for brotli)."""
    return next((name for name in _BEST if request.accept_encodings.quality(name) > 0), "")


def _pack(response: Response) -> Response:
    if response.mimetype != "text/html" or response.is_streamed or response.content_length == 0:
        return response
    response.vary.add("Accept-Encoding")
    encoding = accepted()
    if encoding and len(body := response.get_data()) >= WORTH and not _may_be_probed(response):
        response.set_data(_QUICK[encoding](body))
        response.headers["Content-Encoding"] = encoding
    return response


def _may_be_probed(response: Response) -> bool:
    """Whether a stranger could have chosen words that this page repeats: beside a secret, the length of the packed page would
    tell him how near his guess is (BREACH; docs/decisions/0011-packing.md)."""
    asked_plainly = request.method in ("GET", "HEAD") and not request.query_string and response.status_code == 200
    return not asked_plainly and request.headers.get("Sec-Fetch-Site") not in _OURS

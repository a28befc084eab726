"""Headers on every answer, and the one way that styles reach a page (pages.md §1.5, §4.5)."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from flask import Flask, current_app, g, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from mygas.web import appearance, statics

_SELF = "'self'"


@dataclass(frozen=True)
class Styles:
    """A stylesheet: inlined on a browser's first page, a cached file afterwards. `tag` names its edition in the cookie."""

    name: str
    text: str
    tag: str
    csp_hash: str


def register(app: Flask) -> None:
    """Hash the stylesheet's editions once and dress every answer. To be called when the static files have been read."""
    app.extensions["styles"] = {name: _styles(name, app.extensions["statics"][name]) for name in statics.STYLESHEETS}
    app.after_request(_dress)


def _styles(name: str, file: statics.File) -> Styles:
    return Styles(name, file.body.decode(), file.tag, base64.b64encode(sha256(file.body).digest()).decode())


def styles() -> Styles:
    """The stylesheet of this request, in the theme that its browser asked for."""
    made: dict[str, Styles] = current_app.extensions["styles"]
    return made[statics.stylesheet(appearance.chosen().edition)]


def inline_css() -> Markup | None:
    """The stylesheet for the page's head on a browser's first visit, None when it has the file already."""
    g.inlines_css = not _has(styles())
    return own_css() if g.inlines_css else None


def own_css() -> Markup:
    """The stylesheet, to be written inside a page."""
    return Markup(styles().text)  # noqa: S704 - our own file


def let_forms_lead_to(origins: Iterable[str]) -> None:
    """Let this page's forms end at other origins (`https://host`): a browser applies `form-action` to the redirect after a
    POST too. To be called by each view that draws such a page, the 422 of its POST included."""
    g.form_action = " ".join([_SELF, *origins])


def _dress(response: Response) -> Response:
    settings = current_app.extensions["settings"]
    css = styles()
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{css.csp_hash}'; img-src 'self'; media-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action {g.get('form_action', _SELF)}; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" or response.status_code >= 400:
        headers.setdefault("Cache-Control", "no-store, no-cache")  # lynx keeps what only must not be stored
        response.vary.add("HX-Request")
        if g.get("inlines_css"):
            response.set_cookie(
                settings.cookie("c"), css.tag, max_age=365 * 24 * 3600, path=settings.cookie_path, samesite="Lax",
                secure=settings.secure, httponly=True,
            )  # fmt: skip
    return response


def _has(edition: Styles) -> bool:
    """Whether this browser says that it has the present edition."""
    return request.cookies.get(current_app.extensions["settings"].cookie("c")) == edition.tag

"""How somebody wants pages to look, and in which language: one cookie of this browser, read by every page."""

from dataclasses import asdict, dataclass

from flask import current_app, request
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas import speech

COOKIE = "view"
OFFERED = {
    "text": ("t0", "t1", "t2"),
    "contrast": ("c0", "hc"),
    "theme": ("auto", "light", "dark"),
    "language": (speech.OWN, *speech.OTHERS),
}
"""What may be chosen, by field of Look; the first is the usual one. No word stands in two of them."""
_CLASSES = ("t1", "t2", "hc")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Look:
    """One word of OFFERED for each."""

    text: str = "t0"
    contrast: str = "c0"
    theme: str = "auto"
    language: str = speech.OWN

    @property
    def classes(self) -> str:
        """For `<html>`: the habits of app.css that are not its usual ones."""
        return " ".join(word for word in (self.text, self.contrast) if word in _CLASSES)

    @property
    def edition(self) -> str:
        """The theme of the stylesheet; high contrast is black on white by day and by night."""
        return "light" if self.contrast == "hc" else self.theme

    @property
    def schemes(self) -> str:
        """For the meta tag color-scheme: how the browser may draw fields and scroll bars."""
        return self.edition if self.edition != "auto" else "light dark"

    def __str__(self) -> str:
        return ".".join(asdict(self).values())


def chosen() -> Look:
    """What this browser asked for; where it asked for nothing yet, the language of who is signed in. Words that nobody offers
    are left out: the cookie may be anybody's invention."""
    cookie = request.cookies.get(current_app.extensions["settings"].cookie(COOKIE))
    if cookie is None:
        return Look(language=current_user.user.language) if current_user.is_authenticated else Look()
    words = cookie.split(".")
    return Look(**{name: next(filter(words.__contains__, offered), offered[0]) for name, offered in OFFERED.items()})


def remember(response: Response, look: Look) -> Response:
    settings = current_app.extensions["settings"]
    response.set_cookie(
        settings.cookie(COOKIE), str(look), max_age=_YEAR, path=settings.cookie_path, samesite="Lax", secure=settings.secure,
        httponly=True,
    )  # fmt: skip
    return response

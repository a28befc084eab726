"""The languages of pages: Russian as it is written in the code, others by the catalogues in translations/.

Catalogues are read as they are edited (.po): there is no compiled file that could be forgotten or disagree.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context
from flask_babel import Domain, get_babel, get_locale

from mygas.extensions import babel
from mygas.web import appearance

OWN = "ru"
OTHERS = tuple(code for code in appearance.OFFERED["language"] if code != OWN)
FOLDER = Path(__file__).resolve().parents[2] / "translations"


class Catalogues(Domain):  # type: ignore[misc]
    """Where gettext finds its sentences."""

    def get_translations(self) -> NullTranslations:
        return _catalogue((get_locale() or Locale(OWN)).language)


def register(app: Flask) -> None:
    """Let each request speak the language that was chosen, and what is made outside of one Russian.

    Accept-Language is not asked: it tells of the machine's seller more often than of its user (docs/decisions/0012-languages.md).
    """
    babel.domain_instance = Catalogues()
    get_babel(app).locale_selector = lambda: appearance.chosen().language if has_request_context() else OWN
    app.jinja_env.globals["language"] = language


def language() -> str:
    """Of this page, for `lang`."""
    return str((get_locale() or Locale(OWN)).language)


def is_russian() -> bool:
    return language() == OWN


def figure(russian: str) -> str:
    """«1 234,56» with a decimal point where the language has one. Groups are parted by spaces everywhere: what is read here and
    typed there is never taken for a thousand times more or less."""
    return russian if is_russian() else russian.replace(",", ".")


@cache
def _catalogue(code: str) -> NullTranslations:
    """Sentences that wait for a translation stay Russian."""
    path = FOLDER / code / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as text:
        catalogue: Any = read_po(text, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)

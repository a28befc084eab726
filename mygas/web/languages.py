"""The language of a page: the one that was chosen in this browser (appearance.Look)."""

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, has_request_context
from flask_babel import Domain, get_babel, get_locale

from mygas import speech
from mygas.extensions import babel
from mygas.speech import OWN, Speech
from mygas.web import appearance
from mygas.words import Refused


class Catalogues(Domain):  # type: ignore[misc]
    """Where gettext finds its sentences."""

    def get_translations(self) -> NullTranslations:
        return speech.catalogue(language())


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


def spoken() -> Speech:
    """How this page speaks."""
    return Speech(language())


def is_russian() -> bool:
    return language() == OWN


def refusal(refused: Refused) -> str:
    """The sentence of the refusal, for this page."""
    return spoken().say(refused.sentence, **refused.values)

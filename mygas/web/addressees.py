"""Who answers questions in this installation: of its settings and of the catalogue in hand."""

from flask import Flask, current_app
from flask_babel import gettext

from mygas.domain.addressees import PORTAL, PORTAL_NAME, Addressee, Addressees
from mygas.web.layout import PORTAL_ZONE


def register(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.extensions["portal_support"] = Addressee(
        slug=PORTAL,
        name=PORTAL_NAME,
        email=settings.support_email,
        phone="",
        answer_days=settings.support_days,
        copied=settings.support_copy,
        time_zone=PORTAL_ZONE,
    )


def known() -> Addressees:
    """All of them, the portal's own support first."""
    return Addressees(current_app.extensions["portal_support"], current_app.extensions["suppliers"])


def name(slug: str) -> str:
    """What people call the addressee; a supplier that left the catalogue, by his slug."""
    return gettext(known()[slug].name) if slug in known() else slug

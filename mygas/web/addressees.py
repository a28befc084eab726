"""Who answers questions in this installation: made once, of the settings and the catalogue."""

from flask import Flask, current_app
from flask_babel import gettext

from mygas.domain import addressees
from mygas.domain.addressees import PORTAL, PORTAL_NAME, Addressee, Addressees
from mygas.web.layout import PORTAL_ZONE


def register(app: Flask) -> None:
    settings = app.extensions["settings"]
    portal = Addressee(
        slug=PORTAL,
        name=PORTAL_NAME,
        email=settings.support_email,
        phone="",
        answer_days=settings.support_days,
        copied=settings.support_copy,
        time_zone=PORTAL_ZONE,
    )
    app.extensions["addressees"] = addressees.known(portal, app.extensions["suppliers"])


def known() -> Addressees:
    """All of them, the portal's own support first."""
    found: Addressees = current_app.extensions["addressees"]
    return found


def name(slug: str) -> str:
    """What people call the addressee; a supplier that left the catalogue, by his slug."""
    return gettext(known()[slug].name) if slug in known() else slug

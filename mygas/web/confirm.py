"""The link of a letter: a page with a button. Mail scanners that open links confirm nothing (product.md C2)."""

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import confirmations, login_changes, profile, recovery, registration
from mygas.domain.work import unit_of_work
from mygas.web import access, change_login, join, languages, recover, second_contact, steps
from mygas.web.access import open_to
from mygas.web.layout import notify
from mygas.words import Refused

bp = Blueprint("confirm", __name__)

_JOURNEYS = {
    "join": (join.journey, registration.mark_confirmed),
    "recover": (recover.journey, recovery.mark_confirmed),
    "login": (change_login.journey, login_changes.mark_confirmed),
    "second": (second_contact.journey, profile.mark_confirmed),
}


@bp.get("/confirm/<token>")
@open_to("anyone")
def link(token: str) -> tuple[str, int] | str:
    confirmation = confirmations.find_link(token)
    if confirmation is None:
        return render_template("join/link_over.html", why=gettext(confirmations.LINK_OVER)), 410
    return render_template("join/link.html", confirmation=confirmation, action=url_for("confirm.use", token=token))


@bp.post("/confirm/<token>")
@open_to("anyone")
def use(token: str) -> Response | tuple[str, int]:
    """Confirm; from now on this browser carries the journey on, and no other."""
    visitor = access.visitor()
    try:
        with unit_of_work():
            confirmation, draft, old_ref = confirmations.use_link(token)
            journey, mark_confirmed = _JOURNEYS[confirmation.purpose]
            result = mark_confirmed(draft, visitor, confirmation, same_browser=steps.holds(journey, old_ref))
            go_on = steps.move_on(journey, draft, visitor, result)
    except Refused as refusal:
        return render_template("join/link_over.html", why=languages.refusal(refusal)), 410
    notify("good", gettext("Адрес подтверждён."))
    return go_on()

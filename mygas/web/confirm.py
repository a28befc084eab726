"""The link of a letter: a page with a button. Mail scanners that open links confirm nothing (product.md C2)."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import confirmations, recovery, registration
from mygas.domain.work import unit_of_work
from mygas.web import join, recover, steps
from mygas.web.access import open_to
from mygas.web.layout import notify
from mygas.words import Refused

bp = Blueprint("confirm", __name__)

_JOURNEYS = {"join": (join.journey, registration.mark_confirmed), "recover": (recover.journey, recovery.mark_confirmed)}


@bp.get("/confirm/<token>")
@open_to("anyone")
def link(token: str) -> tuple[str, int] | str:
    confirmation = confirmations.find_link(token)
    if confirmation is None:
        return render_template("join/link_over.html"), 410
    return render_template("join/link.html", confirmation=confirmation, action=url_for("confirm.use", token=token))


@bp.post("/confirm/<token>")
@open_to("anyone")
def use(token: str) -> Response | tuple[str, int]:
    """Confirm; from now on this browser carries the journey on, and no other."""
    try:
        with unit_of_work():
            confirmation, draft, old_ref = confirmations.use_link(token)
            journey, mark_confirmed = _JOURNEYS[confirmation.purpose]
            mark_confirmed(draft, confirmation, same_browser=steps.holds(journey, old_ref))
    except Refused:
        return render_template("join/link_over.html"), 410
    steps.keep_draft(journey, draft)
    notify("good", gettext("Адрес подтверждён."))
    following = journey.wizard.current(draft.answers) or journey.wizard.steps[0]
    return redirect(url_for(f"{journey.wizard.name}.step", slug=following.slug), 303)

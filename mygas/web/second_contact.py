"""The second contact: wizard SECOND_CONTACT, and its removal."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import confirmations, present_password, profile
from mygas.domain.drafts import Draft
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.web import access, steps
from mygas.web.access import open_to
from mygas.web.forms import contacts as contact_forms
from mygas.web.forms import own as forms
from mygas.web.join import send_again
from mygas.web.layout import notify
from mygas.web.settings import bp as settings
from mygas.web.settings import form_page, late, prove
from mygas.wizard import Step, Wizard
from mygas.words import N_

bp = Blueprint("second_contact", __name__)

SECOND_CONTACT = Wizard(
    "second_contact",
    (
        Step("contact", N_("Второй контакт"), forms.second_contact, profile.start, lambda d: d.get("contact"), prepare=prove),
        Step("code", N_("Подтверждение"), contact_forms.code, profile.confirm, lambda d: d.get("kept_at"), reopen=False),
    ),
)


@bp.route("/settings/contact/<slug>", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def step(slug: str) -> Response:
    return steps.run(journey, slug)


@bp.post("/settings/contact/code/again")
@open_to("user")
def again() -> Response:
    """Another code, in place of the last."""
    return send_again(journey)


@settings.route("/contact/remove", methods=["GET", "POST"])
@open_to("user", form_checks_token=True)
def remove_contact() -> Response:
    visitor, form = access.visitor(), forms.PresentPasswordForm()

    def forget() -> Response:
        proof = present_password.check(visitor, form.present.data)
        with unit_of_work():
            profile.remove_second(visitor, proof)
        notify("good", gettext("Второй контакт удалён."))
        return redirect(url_for("settings.profile"), 303)

    return form_page("settings/remove_contact.html", form, forget, user=current_user.user)


def _finish(_draft: Draft, visitor: Visitor, user: profile.User) -> Callable[[], Response]:
    here = visitor.user is not None and visitor.user.id == user.id

    def arrive() -> Response:
        notify("good", gettext("Второй контакт подтверждён."))
        return redirect(url_for("settings.profile" if here else "start.sign_in"), 303)

    return arrive


def _context(step: Step, draft: Draft | None, _visitor: Visitor) -> Mapping[str, Any]:
    return {"waiting": confirmations.waiting(draft)} if step.slug == "code" and draft else {}


journey = steps.Journey(SECOND_CONTACT, _finish, _context, late)

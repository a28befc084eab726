"""«Согласия»: what the user has consented to, its text and paper, consent anew, withdrawal. Open without a consent in force."""

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from mygas.domain import consents
from mygas.domain.consents import Consent
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.web import access, attachments, languages
from mygas.web.access import open_to
from mygas.web.forms.contacts import RenewForm
from mygas.web.layout import day, notify
from mygas.web.settings import bp
from mygas.words import Refused


@bp.route("/consents", methods=["GET", "POST"], endpoint="consents")
@open_to("user", without_consent=True)
def listed() -> AnyResponse:
    """All consents; above them, where none is in force for the newest edition, the form to give it."""
    form = None if current_user.consented else RenewForm(sha256=consents.current().sha256, next=request.args.get("next"))
    if form is not None and request.method == "POST" and form.validate():
        try:
            with unit_of_work():
                consents.give(access.visitor(), current_user.user, form.sha256.data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            notify("good", gettext("Согласие дано. Личный кабинет снова открыт."))
            return access.leave(access.safe_next(form.next.data) or url_for("accounts.index"))
    if form is None and request.method == "POST":
        return redirect(url_for("settings.consents"), 303)  # a button pressed twice
    given = [(one, consents.edition(one.version).day) for one in consents.given(current_user.user)]
    page = render_template("settings/consents.html", form=form, document=consents.current(), given=given)
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.get("/consents/<ref>")
@open_to("user", without_consent=True)
def consent(ref: str) -> str:
    """One consent with the very text it was given to, however old."""
    found = _mine(ref)
    sentence, values = consents.how_proved(found)
    return render_template("settings/consent.html", consent=found, document=consents.edition(found.version),
                           proof=languages.spoken().say(sentence, **values))  # fmt: skip


@bp.get("/consents/<ref>/consent.pdf")
@open_to("user", without_consent=True)
def consent_pdf(ref: str) -> Response:
    """The same as a paper, drawn while no transaction is open."""
    found = _mine(ref)
    paper = consents.paper(found)
    db.session.rollback()
    response = Response(current_app.extensions["papers"].consent(paper), mimetype="application/pdf")
    name = gettext("Согласие, редакция %(version)s.pdf", version=day(paper.edition))
    return attachments.named(response, name, f"consent-{found.version}.pdf")


@bp.route("/consents/<ref>/withdraw", methods=["GET", "POST"])
@open_to("user", without_consent=True)
def withdraw(ref: str) -> AnyResponse:
    """What will follow is said first; the button is on that page alone."""
    found = _mine(ref)
    if request.method == "GET" and found.withdrawn_at is None:
        return make_response(render_template("settings/withdraw.html", consent=found))
    if request.method == "POST":
        try:
            with unit_of_work():
                consents.withdraw(access.visitor(), current_user.user)
            notify("info", gettext("Согласие отозвано."))
        except Refused as refusal:
            notify("info", languages.refusal(refusal))
    return redirect(url_for("settings.consents"), 303)


def _mine(ref: str) -> Consent:
    """404 for what is not the user's own."""
    return consents.find(current_user.user, ref) or abort(404)

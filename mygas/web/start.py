"""Sign-in and sign-out, the suppliers' own entry pages."""

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import passwords, signing_in
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.suppliers import Supplier
from mygas.web import access, appearance, headers
from mygas.web.access import open_to
from mygas.web.forms.contacts import SignInForm
from mygas.web.layout import notify
from mygas.words import Refused

bp = Blueprint("start", __name__)


@bp.route("/", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def sign_in() -> Response:
    return _sign_in(None)


@bp.route("/s/<slug>/", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def entry(slug: str) -> Response:
    """A supplier's own entrance: its name, its rules for logins and confirmation, carried through registration."""
    return _sign_in(current_app.extensions["suppliers"].get(slug) or abort(404))


@bp.post("/sign-out")
@open_to("anyone")
def sign_out() -> Response:
    if current_user.is_authenticated:
        with unit_of_work():
            signing_in.end_session(current_user.key, access.visitor())
    answer = access.dismiss(redirect(url_for("start.sign_in"), 303))
    # instruction 000, letter by letter
    notify("good", gettext("Мы рады, что Вы воспользовались услугой ЛК Мой ГАЗ. Желаем приятной работы!"))
    return answer


@bp.get("/offline")
@open_to("anyone")
def offline() -> str:
    """What static/sw.js keeps for when there is no connection: nothing personal, and whole in one file."""
    suppliers = current_app.extensions["suppliers"].values()
    return render_template("errors/offline.html", suppliers=suppliers, css=headers.own_css(), view=appearance.chosen())


def _sign_in(supplier: Supplier | None) -> Response:
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("accounts.index"), 303)
    visitor = access.visitor(supplier.slug if supplier else "")
    form = SignInForm(next=request.values.get("next"))
    form.under(visitor, riddle=signing_in.needs_riddle(request.form.get("login", ""), visitor))
    if request.method == "POST" and form.validate():
        try:
            return _enter(form, visitor)
        except Refused as refusal:
            form.refuse(refusal)
    form.before_page()
    action = url_for("start.entry", slug=supplier.slug) if supplier else url_for("start.sign_in")
    page = render_template(
        "start/sign_in.html", form=form, action=action, supplier=supplier, rules=visitor.rules, lessons=_lessons(supplier)
    )
    return make_response(page, 422 if request.method == "POST" else 200)


def _lessons(supplier: Supplier | None) -> str:
    """Where one may try everything out, at this supplier if it is known; empty where one may not."""
    lessons: str = current_app.extensions["settings"].lessons
    return f"{lessons}s/{supplier.slug}/" if lessons and supplier else lessons


def _enter(form: SignInForm, visitor: Visitor) -> Response:
    """The password is hashed between two transactions, never inside one."""
    assert form.contact is not None, "the form was validated"  # noqa: S101
    with unit_of_work():
        attempt = signing_in.attempt(form.contact, visitor)
    right = passwords.verify(attempt.password_hash, form.password.data)
    stale = right and attempt.password_hash is not None and passwords.needs_rehash(attempt.password_hash)
    new_hash = passwords.hashed(form.password.data) if stale else None
    with unit_of_work():
        key = signing_in.open_session(attempt, visitor, password_right=right, new_hash=new_hash)
    return access.admit(access.leave(access.safe_next(form.next.data) or url_for("accounts.index")), key)

"""The pages that the training portal has beside those of the real one, and what it draws into each: the place of the coach."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.validators import InputRequired

from mygas.domain import limits
from mygas.domain.work import unit_of_work
from mygas.networks import network_of
from mygas.settings import Settings
from mygas.training import learners
from mygas.training.learners import Learner
from mygas.web import access, languages
from mygas.web.access import open_to
from mygas.web.forms import Form
from mygas.web.layout import name_the_page, notify
from mygas.words import N_, Refused

bp = Blueprint("training", __name__)
bp.after_request(name_the_page)

OPEN_TO_STRANGERS = ("static", "start.offline", "training.begin", "health.alive", "health.ready", "hooks.hear")
NEWCOMERS = 60  # an hour from one network: two classes at once
MESSAGES = 20  # newest ones, on the training phone


class BeginForm(Form):
    supplier = RadioField(
        N_("Какая региональная газовая компания Вас обслуживает?"), validators=[InputRequired(N_("Выберите компанию из списка."))]
    )


def register(app: Flask) -> None:
    """Hang the pages in, and let nobody go further who has no training receipt."""
    app.register_blueprint(bp)
    app.before_request(_know_the_learner)
    app.context_processor(_coach)


@bp.route("/begin", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def begin() -> Response:
    """The choice of a supplier; then a training receipt of one's own. Begun again, it is another one."""
    form = BeginForm(supplier=request.args.get("entry"))
    form.supplier.choices = [(supplier.slug, supplier.name) for supplier in current_app.extensions["suppliers"].values()]
    if request.method == "POST" and form.validate():
        try:
            return _begin(form.supplier.data)
        except Refused as refusal:
            form.refuse(refusal)
    page = render_template("training/begin.html", form=form)
    return make_response(page, 422 if request.method == "POST" else 200)


@bp.get("/phone")
@open_to("anyone")
def phone() -> str:
    """«Учебный телефон»: what was sent to this learner's made-up contacts, newest first."""
    return render_template("training/phone.html", messages=messages_to(learner(), MESSAGES))


def learner() -> Learner:
    """Who learns in this browser."""
    known: Learner = learner_here() or abort(404)
    return known


def messages_to(somebody: Learner, limit: int) -> list[dict[str, str]]:
    """The newest messages to his contacts, newest first: `at` (ISO 8601), `to`, `channel` ("sms", "email"), `text`."""
    found: list[dict[str, str]] = current_app.extensions["screen"](limit, to=somebody.contacts)
    return found


def renew(learner: Learner, facts: Mapping[str, Any]) -> Response:
    """Another receipt and telephone for him, of whom all else that was noted is kept, with these facts beside it."""
    try:
        fresh = _fresh(learner.supplier)
    except Refused as refusal:
        notify("warn", languages.refusal(refusal))
        return redirect(url_for("classroom.index"), 303)
    with unit_of_work():
        learners.note(fresh, {**learners.progress(learner), **facts})
    return _seated(fresh, url_for("start.sign_in"))


def _begin(slug: str) -> Response:
    return _seated(_fresh(slug), url_for("classroom.index"))


def _fresh(slug: str) -> Learner:
    with unit_of_work():
        if limits.hit("learner", network_of(request.remote_addr or ""), per=timedelta(hours=1)).count > NEWCOMERS:
            raise Refused(N_("Из Вашей сети начали обучение уже очень многие. Попробуйте, пожалуйста, через час."))
    return learners.begin(current_app.extensions["suppliers"][slug], current_app.extensions["settings"])


def _seated(fresh: Learner, then: str) -> Response:
    """Let this browser be the fresh learner's, signed out of all that it was signed in to."""
    settings: Settings = current_app.extensions["settings"]
    response = access.leave(then)
    if current_user.is_authenticated:  # by the lesson before
        access.dismiss(response)
    value = f"{current_app.extensions['shift']}.{fresh.ref}"
    response.set_cookie(
        settings.cookie("learner"), value, path=settings.cookie_path, httponly=True, secure=settings.secure, samesite="Lax"
    )
    return response


def _know_the_learner() -> Response | None:
    if request.endpoint is None or request.endpoint in OPEN_TO_STRANGERS or learner_here():
        return None
    entry = (request.view_args or {}).get("slug") if request.endpoint == "start.entry" else None
    return access.leave(url_for("training.begin", entry=entry))


def learner_here() -> Learner | None:
    """Who learns in this browser, if anybody; read once a request."""
    if "learner" not in g:
        settings: Settings = current_app.extensions["settings"]
        _, _, ref = request.cookies.get(settings.cookie("learner"), "").partition(".")
        g.learner = learners.find(ref)
    found: Learner | None = g.learner
    return found


def _coach() -> dict[str, Any]:
    """What stands at the head of every page: a template's name, and what it needs."""
    return {"coach": "training/coach.html", "learner": learner_here()}

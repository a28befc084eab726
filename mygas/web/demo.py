"""Demo mode only: the messages that would have left the machine, and the kit that pages are made of."""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mygas.web.access import open_to
from mygas.web.forms import kit as forms

bp = Blueprint("demo", __name__)


@bp.get("/demo/messages")
@open_to("anyone")
def messages() -> str:
    """The newest fifty, newest first."""
    return render_template("start/messages.html", messages=current_app.extensions["screen"](50))


@bp.route("/help/kit", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def kit() -> Response:
    """Every macro of ui/kit.html in every state."""
    plain = forms.kit()
    if request.method == "POST" and plain.validate():
        return redirect(url_for("demo.kit"), 303)
    page = render_template("start/kit.html", plain=plain, wrong=forms.kit("wrong-", wrong=True), kinds=forms.KINDS)
    return make_response(page, 422 if request.method == "POST" else 200)

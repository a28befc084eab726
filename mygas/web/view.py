"""«Вид и язык»: a page without scripts, linked in the footer of every page, that leads back to where one came from.

It is of this browser; the language is of who is signed in as well, for he is written to in it.
"""

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import force_locale, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from mygas.domain import profile
from mygas.domain.work import unit_of_work
from mygas.web import access, addresses, appearance
from mygas.web.access import open_to
from mygas.web.forms import view as forms
from mygas.web.layout import notify

bp = Blueprint("view", __name__)


@bp.route("/view", methods=["GET", "POST"])
@open_to("anyone", form_checks_token=True)
def page() -> Response:
    form = forms.view(appearance.chosen(), _came_from())
    if request.method == "POST" and form.validate():
        look = appearance.Look(**form.answer())
        if current_user.is_authenticated and current_user.user.language != look.language:
            with unit_of_work():
                profile.choose_language(current_user.user.id, look.language)
        with force_locale(look.language):
            notify("good", gettext("Вид страниц сохранён в этом браузере."))
        target = access.safe_next(form.next.data) or url_for("start.sign_in")
        return appearance.remember(access.leave(target), look)  # the frame looks different now
    return make_response(render_template("view.html", form=form), 422 if request.method == "POST" else 200)


def _came_from() -> str | None:
    """The page whose footer was used. It is told by the browser where it can: after a step that htmx swapped in, the link in
    the footer still names the step before."""
    referrer = addresses.parted(request.referrer)
    told = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    if request.method == "GET" and referrer.netloc == request.host and referrer.path != addresses.here():
        return told
    return request.values.get("next")

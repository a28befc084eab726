"""«Мои данные»: an archive of all that the portal keeps of the user. Open without a consent in force."""

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from werkzeug.wsgi import wrap_file

from mygas.domain import my_data as archives
from mygas.domain.my_data import MyData
from mygas.domain.work import unit_of_work
from mygas.web import access, attachments
from mygas.web.access import open_to
from mygas.web.forms import Form
from mygas.web.layout import day_of
from mygas.web.settings import bp, form_page


@bp.route("/data", methods=["GET", "POST"])
@open_to("user", form_checks_token=True, without_consent=True)
def my_data() -> AnyResponse:
    """What is in an archive, the button to ask for one, those asked for before."""

    def ask() -> AnyResponse:
        with unit_of_work():
            ref = archives.ask(access.visitor(), current_user.user).ref
        return redirect(url_for("settings.archive", ref=ref), 303)

    return form_page(
        "settings/my_data.html", Form(), ask, asked=archives.asked_before(current_user.user), most=archives.MOST_A_DAY
    )


@bp.get("/data/<ref>")
@open_to("user", without_consent=True)
def archive(ref: str) -> AnyResponse:
    """What became of the archive: being made, ready, not to be had. 204 to who waits on the page for more."""
    found = _mine(ref)
    state = "gone" if found.state == "ready" and not current_app.extensions["my_data"].has(ref) else found.state
    if request.headers.get("HX-Trigger") == "waiting" and state == "waiting":
        return Response(status=204)
    return make_response(render_template("settings/archive.html", archive=found, state=state))


@bp.get("/data/<ref>/file")
@open_to("user", without_consent=True)
def archive_file(ref: str) -> AnyResponse:
    """The file itself, sent bit by bit, kept nowhere on its way."""
    found = _mine(ref)
    file = current_app.extensions["my_data"].open(ref) if found.state == "ready" else None
    if file is None:
        return redirect(url_for("settings.archive", ref=ref), 303)
    response = Response(wrap_file(request.environ, file), mimetype="application/zip", direct_passthrough=True)
    response.content_length = found.size
    response.headers["Cache-Control"] = "no-store"
    on = day_of(found.asked_at, "")
    return attachments.named(response, gettext("Мои данные %(day)s.zip", day=on), f"my-data-{on}.zip")


def _mine(ref: str) -> MyData:
    """404 for what is not the user's own."""
    return archives.find(current_user.user, ref) or abort(404)
